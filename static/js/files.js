// Says the name and size of a chosen file before it is sent, and refuses one that would be too large.

const LARGEST = 8 * 1024 * 1024;
const field = document.querySelector("[data-files]");
const chosen = document.querySelector("[data-chosen]");

function size(bytes) {
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  const words = { style: "unit", unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, words).format(amount);
}

field?.addEventListener("change", () => {
  const [file] = field.files;
  chosen.hidden = !file;
  chosen.textContent = file ? `${file.name} · ${size(file.size)}` : "";
  field.setAttribute("aria-invalid", String(Boolean(file) && file.size > LARGEST));
});
