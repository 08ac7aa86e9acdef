// A button beside each password field that shows what was typed; hidden where there is no script.

for (const button of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(button.dataset.showPassword);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
  // Hidden again before it is sent, so that no browser remembers it as ordinary text.
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
