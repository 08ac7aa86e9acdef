// Keeps the room's own page and files and the paper's pictures and sounds in the worker's store for
// this sitting, so that a reload without a network finds the room again. Emptied when the sitting is over and at sign-out.

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

// Pictures and sounds of this paper, one after another and after everything else, so that a
// question can be seen and heard without a network. A phone told to save data fetches them when
// they are shown.
export async function keepMedia(questions) {
  if (!("caches" in globalThis) || navigator.connection?.saveData) return;
  try {
    const store = await caches.open(STORE);
    for (const url of new Set(questions.flatMap(({ media = [] }) => media.map((item) => item.url)))) {
      if (await store.match(url, { ignoreVary: true })) continue;
      const answer = await fetch(url, { priority: "low" });
      if (answer.ok && answer.status === 200) await store.put(url, answer);
    }
  } catch {
    // The network or the space is gone; the words of the question stay.
  }
}

export async function dropShell() {
  if ("caches" in globalThis) await caches.delete(STORE).catch(() => {});
}
