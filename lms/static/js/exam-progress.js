// Keeps the table of candidates fresh while an exam is on; rests while nobody looks.

const table = document.getElementById("exam-progress");
const PACE = 10000;

async function refresh() {
  if (document.hidden || table.contains(document.activeElement)) return;
  const response = await fetch(table.dataset.url, { credentials: "same-origin" }).catch(() => null);
  if (response?.ok) table.innerHTML = await response.text();
}

if (table?.dataset.live) setInterval(refresh, PACE);
