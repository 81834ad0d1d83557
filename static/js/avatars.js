// A picture that does not load gives way to the letter behind it; the network's pictures come and go.

const IS_PICTURE = ".avatar img";

// Errors of pictures do not bubble, so they are caught on their way down.
document.addEventListener("error", (event) => event.target.matches?.(IS_PICTURE) && event.target.remove(), true);

for (const picture of document.querySelectorAll(IS_PICTURE)) {
  if (picture.complete && !picture.naturalWidth) picture.remove();
}
