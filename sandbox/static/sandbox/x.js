// The timeline refreshes itself, posts without leaving the page, and counts characters as X weighs them.
"use strict";

const page = document.getElementById("timeline-page");
const timeline = document.getElementById("timeline");
const dialog = document.getElementById("composer-dialog");

// --- What is new ---------------------------------------------------------------------------------
let since = page?.dataset.since ?? "";
let isAsking = false;

async function refresh() {
  if (!since || isAsking || document.hidden) return;
  isAsking = true;
  try {
    const response = await fetch(`/x/since/${since}`);
    if (response.status !== 200) return;
    const news = await response.json();
    since = news.newest;
    if (page.dataset.live === "threads") news.threads.forEach(show);
    else await redraw();
  } catch { /* the sandbox is away: ask again later */ } finally { isAsking = false; }
}

function show({ id, html }) {
  const old = timeline.querySelector(`[data-thread="${id}"]`);
  if (!html) { old?.remove(); return; }
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const thread = holder.content.firstElementChild;
  thread.classList.add("is-new");
  timeline.querySelector(".empty")?.remove();
  if (old) { old.replaceWith(thread); return; }
  const next = [...timeline.children].find((other) => BigInt(other.dataset.thread) < BigInt(id));
  timeline.insertBefore(thread, next ?? null);
}

async function redraw() {
  const response = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("timeline");
  if (fresh) timeline.replaceChildren(...fresh.childNodes);
}

setInterval(refresh, 1500);
document.addEventListener("visibilitychange", refresh);

// --- How long it is --------------------------------------------------------------------------------
const LINK = /https?:\/\/[^\s<>"']*[\w/#=&%+-]/giu;
const EMOJI = /\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)*/gu;
const LIGHT = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];

function weight(text) {
  let total = 0;
  const rest = text.normalize("NFC").trim()
    .replace(LINK, () => { total += 23; return ""; })
    .replace(EMOJI, (emoji) => { if ([...emoji].length === 1) return emoji; total += 2; return ""; });
  for (const character of rest) {
    const code = character.codePointAt(0);
    total += LIGHT.some(([first, last]) => first <= code && code <= last) ? 1 : 2;
  }
  return total;
}

function count(form) {
  const left = 280 - weight(form.elements.text.value);
  const output = form.querySelector(".count");
  output.value = left;
  output.classList.toggle("is-low", left < 20 && left >= 0);
  output.classList.toggle("is-over", left < 0);
  output.title = left < 0 ? "A long post: X shows the beginning, the rest on demand" : "";
  form.querySelector("[type=submit]").disabled = !form.elements.text.value.trim();
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-composer]");
  if (form) count(form);
});
document.querySelectorAll("[data-composer]").forEach(count);

// --- Writing ---------------------------------------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  event.preventDefault();
  const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  if (!response.ok) {
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    form.querySelector(".problem").textContent = answer.querySelector(".problem")?.textContent || "That did not work.";
    return;
  }
  const isElsewhere = !timeline;
  form.reset();
  form.querySelector(".problem").textContent = "";
  count(form);
  if (dialog.open) dialog.close();
  if (isElsewhere) location.assign("/x/");
  else await refresh();
});

document.addEventListener("click", async (event) => {
  const chip = event.target.closest("[data-say]");
  if (chip) {
    const form = document.querySelector(".x-column [data-composer]");
    form.elements.text.value = chip.dataset.say;
    form.elements.text.focus();
    count(form);
    return;
  }
  const opener = event.target.closest("[data-compose]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = new DOMParser().parseFromString(await (await fetch(opener.href)).text(), "text/html");
  dialog.replaceChildren(answer.querySelector("[data-compose-content]"));
  dialog.showModal();
  const form = dialog.querySelector("[data-composer]");
  form.elements.text.focus();
  count(form);
});

dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-composer]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
