// Keeps the invigilator's wall fresh: asks every few seconds, and gets nothing when nothing changed.
// Rests while nobody looks; what has the focus keeps it. Without this module the page is reloaded.

const wall = document.getElementById("wall");
const fresh = document.getElementById("wall-fresh");
const PACE = 5000;
let tag = "";

async function refresh() {
  if (document.hidden) return;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(wall.dataset.url, { credentials: "same-origin", cache: "no-store", redirect: "error", headers });
    if (answer.status === 200) {
      const focused = document.activeElement?.closest("#wall a")?.getAttribute("href");
      wall.innerHTML = await answer.text();
      tag = answer.headers.get("ETag") ?? "";
      if (focused) wall.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    } else if (answer.status !== 304) {
      throw new Error(String(answer.status));
    }
    fresh.textContent = "";
  } catch {
    fresh.textContent = fresh.dataset.lost;
  }
}

if (wall?.dataset.live) {
  setInterval(refresh, PACE);
  document.addEventListener("visibilitychange", refresh);
}
