// What a phone keeps for checking without a signal: the page, the key ring, the list of statuses,
// and which codes it checked until the site has been told.

import { readRing, readStatuses } from "./reading.js";

const STORE = "offline-check";
const PAGE = "/v/offline";
const KEYS = "/v/keys";
const STATUSES = "/v/statuses";
const MODULES = ["ed25519", "reading", "store"].map((name) => `/static/js/offline-check/${name}.js`);
const WAITING = "offline-checks";
const MOST_WAITING = 50;

async function kept(name) {
  if (!("caches" in globalThis)) return null;
  return (await (await caches.open(STORE)).match(name, { ignoreVary: true })) ?? null;
}

export async function keptRing() {
  return readRing(await (await kept(KEYS))?.json().catch(() => null));
}

export async function keptStatuses(ring) {
  const answer = await kept(STATUSES);
  return answer ? readStatuses(new Uint8Array(await answer.arrayBuffer()), ring) : null;
}

// Fetches all three anew. A list that the ring did not sign, or an older one, replaces nothing.
export async function refresh() {
  const [page, keys, statuses] = await Promise.all(
    [PAGE, KEYS, STATUSES].map((name) => fetch(name, { cache: "no-cache" })),
  );
  if (![page, keys, statuses].every((answer) => answer.ok && !answer.redirected)) return;
  const ring = await readRing(await keys.clone().json());
  const list = await readStatuses(new Uint8Array(await statuses.clone().arrayBuffer()), ring);
  const held = await keptStatuses(ring);
  if (!list || (held && held.asOf > list.asOf)) return;
  const before = await named(await kept(PAGE));
  const now = await named(page);
  const store = await caches.open(STORE);
  await Promise.all([store.put(PAGE, page), store.put(KEYS, keys), store.put(STATUSES, statuses)]);
  // A page of a newer release needs its files; fetching them lets the service worker keep them.
  if (before !== now) await Promise.allSettled([...now.split("\n"), ...MODULES].map((file) => fetch(file)));
}

async function named(answer) {
  const page = (await answer?.clone().text()) ?? "";
  return [...new Set(page.match(/\/static\/[^"'#\s]+/g) ?? [])].sort().join("\n");
}

function waiting() {
  try {
    const held = JSON.parse(localStorage.getItem(WAITING) ?? "[]");
    return Array.isArray(held) ? held : [];
  } catch {
    return [];
  }
}

export function note(code, day) {
  const held = waiting();
  if (held.some((check) => check.code === code && check.day === day)) return;
  localStorage.setItem(WAITING, JSON.stringify([...held, { code, day }].slice(-MOST_WAITING)));
}

export async function tell(token) {
  const checks = waiting();
  if (!checks.length) return;
  const answer = await fetch("/v/offline-checks", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ checks }),
  });
  if (answer.ok || answer.status === 422) localStorage.removeItem(WAITING);
}
