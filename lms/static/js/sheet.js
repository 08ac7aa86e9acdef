// A station's sheet on a tablet. Every tap is kept on the tablet first and sent with an id of its
// own; what the server has not acknowledged stays there and is sent again when the signal returns.

const root = document.getElementById("sheet");
const kept = `sheet:${root.dataset.ref}`;
const items = [...root.querySelectorAll(".sheet-item")];
const saved = root.querySelector("[data-saved]");
const deduct = root.dataset.way === "deduct";
const most = Number(root.dataset.most);
const RETRY = 4000;

// What is unsent gets new numbers after the server's last one; another tablet may have used the old.
let seq = Number(root.dataset.last);
let queue = JSON.parse(localStorage.getItem(kept) ?? "[]").map((tap) => ({ ...tap, seq: ++seq }));
let refusal = "";
let sending = false;
const done = [];
let vetoed = root.querySelector("[data-vetoed]:not([hidden])") !== null;
let vetoItem = -1;

const count = (row) => Number(row.dataset.count);

function draw() {
  let moved = 0;
  for (const row of items) {
    const amount = count(row) * Number(row.dataset.step);
    moved += amount;
    row.toggleAttribute("data-hit", deduct && count(row) > 0);
    row.querySelector("output").textContent = amount ? `${deduct ? "−" : "+"}${amount / 10}` : "0";
    row.querySelector("[data-less]").disabled = count(row) === 0;
    row.querySelector("[data-more]").disabled = count(row) >= Number(row.dataset.times);
  }
  const tenths = vetoed ? 0 : deduct ? Math.max(0, most - moved) : Math.min(most, moved);
  root.querySelector("[data-score]").textContent = tenths / 10;
  root.querySelector("[data-undo]").disabled = done.length === 0;
  const box = root.querySelector("[data-vetoed]");
  if (box) box.hidden = !vetoed;
  saved.textContent = refusal || (queue.length
    ? saved.dataset.unsent.replace("#", queue.length)
    : saved.dataset.held);
}

function put(item, value, note = "") {
  seq += 1;
  queue.push({ op: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.slice(0, 36), seq, item, count: value, note });
  localStorage.setItem(kept, JSON.stringify(queue));
  draw();
  send();
}

async function send() {
  if (sending || !queue.length || refusal) return;
  sending = true;
  try {
    const answer = await fetch(root.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": root.dataset.token },
      body: JSON.stringify({ taps: queue.slice(0, 100) }),
    });
    if (answer.status === 409) {
      // Another tablet wrote on this sheet, or it is signed: begin again from what stands there.
      location.reload();
      return;
    }
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      refusal = saved.dataset.refused;
      return;
    }
    if (!answer.ok) throw new Error(answer.status);
    const held = new Set((await answer.json()).held);
    queue = queue.filter((tap) => !held.has(tap.op));
    localStorage.setItem(kept, JSON.stringify(queue));
  } catch {
    // No signal: what is unsent stays on the tablet and the bar says so.
  } finally {
    sending = false;
    draw();
  }
}

function set(row, value) {
  row.dataset.count = value;
  put(Number(row.dataset.item), value);
}

for (const row of items) {
  const step = (by) => () => {
    done.push([row, count(row)]);
    set(row, count(row) + by);
  };
  row.querySelector("[data-more]").addEventListener("click", step(1));
  row.querySelector("[data-less]").addEventListener("click", step(-1));
}

root.querySelector("[data-undo]").addEventListener("click", () => {
  const [row, before] = done.pop();
  set(row, before);
});

for (const button of root.querySelectorAll("[data-veto]")) {
  button.addEventListener("click", () => {
    const note = root.querySelector("#veto-note");
    const why = note.value.trim();
    vetoed = true;
    vetoItem = -Number(button.dataset.veto);
    const text = why ? `${button.textContent}（${why}）` : button.textContent;
    root.querySelector("[data-why]").textContent = text;
    put(vetoItem, 1, text);
  });
}

root.querySelector("[data-unveto]")?.addEventListener("click", () => {
  vetoed = false;
  for (const button of root.querySelectorAll("[data-veto]")) put(-Number(button.dataset.veto), 0);
});

root.querySelector("[data-sign]").addEventListener("submit", async (event) => {
  if (!queue.length) return;
  event.preventDefault();
  const form = event.target;
  for (let before = Infinity; queue.length && queue.length < before && !sending; ) {
    before = queue.length;
    await send();
  }
  if (!queue.length) form.submit();
  else root.querySelector("[data-wait]").hidden = false;
});

// A reload during an outage shows what is still on the tablet.
for (const tap of [...queue].sort((a, b) => a.seq - b.seq)) {
  if (tap.item >= 0 && items[tap.item]) items[tap.item].dataset.count = tap.count;
  else if (tap.item < 0) {
    vetoed = tap.count === 1;
    if (vetoed) root.querySelector("[data-why]").textContent = tap.note;
  }
}

const started = Number(root.dataset.started) * 1000;
const clock = root.querySelector("[data-clock]");
function tick() {
  const seconds = Math.max(0, Math.round((Date.now() - started) / 1000));
  clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
tick();
setInterval(tick, 1000);
setInterval(send, RETRY);
addEventListener("online", send);
draw();
send();
