// Comforts on top of pages that already work: menus close when one looks away, a form is not sent
// twice, and a page that came back with faults starts at the list of them.

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (location.hash === "#side") {
    location.hash = "#main";
  }
});

// A second press while the first is on its way would send the form twice. The mark wears off, for
// forms answered by a download, and when the page comes back from the back/forward store.
const PATIENCE_MS = 8000;

function release(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(release, PATIENCE_MS, form);
});

addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach(release);
});

if (matchMedia("(min-width: 768px)").matches) {
  for (const fold of document.querySelectorAll("details.filter-bar")) fold.open = true;
}

document.getElementById("error-summary")?.focus();
