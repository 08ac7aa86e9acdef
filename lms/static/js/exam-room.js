// The exam room. Every change is written to the phone first, then sent, then acknowledged; the
// screen never says "saved" before the server did.

import { ServerClock, clockText } from "./exam-room/clock.js";
import { openStore } from "./exam-room/store.js";
import { Refusal, Sync, makeToken } from "./exam-room/sync.js";
import { $, View, isAnswered } from "./exam-room/view.js";

const ROOM = $("room");
const ATTEMPT = Number(ROOM.dataset.attempt);
const HERE = `exam-room:${ATTEMPT}`;
const NEAR = 5 * 60 * 1000;
const LOOK = 30000;

const view = new View(JSON.parse(ROOM.dataset.words));
const clock = new ServerClock();
let sync;
let questions = [];
let answers = {};
let here = 1;
let over = false;
let warned = false;
let quiet = 0;

// This tab's token lives as long as the tab; that this browser was in the room before is
// remembered longer, so that a crash or a dead battery needs no question.
function device() {
  let token = sessionStorage.getItem(HERE);
  if (!token) {
    token = makeToken();
    sessionStorage.setItem(HERE, token);
  }
  return token;
}

const known = () => localStorage.getItem(HERE) === "1";

async function begin(takeOver) {
  view.screen("entering");
  for (let tries = 0; ; tries += 1) {
    try {
      const entered = await sync.enter(takeOver);
      localStorage.setItem(HERE, "1");
      open(entered);
      return;
    } catch (error) {
      if (error instanceof Refusal && error.status < 500 && error.status !== 429) {
        refused(error, true);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** tries, 15000)));
    }
  }
}

function open(entered) {
  questions = entered.questions;
  answers = entered.answers;
  over = false;
  here = Math.min(Number(sessionStorage.getItem(`${HERE}:at`)) || 1, questions.length);
  view.screen(null);
  view.note(sync.store.durable ? "" : view.words.noStore);
  if (entered.dropped.length) view.note(view.words.dropped.replace("{list}", entered.dropped.join("、")));
  draw();
  sync.flush();
  tick();
}

function draw() {
  const question = questions[here - 1];
  globalThis.speechSynthesis?.cancel();
  view.question(question, answers[here], questions.length, (chosen) => {
    keep({ ...chosen, ...(answers[here]?.flag ? { flag: true } : {}) });
  });
  count();
  saved();
}

function count() {
  const done = questions.filter((q) => isAnswered(answers[q.position])).length;
  view.steps(here, questions.length, done);
}

function keep(answer) {
  if (over || clock.now() >= sync.deadline) return;
  answers[here] = answer;
  sync.change(here, answer);
  count();
}

function go(position) {
  if (position > questions.length) {
    openCard();
    return;
  }
  here = Math.max(1, position);
  sessionStorage.setItem(`${HERE}:at`, String(here));
  draw();
  scrollTo({ top: 0 });
  $("room-stem").focus({ preventScroll: true });
}

function saved() {
  view.saved(sync.state, sync.unsent);
}

function openCard() {
  view.card(questions, answers, here, (position) => {
    $("room-map").close();
    go(position);
  });
  $("room-map").showModal();
}

async function handIn(screen) {
  if (over) return;
  over = true;
  view.screen(screen);
  try {
    const answer = await sync.handIn();
    leave(answer.url);
  } catch (error) {
    refused(error);
  }
}

function leave(url) {
  localStorage.removeItem(HERE);
  location.replace(url);
}

// The server said no for good: say so plainly, and keep whatever is still on the phone.
function refused(error, entering = false) {
  over = true;
  sync.stopped = true;
  if (error.code === "other-device") {
    const name = entering ? "other" : sync.unsent ? "lostUnsent" : "lost";
    if (entering && known()) {
      sync.stopped = false;
      begin(true);
      return;
    }
    localStorage.removeItem(HERE);
    view.screen(name, { takeOver: true, values: { n: sync.unsent } });
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
    view.screen("gone", { link: "" });
  }
}

function waitForReceipt() {
  setTimeout(async () => {
    const seen = await sync.call("/clock").catch(() => null);
    if (seen && !seen.open) leave(`${sync.base}/done`);
    else waitForReceipt();
  }, 4000);
}

// Once a second: the clock, and at its end the hand-in. Every half minute without other traffic
// ask the server: time may have been extended, another device may have taken over.
function tick() {
  const left = sync.deadline - clock.now();
  $("room-clock").textContent = clockText(left);
  if (left <= NEAR && !warned) {
    warned = true;
    $("room-clock").parentElement.dataset.near = "1";
    view.note(view.words.five);
  } else if (left > NEAR && warned) {
    warned = false;
    delete $("room-clock").parentElement.dataset.near;
    view.note("");
  }
  if (left <= 0) handIn("timeUp");
}

async function look() {
  if (over || sync.pending.length || performance.now() - quiet < LOOK) return;
  quiet = performance.now();
  const seen = await sync.call("/clock").catch(() => null);
  if (!seen || over) return;
  if (!seen.open) leave(`${sync.base}/done`);
  else if (seen.epoch !== sync.epoch) refused(new Refusal("other-device", 409));
}

function wire() {
  sync.addEventListener("state", () => {
    quiet = performance.now();
    saved();
    if (sync.state === "local") view.note(view.words.offline);
    else if ($("room-note").textContent === view.words.offline) view.note("");
  });
  sync.addEventListener("refused", (event) => refused(event.detail));
  sync.addEventListener("nostore", () => view.note(view.words.noStore));
  sync.addEventListener("toolate", (event) => {
    view.note(view.words.notKept.replace("{list}", event.detail.join("、")));
  });
  $("room-question").addEventListener("submit", (event) => event.preventDefault());
  $("room-back").addEventListener("click", () => go(here - 1));
  $("room-next").addEventListener("click", () => go(here + 1));
  $("room-mark").addEventListener("click", () => {
    const { flag, ...rest } = answers[here] ?? {};
    keep(flag ? rest : { ...rest, flag: true });
    view.marked(!flag);
  });
  $("room-map-open").addEventListener("click", openCard);
  $("room-map-close").addEventListener("click", () => $("room-map").close());
  $("room-hand-in").addEventListener("click", () => {
    $("room-map").close();
    $("room-confirm").showModal();
  });
  $("room-confirm-no").addEventListener("click", () => $("room-confirm").close());
  $("room-confirm-yes").addEventListener("click", () => handIn("handing"));
  $("take-over").addEventListener("click", () => {
    sync.stopped = false;
    begin(true);
  });
  $("screen-reload").addEventListener("click", () => location.reload());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

// Leaving the page is written down, not forbidden.
let leftAt = 0;
function watchLeaving() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      leftAt = performance.now();
    } else if (leftAt && !over && sync.epoch) {
      const seconds = Math.round((performance.now() - leftAt) / 1000);
      leftAt = 0;
      sync.call("/left", { device: sync.device, seconds }).catch(() => {});
      sync.flush();
      quiet = 0;
      look();
    }
  });
}

const store = await openStore(ATTEMPT);
sync = new Sync({ base: ROOM.dataset.base, csrf: ROOM.dataset.csrf, device: device(), store, clock });
wire();
watchLeaving();
setInterval(() => over || !questions.length || tick(), 500);
setInterval(look, 5000);
await begin(known());
