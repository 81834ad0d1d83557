// A form that a passkey signs: asked for when the form is sent, with what the page says is confirmed. No module: the page
// has no form to send before this is in place.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const answer = form.querySelector("input[data-passkey]");
  if (!answer || answer.value) return;
  event.preventDefault();
  try {
    const options = JSON.parse(document.getElementById(answer.dataset.passkey).textContent);
    answer.value = JSON.stringify(await globalThis.webauthnJSON.get(options));
    form.submit();
  } catch (exception) {
    document.dispatchEvent(new CustomEvent("allauth.error", { detail: { exception }, cancelable: true }));
  }
});
