// Service worker. Stores and nothing else: the site's own static files, the offline page, lessons and
// certificates of one's own that a person chose to keep, the page that checks certificates without a
// signal (put there by pages of the check), the page that checks in to a hall without one (put there
// by its button), and the page, pictures and sounds of an exam room while its sitting is open (put
// there by the room itself). No other page is ever stored. Signing out empties lessons, certificates,
// rooms and the hall.

importScripts("/static/js/hall/wire.js");

const STATIC = "static-1";
const KEPT = "kept-lessons";
const ROOM = "exam-room";
const OFFLINE = "/offline";
const CHECK = "offline-check";
const CHECK_PAGE = "/v/offline";
const HALL = "hall";
const HALL_PAGE = "/check-in/offline";
// What a kept lesson needs besides what the offline page itself names.
const LESSON_FILES = [
  "css/elder.css", "js/install.js", "js/keep.js", "js/learn-queue.js", "js/lesson.js", "js/read-aloud.js",
];
const CHECK_FILES = [
  "css/certificates.css", "js/verify-offline.js", "js/offline-check/ed25519.js",
  "js/offline-check/reading.js", "js/offline-check/store.js",
];
const HALL_FILES = ["css/hall.css", "js/hall-offline.js", "js/hall/camera.js", "js/hall/sign.js", "js/hall/wire.js"];

self.addEventListener("install", (event) => {
  event.waitUntil(prepare());
});

async function prepare() {
  const store = await caches.open(STATIC);
  const answer = await fetch(OFFLINE, { cache: "reload" });
  const page = await answer.clone().text();
  await store.put(OFFLINE, answer);
  const named = page.match(/\/static\/[^"'?#\s]+/g) ?? [];
  const files = new Set([...named, ...[...LESSON_FILES, ...CHECK_FILES, ...HALL_FILES].map((file) => `/static/${file}`)]);
  await Promise.allSettled([...files].map((file) => store.add(file)));
  await self.skipWaiting();
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy());
});

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => ![STATIC, KEPT, ROOM, CHECK, HALL].includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") {
    event.waitUntil(Promise.allSettled([
      caches.delete(KEPT), caches.delete(ROOM), caches.delete(HALL), forgetPapers(), hallKept.forget(),
    ]));
    return;
  }
  if (request.mode === "navigate" && IN_THE_HALL.test(url.pathname)) {
    event.respondWith(instead(request, HALL, HALL_PAGE, request.method === "GET" ? 4000 : 15000));
    return;
  }
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(event));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (KEPT_PICTURE.test(url.pathname)) event.respondWith(picture(request));
  else if (url.pathname.startsWith("/exams/media/")) event.respondWith(medium(request));
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

// A picture of a lesson or of one's own certificate.
const KEPT_PICTURE = /^\/(learn\/pictures\/|certificates\/[0-9a-z]{26}\/(thumb|preview)\.webp$)/i;
// A certificate's address, as any phone's camera opens it.
const CERTIFICATE = /^\/v\/([0-9a-z]{26}|offline)\/?$/i;

// The hall's QR code as any phone's camera opens it, the page on which its digits are typed, and
// what both send: a button pressed as the signal goes ends on the page that works without one.
const IN_THE_HALL = /^\/(check-in\/(offline|[0-9a-f]{16}(\/[^/]+)?)|learn\/check-in)\/?$/;

async function page(request, url) {
  if (CERTIFICATE.test(url.pathname)) return instead(request, CHECK, CHECK_PAGE, 8000);
  const name = url.pathname.startsWith("/exams/room/") ? ROOM : KEPT;
  const isKept = await caches.match(url.pathname, { cacheName: name, ignoreVary: true });
  try {
    const answer = await fetch(request);
    const isPage = answer.status === 200 && !answer.redirected;
    if (isKept && isPage) await (await caches.open(name)).put(url.pathname, answer.clone());
    return answer;
  } catch {
    return isKept ?? (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
  }
}

// The site's own answer, unless the signal is gone or so weak that nothing comes: then the page that
// does without.
async function instead(request, name, place, patience) {
  const stored = await caches.match(place, { cacheName: name, ignoreVary: true });
  if (!stored) return fetch(request).catch(async () => (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error());
  const answer = fetch(request).catch(() => stored);
  return Promise.race([answer, after(patience, stored)]);
}

// The signal is back: scans that wait are delivered even though no page is open.
self.addEventListener("sync", (event) => {
  if (event.tag === "hall-scans") event.waitUntil(deliverScans());
});

async function deliverScans() {
  if ((await hallKept.deliver()) === "no-signal") throw new Error("later");
}

// Signing out takes the papers of an exam off this phone. Answers that the server does not hold yet
// stay until they are sent or their sitting is over.
function forgetPapers() {
  return new Promise((resolve) => {
    const request = indexedDB.open("exam-room");
    request.onupgradeneeded = () => request.transaction.abort(); // there was none
    request.onerror = resolve;
    request.onsuccess = () => {
      const database = request.result;
      const names = ["papers", "held"].filter((name) => database.objectStoreNames.contains(name));
      if (!names.length) return resolve(database.close());
      const transaction = database.transaction(names, "readwrite");
      for (const name of names) transaction.objectStore(name).clear();
      transaction.oncomplete = transaction.onabort = () => resolve(database.close());
    };
  });
}

async function picture(request) {
  const kept = await caches.match(request, { cacheName: KEPT, ignoreVary: true });
  return kept ?? fetch(request);
}

// A picture or a sound of the paper; a player asks for ranges, a stored copy is whole.
async function medium(request) {
  const kept = await caches.match(request.url, { cacheName: ROOM, ignoreVary: true });
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!kept || !range) return kept ?? fetch(request);
  const whole = await kept.blob();
  const end = Math.min(range[2] ? Number(range[2]) : Infinity, whole.size - 1);
  return new Response(whole.slice(Number(range[1]), end + 1, whole.type), {
    status: 206,
    headers: { "Content-Type": whole.type, "Content-Range": `bytes ${range[1]}-${end}/${whole.size}` },
  });
}
