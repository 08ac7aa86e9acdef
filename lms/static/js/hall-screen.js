// Keeps the hall's code fresh: asks for the next one when the present step ends. Without this
// module the page reloads itself at the same moment.

const hall = document.getElementById("hall");
const state = document.getElementById("hall-state");
const RETRY_MS = 2000;

function wait() {
  const left = Number(hall.firstElementChild?.dataset.left ?? 1);
  setTimeout(refresh, Math.max(left, 1) * 1000 + 150);
}

async function refresh() {
  try {
    const answer = await fetch(hall.dataset.source, { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    hall.innerHTML = await answer.text();
    state.textContent = "";
    wait();
  } catch {
    state.textContent = hall.dataset.lost;
    setTimeout(refresh, RETRY_MS);
  }
}

wait();
