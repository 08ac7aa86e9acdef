// The exam room. Every change is written to the phone first, then sent, then acknowledged; the
// screen never says "saved" before the server did.

import { Reader } from "./exam-room/aloud.js";
import { ServerClock, clockText } from "./exam-room/clock.js";
import { $, fill } from "./exam-room/dom.js";
import { Leaving } from "./exam-room/leaving.js";
import { wireZoom } from "./exam-room/media.js";
import { drawQuestion, loadKinds } from "./exam-room/question.js";
import { dropShell, keepMedia, keepShell } from "./exam-room/shell.js";
import { openStore } from "./exam-room/store.js";
import { Sync, makeToken } from "./exam-room/sync.js";
import { View, drawCard, isAnswered } from "./exam-room/view.js";
import { Refusal, isFinal } from "./exam-room/wire.js";

const ROOM = $("room");
const ATTEMPT = Number(ROOM.dataset.attempt);
const HERE = `exam-room:${ATTEMPT}`;
const NEAR = 5 * 60 * 1000;
const LOOK = 30000;

const view = new View(JSON.parse(ROOM.dataset.words));
const { words } = view;
const clock = new ServerClock();
const reader = new Reader($("room-aloud"), words);
let sync;
let leaving;
let questions = [];
let answers = {};
let here = 1;
let over = false;
let paused = false;
let warned = false;
let quiet = 0;
const lost = new Set(); // places whose answer on the screen the server will never take

// This tab's token lives as long as the tab; that this browser was in the room before, and at which
// question, is remembered longer, so that a crash or a dead battery needs no question.
function device() {
  let token = sessionStorage.getItem(HERE);
  if (!token) {
    token = makeToken();
    sessionStorage.setItem(HERE, token);
  }
  return token;
}

const known = () => localStorage.getItem(HERE) !== null;
const wait = (milliseconds) => new Promise((resolve) => {
  const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
  const timer = setTimeout(go, milliseconds);
  addEventListener("online", go);
});

async function begin(takeOver) {
  if (!questions.length) view.screen("entering");
  for (let tries = 0; ; tries += 1) {
    try {
      await open(await sync.enter(takeOver));
      keepShell(location.pathname).then(() => keepMedia(questions));
      return;
    } catch (error) {
      if (isFinal(error)) {
        refused(error, true, takeOver);
        return;
      }
      const kept = questions.length ? null : await sync.recall();
      if (kept) await open(kept).catch(() => {});
      await wait(Math.min(1000 * 2 ** tries, 15000));
      if (over) return;
    }
  }
}

async function open(entered) {
  if (entered.paused && !questions.length) {
    pause(true); // the paper comes when the clock runs again
    return;
  }
  await loadKinds(entered.questions);
  const shown = questions.length && !over && JSON.stringify(answers[here]) === JSON.stringify(entered.answers[here]);
  if (entered.questions.length) questions = entered.questions;
  answers = entered.answers;
  lost.clear();
  over = false;
  if (!shown) {
    here = Math.min(Number(localStorage.getItem(HERE)) || entered.last, questions.length);
    view.screen(null);
    draw();
  }
  localStorage.setItem(HERE, String(here));
  view.note(sync.store.durable ? "" : words.noStore);
  if (!sync.entered) view.note(words.offline);
  if (entered.dropped.length) view.note(fill(words.dropped, { list: entered.dropped.join("、") }));
  pause(entered.paused);
  count();
  saved();
  sync.flush();
  tick();
}

function draw() {
  reader.stop();
  drawQuestion(questions[here - 1], answers[here], questions.length, words, (chosen, typing) => {
    keep({ ...chosen, ...(answers[here]?.flag ? { flag: true } : {}) }, typing);
  });
  view.marked(Boolean(answers[here]?.flag));
  count();
  saved();
}

function count() {
  const done = questions.filter((q) => isAnswered(answers[q.position])).length;
  view.steps(here, questions.length, done);
}

function keep(answer, typing) {
  if (clock.now() >= sync.deadline) tick(); // nothing typed from now on counts, and it says so
  if (over || paused) return;
  answers[here] = answer;
  if (lost.delete(here)) view.note("");
  sync.change(here, answer, typing);
  count();
}

function go(position) {
  sync.flush();
  if (position > questions.length) {
    openCard();
    return;
  }
  here = Math.max(1, position);
  localStorage.setItem(HERE, String(here));
  draw();
  scrollTo({ top: 0 });
  $("room-stem").focus({ preventScroll: true });
}

function saved() {
  view.saved(lost.size ? "local" : sync.state, sync.unsent + lost.size);
}

function openCard() {
  drawCard(questions, answers, here, words, (position) => {
    $("room-map").close();
    go(position);
  });
  $("room-map").showModal();
}

async function handIn(screen) {
  if (over) return;
  over = true;
  reader.stop();
  view.screen(screen);
  try {
    const answer = await sync.handIn({ onlyIfOver: screen === "timeUp" });
    if (answer) {
      leave(answer.url);
      return;
    }
    over = false; // time was added while we were out of reach
    view.screen(null);
    sync.flush();
    tick();
  } catch (error) {
    refused(error);
  }
}

async function leave(url) {
  over = true;
  localStorage.removeItem(HERE);
  await dropShell();
  location.replace(url);
}

