// Service worker. Three stores and nothing else: the site's own static files, the offline page, and
// lessons a person chose to keep. No other page is ever stored. Signing out empties the lessons.

const STATIC = "static-1";
const KEPT = "kept-lessons";
const OFFLINE = "/offline";
// What a kept lesson needs besides what the offline page itself names.
const LESSON_FILES = [
  "css/elder.css", "js/install.js", "js/keep.js", "js/learn-queue.js", "js/lesson.js", "js/read-aloud.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(prepare());
});

async function prepare() {
  const store = await caches.open(STATIC);
  const answer = await fetch(OFFLINE, { cache: "reload" });
  const page = await answer.clone().text();
  await store.put(OFFLINE, answer);
  const named = page.match(/\/static\/[^"'?#\s]+/g) ?? [];
  const files = new Set([...named, ...LESSON_FILES.map((file) => `/static/${file}`)]);
  await Promise.allSettled([...files].map((file) => store.add(file)));
  await self.skipWaiting();
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy());
});

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => ![STATIC, KEPT].includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") {
    event.waitUntil(caches.delete(KEPT));
    return;
  }
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(event));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/learn/pictures/")) event.respondWith(picture(request));
});

// The network first, so that a new release is seen at once; the stored copy when it is slow or gone.
async function staticFile(event) {
  const { request } = event;
  const store = await caches.open(STATIC);
  const name = new URL(request.url).pathname; // one copy a file, whatever its version mark
  const stored = await store.match(name, { ignoreVary: true });
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && answer.status === 200) await store.put(name, answer.clone());
    return answer;
  });
  if (!stored) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  return Promise.race([fresh.catch(() => stored), after(1500, stored)]);
}

function after(wait, value) {
  return new Promise((resolve) => setTimeout(resolve, wait, value));
}

async function page(request, url) {
  const isKept = await caches.match(url.pathname, { cacheName: KEPT, ignoreVary: true });
  try {
    const answer = await fetch(request);
    const isPage = answer.status === 200 && !answer.redirected;
    if (isKept && isPage) await (await caches.open(KEPT)).put(url.pathname, answer.clone());
    return answer;
  } catch {
    return isKept ?? (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
  }
}

async function picture(request) {
  const kept = await caches.match(request, { cacheName: KEPT, ignoreVary: true });
  return kept ?? fetch(request);
}
