// Watches a long task: moves the bar, and opens the result when it is there.
const box = document.querySelector("[data-task]");
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;
let pause = PAUSE_MS;

function draw({ done, total }) {
  if (!total) return;
  box.querySelector(".trace").setAttribute("width", Math.min(100, (done / total) * 100).toFixed(1));
  const figure = box.querySelector(".progress-line span");
  figure.textContent = figure.textContent.replace(/[\d.]+ \/ [\d.]+\s*$/, `${done} / ${total}`);
}

async function look() {
  try {
    const answer = await fetch(box.dataset.task, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const task = await answer.json();
    if (task.state === "done" || task.state === "failed") {
      location.reload();
      return;
    }
    draw(task);
    pause = PAUSE_MS;
  } catch {
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS); // no signal, or the session ended: ask less often
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
