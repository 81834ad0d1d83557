// The six boxes of a code: drawings beside one real field, which keeps typing, pasting and autofill as they are.

const DIGITS = 6;

function draw(input, boxes, masked) {
  const { value } = input;
  boxes.forEach((box, place) => {
    const digit = value[place] ?? "";
    box.textContent = digit && masked ? "•" : digit;
    box.toggleAttribute("data-filled", digit !== "");
    box.toggleAttribute("data-next", place === Math.min(value.length, DIGITS - 1));
  });
}

function enhance(holder) {
  if (holder.classList.contains("code-ready")) return;
  const input = holder.querySelector("input");
  const row = document.createElement("span");
  row.className = "code-boxes";
  row.setAttribute("aria-hidden", "true");
  const boxes = Array.from({ length: DIGITS }, () => {
    const box = document.createElement("span");
    box.className = "code-box";
    row.append(box);
    return box;
  });
  // The browser would cut a pasted "123 456" at six characters before we could drop its space.
  input.removeAttribute("maxlength");
  input.after(row);
  holder.classList.add("code-ready");
  const masked = holder.classList.contains("code-secret");
  const toEnd = () => input.setSelectionRange(input.value.length, input.value.length);
  input.addEventListener("input", () => {
    input.value = input.value.replace(/[^0-9]/g, "").slice(0, DIGITS);
    draw(input, boxes, masked);
  });
  input.addEventListener("focus", toEnd);
  input.addEventListener("click", toEnd);
  draw(input, boxes, masked);
}

function enhanceAll(root) {
  root.querySelectorAll("[data-code]").forEach(enhance);
}

enhanceAll(document);
document.addEventListener("htmx:load", (event) => enhanceAll(event.detail.elt.parentElement ?? document));
