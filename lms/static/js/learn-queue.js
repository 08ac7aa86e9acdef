// What was done while reading waits here until the server has it. Each deed carries its own id, so
// sending it twice stores it once. Only ids, places and letters are kept: nothing about a person.

const KEY = "learn.queue";
const LONGEST_WAIT_MS = 60 * 24 * 3600 * 1000;
const MOST = 500;
let sending = null;

function read() {
  try {
    const deeds = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(deeds) ? deeds.filter((deed) => Date.now() - deed.noted < LONGEST_WAIT_MS) : [];
  } catch {
    return [];
  }
}

function write(deeds) {
  try {
    localStorage.setItem(KEY, JSON.stringify(deeds.slice(-MOST)));
  } catch {
    // A full or closed store: the page itself still works, only the waiting list is lost.
  }
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A newer reading place replaces the one that still waits for the same lesson.
export function note(deed) {
  const same = (other) =>
    deed.kind === "position" && other.kind === "position" &&
    other.enrolment === deed.enrolment && other.lesson === deed.lesson;
  const known = (other) => other.op === deed.op && other.enrolment === deed.enrolment;
  write([...read().filter((other) => !same(other) && !known(other)), { ...deed, noted: Date.now() }]);
}

export function flush() {
  sending ??= send().finally(() => { sending = null; });
  return sending;
}

async function send() {
  if (!read().length || !navigator.onLine) return;
  const token = await freshToken();
  if (!token) return;
  for (const enrolment of new Set(read().map((deed) => deed.enrolment))) {
    const mine = read().filter((deed) => deed.enrolment === enrolment).slice(0, 100);
    const answered = await post(enrolment, mine, token);
    if (!answered) continue;
    const settled = new Set([...answered.stored, ...answered.refused]);
    write(read().filter((deed) => deed.enrolment !== enrolment || !settled.has(deed.op)));
  }
}

async function freshToken() {
  try {
    const answer = await fetch("/learn/token", { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).token : null;
  } catch {
    return null;
  }
}

async function post(enrolment, deeds, token) {
  try {
    const answer = await fetch("/learn/evidence", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({
        enrolment,
        events: deeds.map(({ op, lesson, kind, value }) => ({ op, lesson, kind, value })),
      }),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

addEventListener("online", () => flush());
