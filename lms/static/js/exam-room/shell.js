// Keeps the room's own page and files in the worker's store for this sitting, so that a reload
// without a network finds the room again. Emptied when the sitting is over and at sign-out.

const STORE = "exam-room";

export async function keepShell(path) {
  if (!("caches" in globalThis) || !navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    await navigator.serviceWorker.ready;
    const store = await caches.open(STORE);
    if (await store.match(path, { ignoreVary: true })) return;
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    await keepFiles();
    await store.put(path, answer);
  } catch {
    // Without it the room works as long as its page stays open.
  }
}

// The files this page has loaded, from the browser's own cache: nothing travels twice.
async function keepFiles() {
  const store = await caches.open("static-1");
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const files = new Map(loaded
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
    .map((url) => [url.pathname, url.href]));
  await Promise.allSettled([...files].map(async ([name, address]) => {
    if (await store.match(name, { ignoreVary: true })) return;
    const answer = await fetch(address, { cache: "force-cache" });
    if (answer.ok) await store.put(name, answer);
  }));
}

export async function dropShell() {
  if ("caches" in globalThis) await caches.delete(STORE).catch(() => {});
}
