// The chips above an amount fill the field in; typing takes the mark off them.

function mark(field) {
  for (const chip of document.querySelectorAll("[data-amount]")) {
    chip.setAttribute("aria-pressed", String(chip.dataset.amount === field.value.trim()));
  }
}

const field = document.querySelector(".amount-box input");

if (field) {
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-amount]");
    if (!chip) return;
    field.value = chip.dataset.amount;
    mark(field);
  });
  field.addEventListener("input", () => mark(field));
  mark(field);
}
