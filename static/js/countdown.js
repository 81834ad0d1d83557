// What is left until a moment: the page says when, this adds how long. The server alone decides.

const language = document.documentElement.lang;
const unit = (name, count) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(count);

function left(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${unit("hour", Math.floor(minutes / 60))} ${unit("minute", minutes % 60)}`;
  if (minutes >= 1) return unit("minute", minutes);
  return unit("second", Math.max(seconds, 0));
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const seconds = Math.floor((Date.parse(place.dataset.countdown) - Date.now()) / 1000);
    place.textContent = left(seconds);
  }
}

tick();
setInterval(tick, 1000);
