// Keeps the room's own page and files in the worker's store for this sitting, so that a reload
// without a network finds the room again. Emptied when the sitting is over and at sign-out.

const STORE = "exam-room";

export async function keepShell(path) {
  if (!("caches" in globalThis) || !navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const store = await caches.open(STORE);
    if (await store.match(path, { ignoreVary: true })) return;
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const files = performance.getEntriesByType("resource")
      .map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
    const statics = await caches.open("static-1");
    await Promise.allSettled([...new Set(files.map((url) => url.pathname))].map(async (name) => {
      if (!(await statics.match(name, { ignoreVary: true }))) await statics.add(name);
    }));
    await store.put(path, answer);
  } catch {
    // Without it the room works as long as its page stays open.
  }
}

export async function dropShell() {
  if ("caches" in globalThis) await caches.delete(STORE).catch(() => {});
}
