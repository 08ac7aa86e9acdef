// Reading a lesson: come back to the place where one stopped, note how far one got, and hand in
// answers even when the signal is gone. Without this module the page is an ordinary form.

import { flush, newId, note } from "./learn-queue.js";

const page = document.querySelector("[data-lesson]");
const body = document.querySelector("[data-lesson-body]");
const message = document.querySelector("[data-lesson-note]");
const enrolment = Number(page.dataset.enrolment);
const lesson = Number(page.dataset.lesson);
const PATIENCE_MS = 10_000;
let told = Number(page.dataset.resume);

function place() {
  const box = body.getBoundingClientRect();
  const read = (innerHeight - box.top) / Math.max(box.height, 1);
  return Math.round(Math.min(Math.max(read, 0), 1) * 100);
}

function resume(percent) {
  if (location.hash || percent < 15 || percent > 97) return;
  const box = body.getBoundingClientRect();
  scrollTo({ top: scrollY + box.top + (box.height * percent) / 100 - innerHeight, behavior: "instant" });
}

function tellPlace() {
  const percent = place();
  if (Math.abs(percent - told) < 5) return;
  told = percent;
  note({ enrolment, lesson, op: newId(), kind: "position", value: { percent } });
}

function say(text) {
  message.textContent = text;
  message.classList.add("notice", "notice-info");
}

function deedOf(form) {
  const kind = form.dataset.deed;
  const fields = new FormData(form);
  const answers = {};
  for (const [name, value] of fields) {
    if (/^q\d+$/.test(name)) answers[name.slice(1)] = value;
  }
  return {
    enrolment, lesson, kind,
    op: `${kind.slice(0, 5)}-${fields.get("op")}`,
    value: kind === "check" ? { answers } : {},
  };
}

function keepForLater(form) {
  note(deedOf(form));
  say(message.dataset.queued);
  message.scrollIntoView({ block: "center" });
}

async function handIn(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout?.(PATIENCE_MS),
  });
  const said = await answer.json();
  if (answer.ok && said.next) go(said.next);
  else say(said.detail ?? said.title ?? "");
}

function go(url) {
  const target = new URL(url, location.href);
  if (target.pathname === location.pathname) {
    history.replaceState(null, "", target);
    location.reload();
  } else {
    location.assign(target);
  }
}

for (const form of document.querySelectorAll("form[data-deed]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const button = form.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      await handIn(form);
    } catch {
      keepForLater(form);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

resume(told);
note({
  enrolment, lesson, kind: "opened",
  op: `opened-${page.dataset.op}`,
  value: { token: page.dataset.opened },
});
flush();

let wait;
addEventListener("scroll", () => {
  clearTimeout(wait);
  wait = setTimeout(tellPlace, 1500);
}, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  tellPlace();
  flush();
});
setInterval(flush, 30_000);
