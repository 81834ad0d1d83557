// A part of the page that looks itself up again stays as it is, errors and typing too, while nothing changed.

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (!target.dataset.state) return;
  const fresh = new DOMParser().parseFromString(serverResponse, "text/html").getElementById(target.id);
  if (fresh?.dataset.state === target.dataset.state) event.detail.shouldSwap = false;
});
