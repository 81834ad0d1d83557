// Keeps the parts of a page marked data-live up to date without reloading it.
"use strict";

const PAUSE = 1000;

async function refresh() {
  const shown = document.querySelectorAll("[data-live]");
  if (document.hidden || document.activeElement?.closest("[data-live]")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-live]");
  shown.forEach((part, place) => {
    if (!fresh[place] || part.innerHTML === fresh[place].innerHTML) return;
    const wasAtEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
    part.innerHTML = fresh[place].innerHTML;
    part.dispatchEvent(new CustomEvent("refreshed", { bubbles: true, detail: { wasAtEnd } }));
  });
}

(async function keep() {
  for (;;) {
    await new Promise((done) => setTimeout(done, PAUSE));
    try { await refresh(); } catch { /* the sandbox is restarting: try again */ }
  }
})();
