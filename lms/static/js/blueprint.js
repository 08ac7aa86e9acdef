// Adds up each module of a blueprint while it is typed; the server counts again when it is saved.
const form = document.querySelector("[data-blueprint]");

function tenths(text) {
  const number = Number(text.trim());
  return Number.isFinite(number) && number >= 0 ? number * 10 : 0;
}

function addUp() {
  const marks = new Map(
    [...form.querySelectorAll("[data-marks]")].map((field) => [field.dataset.marks, tenths(field.value)]),
  );
  for (const module of form.querySelectorAll("[data-module]")) {
    let sum = 0;
    for (const field of module.querySelectorAll("[data-kind]")) {
      sum += (tenths(field.value) / 10) * marks.get(field.dataset.kind);
    }
    const rounded = Math.round(sum) / 10;
    module.querySelector("[data-sum]").textContent = String(rounded);
    module.querySelector(".quota-sum").classList.toggle("is-off", rounded !== Number(module.dataset.weight));
  }
}

if (form) form.addEventListener("input", addUp);
