// The page shown without a network lists the lessons and certificates that were kept on this phone.

const list = document.querySelector("[data-kept]");
const empty = document.querySelector("[data-kept-empty]");

async function keptLessons() {
  const store = await caches.open("kept-lessons");
  const found = [];
  for (const request of await store.keys()) {
    const path = new URL(request.url).pathname;
    if (path.startsWith("/learn/pictures/") || path.endsWith(".webp")) continue;
    const answer = await store.match(request, { ignoreVary: true });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    found.push({ path, title: page.querySelector("h1")?.textContent ?? path });
  }
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

for (const { path, title } of "caches" in globalThis ? await keptLessons() : []) {
  const link = document.createElement("a");
  link.className = "link-row";
  link.href = path;
  link.textContent = title;
  const item = document.createElement("li");
  item.append(link);
  list.append(item);
  list.hidden = false;
  empty.hidden = true;
}
