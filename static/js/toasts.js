// Toasts: messages that can be put away, and notices that arrive while the page is open.

const region = document.getElementById("toasts");
const known = new Set();

function watch(toast) {
  toast.querySelector("button")?.addEventListener("click", () => toast.remove());
  if (toast.matches(".toast-error, .toast-warning")) return;
  let timer = setTimeout(() => toast.remove(), 9000);
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
}

function show(content, kind) {
  const toast = document.getElementById("toast-blank").content.firstElementChild.cloneNode(true);
  if (kind) toast.classList.add(`toast-${kind}`);
  toast.querySelector(".toast-text").append(...content);
  region.append(toast);
  watch(toast);
}

function ring(sheet) {
  const unseen = [...sheet.querySelectorAll(".notice[data-unseen]")];
  for (const notice of unseen.filter((item) => !known.has(item.id)).slice(0, 3)) {
    known.add(notice.id);
    show([...notice.querySelector(".notice-text").cloneNode(true).childNodes]);
  }
  document.getElementById("bell-dot").hidden = unseen.length === 0;
}

document.documentElement.classList.add("js");
region.querySelectorAll(".toast").forEach(watch);

document.addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target.id !== "notices") return;
  if (requestConfig.triggeringEvent?.type === "sse:notice") ring(target);
  else document.getElementById("bell-dot").hidden = true;
});

// What has just rung stays as it rang, with its marks, when the bell is opened.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (elt.id !== "notices" || requestConfig.triggeringEvent?.type !== "toggle") return;
  document.getElementById("bell-dot").hidden = true;
  if (elt.querySelector(".notice")) event.preventDefault();
});

// A passkey that was put away is no fault of anybody's: say so, in our own words.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show([region.dataset.passkeyProblem], "warning");
});

document.addEventListener("keydown", (event) => {
  const bell = document.querySelector(".bell[open]");
  if (event.key !== "Escape" || !bell) return;
  bell.open = false;
  bell.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  const bell = document.querySelector(".bell[open]");
  if (bell && !bell.contains(event.target)) bell.open = false;
});
