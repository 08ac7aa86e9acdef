// "Keep for the hall": registers this phone's key while there is a signal, and stores the page that
// checks in without one. Once kept, every visit with a signal renews what is known and delivers.

import "./wire.js";
import { newKey } from "./sign.js";

const { hallKept } = globalThis;
const STORE = "hall";
const PAGE = "/check-in/offline";
const box = document.querySelector("[data-hall-keep]");
const button = box.querySelector("button");
const status = box.querySelector("[role=status]");
const { owner, name } = box.dataset;

async function register() {
  const { key, point } = await newKey();
  const answer = await fetch("/check-in/keys", {
    method: "POST",
    headers: {
      "Content-Type": "application/json", Accept: "application/json",
      "X-CSRFToken": document.querySelector("[name=csrf_token]").value,
    },
    body: JSON.stringify({ key: point }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  await hallKept.become({ owner, name, key, ref: (await answer.json()).key });
}

async function renew() {
  const [page, near] = await Promise.all([
    fetch(PAGE, { cache: "no-cache" }),
    fetch("/check-in/near", { headers: { Accept: "application/json" } }),
  ]);
  if (!page.ok || !near.ok) throw new Error("renew");
  const files = new Set((await page.clone().text()).match(/\/static\/[^"'#\s]+/g) ?? []);
  // Fetching them lets the service worker keep them.
  await Promise.all([...files].map((file) => fetch(file)));
  await (await caches.open(STORE)).put(PAGE, page);
  await hallKept.know((await near.json()).sessions);
}

async function isReady() {
  const own = await hallKept.me();
  const page = await (await caches.open(STORE)).match(PAGE, { ignoreVary: true });
  return own?.owner === owner && Boolean(page);
}

function show(ready) {
  button.hidden = ready;
  if (ready) status.textContent = box.dataset.ready;
}

async function press() {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  status.textContent = box.dataset.busy;
  try {
    await navigator.serviceWorker.ready;
    if ((await hallKept.me())?.owner !== owner) await register();
    await renew();
    show(await isReady());
  } catch {
    status.textContent = box.dataset.failed;
  }
  button.removeAttribute("aria-busy");
}

if ("caches" in globalThis && navigator.serviceWorker && globalThis.crypto?.subtle && globalThis.indexedDB) {
  box.hidden = false;
  const ready = await isReady().catch(() => false);
  show(ready);
  button.addEventListener("click", press);
  if (ready) await renew().catch(() => {});
  await hallKept.deliver();
}
