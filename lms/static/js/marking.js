// Marking by keyboard: Enter goes to the next field, Ctrl+Enter sends; buttons give 0 or all.

const form = document.querySelector(".marking-form");
const fields = [...form.querySelectorAll("input[inputmode=decimal]")];
const sum = form.querySelector("[data-sum]");

function add() {
  if (!sum) return;
  const given = fields.map((field) => field.value.trim());
  sum.textContent = given.every(Boolean) ? given.reduce((all, one) => all + Number(one), 0) : "—";
}

function onward(field) {
  const next = fields[fields.indexOf(field) + 1] ?? form.querySelector("button[type=submit]");
  next.focus();
}

for (const field of fields) field.addEventListener("input", add);

for (const button of form.querySelectorAll("[data-give]")) {
  button.addEventListener("click", () => {
    const field = button.closest(".marking-point").querySelector("input");
    field.value = button.dataset.give;
    add();
    onward(field);
  });
}

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit();
  } else if (fields.includes(event.target)) {
    event.preventDefault();
    onward(event.target);
  }
});

add();
