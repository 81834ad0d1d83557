// A touch copies a code; a phone's thread stays at its newest message.
"use strict";

document.addEventListener("click", async (event) => {
  const code = event.target.closest("[data-copy]");
  if (!code) return;
  getSelection().selectAllChildren(code);
  try { await navigator.clipboard.writeText(code.dataset.copy); } catch { document.execCommand("copy"); }
  code.classList.add("is-copied");
  code.title = "Copied";
  // Focus would stop the thread from refreshing.
  code.blur();
  setTimeout(() => code.classList.remove("is-copied"), 1200);
});

if (document.querySelector(".thread")) {
  scrollTo(0, document.body.scrollHeight);
  document.addEventListener("refreshed", (event) => { if (event.detail.wasAtEnd) scrollTo(0, document.body.scrollHeight); });
}