// The server said no for good: say so plainly, and keep whatever is still on the phone.
function refused(error, entering = false, insisted = false) {
  if (error.code === "paused") {
    over = false;
    pause(true);
    return;
  }
  over = true;
  sync.stopped = true;
  if (error.code === "other-device") {
    otherDevice(entering, insisted);
  } else if (error.code === "closed") {
    leave(`${sync.base}/done`);
  } else if (error.code === "time-up") {
    view.screen("closing");
    waitForReceipt();
  } else if (error.status === 401) {
    view.screen("signIn", { link: ROOM.dataset.signIn });
  } else if (error.code === "form-expired") {
    view.screen("reload", { reload: true });
  } else {
    view.screen("gone", { link: "/exams" });
  }
}

// Taking over is refused only where an invigilator has moved the sitting away from this phone.
function otherDevice(entering, insisted) {
  if (entering && insisted) {
    view.screen("moved", { values: { n: sync.unsent } });
    return;
  }
  if (entering && known()) {
    sync.stopped = false;
    over = false;
    begin(true);
    return;
  }
  localStorage.removeItem(HERE);
  const name = entering ? "other" : sync.unsent ? "lostUnsent" : "lost";
  view.screen(name, { takeOver: true, values: { n: sync.unsent } });
}

function waitForReceipt() {
  setTimeout(async () => {
    const seen = await sync.call("/clock").catch(() => null);
    if (seen && !seen.open) leave(`${sync.base}/done`);
    else waitForReceipt();
  }, 4000);
}

// The invigilator stopped the clock: nothing can be answered and no time is lost.
function pause(on) {
  if (Boolean(on) === paused || over) return;
  paused = Boolean(on);
  reader.stop();
  if (!paused && !questions.length) {
    begin(false);
    return;
  }
  view.screen(paused ? "paused" : null);
  quiet = 0;
  if (!paused) sync.flush();
}

// Twice a second: the clock, and at its end the hand-in.
function tick() {
  if (paused) return;
  const left = sync.deadline - clock.now();
  $("room-clock").textContent = clockText(left);
  if (left <= NEAR !== warned) {
    warned = left <= NEAR;
    $("room-clock").parentElement.toggleAttribute("data-near", warned);
    view.note(warned ? words.five : "");
  }
  if (left <= 0) handIn("timeUp");
}

// Every half minute without other traffic ask the server: time may have been extended, another
// device may have taken over. A paused room asks more often.
async function look() {
  if (over || !sync.entered || performance.now() - quiet < (paused ? 5000 : LOOK)) return;
  quiet = performance.now();
  const seen = await sync.call(`/clock?unsent=${sync.unsent}`).catch((error) => (isFinal(error) ? refused(error) : null));
  if (!seen || over) return;
  if (!seen.open) leave(`${sync.base}/done`);
  else if (seen.epoch !== sync.epoch) refused(new Refusal("other-device", 409));
  else pause(seen.paused);
  leaving.tell();
}

// What the server says after the page was left: how often so far, and how often is allowed.
function told({ leaving: rule, open: isOpen }) {
  if (!isOpen) {
    leave(`${sync.base}/done`);
    return;
  }
  const warning = rule.count > rule.limit ? words.leftOver : words.leftOf;
  const text = rule.mode === "off" ? "" : rule.mode === "hand_in" ? words.leftLast : warning;
  if (text && rule.count) view.note(fill(text, { n: rule.count, most: rule.limit }));
}

function wireSync() {
  sync.addEventListener("state", () => {
    if (sync.entered) quiet = performance.now();
    saved();
    if (sync.state === "local") view.note(words.offline);
    else if ($("room-note").textContent === words.offline) view.note("");
  });
  sync.addEventListener("refused", (event) => refused(event.detail));
  sync.addEventListener("nostore", () => view.note(words.noStore));
  const list = (name, text) => sync.addEventListener(name, (event) => {
    event.detail.forEach((position) => lost.add(position));
    view.note(fill(text, { list: event.detail.join("、") }));
    saved();
  });
  list("toolate", words.notKept);
  list("toolong", words.tooLong);
  list("toomany", words.tooMany);
  list("malformed", words.malformed);
}

function wire() {
  const press = (id, work) => $(id).addEventListener("click", work);
  $("room-question").addEventListener("submit", (event) => event.preventDefault());
  press("room-back", () => go(here - 1));
  press("room-next", () => go(here + 1));
  press("room-mark", () => {
    const { flag, ...rest } = answers[here] ?? {};
    keep(flag ? rest : { ...rest, flag: true });
    view.marked(!flag);
  });
  press("room-aloud", () => reader.toggle(questions[here - 1]));
  press("room-map-open", openCard);
  press("room-map-close", () => $("room-map").close());
  press("room-hand-in", () => {
    $("room-map").close();
    $("room-confirm").showModal();
  });
  press("room-confirm-no", () => $("room-confirm").close());
  press("room-confirm-yes", () => handIn("handing"));
  press("take-over", () => {
    sync.stopped = false;
    begin(true);
  });
  press("screen-reload", () => location.reload());
  wireZoom();
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

const store = await openStore(ATTEMPT);
sync = new Sync({ base: ROOM.dataset.base, csrf: ROOM.dataset.csrf, device: device(), store, clock });
leaving = new Leaving(sync, told, () => {
  quiet = -LOOK;
  look();
});
wire();
wireSync();
setInterval(() => over || !questions.length || tick(), 500);
setInterval(look, 5000);
await begin(known());
