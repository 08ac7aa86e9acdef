// "Keep on this phone": puts pages (lessons, the wallet) and their pictures into the store that the service worker
// reads from when there is no network. Pressing again takes them out.

const KEPT = "kept-lessons";

async function picturesOf(answer) {
  const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
  const pictures = page.querySelectorAll("[data-lesson-body] img, img[data-kept]");
  return Array.from(pictures, (picture) => picture.getAttribute("src"));
}

async function keep(pages) {
  const store = await caches.open(KEPT);
  for (const address of pages) {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(address);
    for (const picture of await picturesOf(answer)) await store.add(picture);
    await store.put(address, answer);
  }
}

async function forget(pages) {
  const store = await caches.open(KEPT);
  for (const address of pages) {
    const answer = await store.match(address, { ignoreVary: true });
    if (!answer) continue;
    for (const picture of await picturesOf(answer)) await store.delete(picture, { ignoreVary: true });
    await store.delete(address, { ignoreVary: true });
  }
}

async function isKept(pages) {
  const store = await caches.open(KEPT);
  const found = await Promise.all(pages.map((address) => store.match(address, { ignoreVary: true })));
  return found.every(Boolean);
}

function show(button, kept) {
  const label = button.querySelector("span");
  button.dataset.label ??= label.textContent;
  label.textContent = kept ? button.dataset.keptLabel : button.dataset.label;
  button.setAttribute("aria-pressed", String(kept));
}

async function press(button, pages, status) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  status.textContent = button.dataset.busyLabel;
  try {
    if (await isKept(pages)) await forget(pages);
    else await keep(pages);
    status.textContent = "";
  } catch {
    status.textContent = status.dataset.failed;
  }
  show(button, await isKept(pages));
  button.removeAttribute("aria-busy");
}

if ("caches" in globalThis && navigator.serviceWorker) {
  for (const button of document.querySelectorAll("[data-keep]")) {
    const pages = button.dataset.keep.split(" ").filter(Boolean);
    const status = document.querySelector("[data-keep-status]");
    show(button, await isKept(pages));
    button.hidden = false;
    button.addEventListener("click", () => press(button, pages, status));
  }
}
