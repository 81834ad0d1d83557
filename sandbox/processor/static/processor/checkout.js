// The hosted page's comfort: grouping, brand, what is wrong as soon as it can be known, test cards. The server checks again.
"use strict";

const form = document.querySelector("[data-checkout]");
const words = JSON.parse(document.getElementById("words").textContent);
const { number, expiry, cvc, holder } = form.elements;
const brand = form.querySelector("[data-brand]");
const digits = (text) => text.replace(/[^0-9]/g, "");
const groups = (text) => (digits(text).slice(0, 19).match(/.{1,4}/g) || []).join(" ");

function luhn(text) {
  let sum = 0;
  [...text].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}

const CHECKS = {
  number(text) {
    const typed = digits(text);
    if (!typed) return words.required;
    if (typed.length < 13) return words.number_short;
    return luhn(typed) ? "" : words.number_wrong;
  },
  expiry(text) {
    if (!text.trim()) return words.required;
    const typed = /^(0?[1-9]|1[0-2]) ?\/ ?(?:20)?([0-9]{2})$/.exec(text.trim());
    if (!typed) return words.expiry_wrong;
    const end = new Date(2000 + Number(typed[2]), Number(typed[1]), 1);
    return end <= new Date() ? words.expiry_past : "";
  },
  cvc(text) {
    if (!text) return words.required;
    return /^[0-9]{3}$/.test(text) ? "" : words.cvc_wrong;
  },
  holder(text) {
    return text.trim() ? "" : words.required;
  },
};

function check(field) {
  const problem = CHECKS[field.name](field.value);
  document.getElementById(`${field.name}-problem`).textContent = problem;
  if (problem) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return !problem;
}

function showBrand() {
  const typed = digits(number.value);
  const name = typed.startsWith("4") ? "visa" : /^(5[1-5]|2[2-7])/.test(typed) ? "mastercard" : "";
  brand.className = name ? `brand is-${name}` : "brand";
}

/* Grouping keeps the caret after the digit that it was after. */
function group() {
  const before = digits(number.value.slice(0, number.selectionStart)).length;
  number.value = groups(number.value);
  let caret = 0;
  for (let seen = 0; seen < before && caret < number.value.length; caret += 1) {
    if (number.value[caret] !== " ") seen += 1;
  }
  if (document.activeElement === number) number.setSelectionRange(caret, caret);
  showBrand();
}

number.addEventListener("input", () => {
  group();
  if (digits(number.value).length >= 16 && check(number) && document.activeElement === number) expiry.focus();
});
expiry.addEventListener("input", (event) => {
  if (event.inputType === "deleteContentBackward") return;
  const typed = digits(expiry.value).slice(0, 4);
  const month = typed.length === 1 && Number(typed) > 1 ? `0${typed}` : typed.slice(0, 2);
  expiry.value = month.length === 2 ? `${month} / ${typed.slice(typed.length === 1 ? 1 : 2)}` : month;
  if (typed.length === 4 && check(expiry)) cvc.focus();
});
cvc.addEventListener("input", () => { cvc.value = digits(cvc.value).slice(0, 3); });
for (const field of [number, expiry, cvc, holder]) {
  field.addEventListener("blur", () => { if (field.value) check(field); });
  field.addEventListener("input", () => { if (field.getAttribute("aria-invalid")) check(field); });
}

form.addEventListener("submit", (event) => {
  const wrong = [number, expiry, cvc, holder].filter((field) => !check(field));
  if (wrong.length) {
    event.preventDefault();
    wrong[0].focus();
    return;
  }
  form.querySelector("[type=submit]").disabled = true;
});
// Coming back by the browser's arrow must not leave the button dead.
window.addEventListener("pageshow", () => { form.querySelector("[type=submit]").disabled = false; });

for (const card of document.querySelectorAll("[data-fill]")) {
  card.addEventListener("click", () => {
    number.value = card.dataset.fill;
    expiry.value = `12 / ${String((new Date().getFullYear() + 3) % 100)}`;
    cvc.value = "123";
    holder.value ||= "Camille Martin";
    [number, expiry, cvc, holder].forEach(check);
    showBrand();
    form.querySelector("[type=submit]").focus();
    form.scrollIntoView({ block: "center", behavior: "smooth" });
  });
}
showBrand();
