// Copies a field to the clipboard. Buttons stay hidden where the browser lets nobody copy; the field
// can be selected there by hand.

for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      button.querySelector("span").textContent = button.dataset.done;
    } catch {
      field.select();
    }
  });
}
