// Sends what was typed, in order, until the server has acknowledged it. The protocol is written
// down in docs/exam-room.md.

import { Refusal, call, isFinal } from "./wire.js";

const WAITS = [1000, 2000, 4000, 8000, 15000];
const BATCH = 100;
const PATIENCE = 3000; // ms a hand-in waits for a request that is still on its way
const RECENT = 40000; // ms after which the deadline known here may be an old one
const TYPING = 1200; // ms that typing is gathered before it is sent
// Refusals of a batch that sending it again cannot mend, and what the room calls them.
const HOPELESS = { "bad-steps": "malformed", "too-many-steps": "toomany" };

export function makeToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

// Text that any database can hold: half an emoji or a NUL would be refused.
function clean(answer) {
  return JSON.parse(JSON.stringify(answer), (_key, value) =>
    (typeof value === "string" ? value.replace(/[\ud800-\udfff\0]/gu, "") : value));
}

export class Sync extends EventTarget {
  #sending = null;
  #abort = null;
  #again = false;
  #timer = 0;
  #typing = 0;
  #failures = 0;
  #batch = BATCH;

  constructor({ base, csrf, device, store, clock }) {
    super();
    Object.assign(this, { base, csrf, device, store, clock });
    this.epoch = 0;
    this.entered = false; // the server knows this device now; before that nothing is sent
    this.seq = 0;
    this.deadline = Infinity;
    this.heard = -Infinity;
    this.pending = [];
    this.stopped = false;
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.lastWords() : this.flush()));
    addEventListener("pagehide", () => this.lastWords());
  }

  get unsent() {
    return new Set(this.pending.map((step) => step.position)).size;
  }

  get state() {
    if (!this.pending.length) return this.seq ? "saved" : "ready";
    return this.#failures ? "local" : "saving";
  }

  async call(path, body, options) {
    const answer = await call(this, path, body, options);
    if (answer.deadline) {
      this.deadline = answer.deadline;
      this.heard = performance.now();
      this.store.heard(answer.now, answer.deadline).catch(() => {});
    }
    return answer;
  }

  // Take the pen. Steps still on the phone get new numbers after the server's last one; a step is
  // dropped when another device has answered the same question since it was typed.
  async enter(takeOver) {
    const answer = await this.call("/enter", { device: this.device, take_over: takeOver });
    const rows = await this.store.all();
    const dropped = this.#renumber(rows, answer); // at one go: somebody may be typing
    await this.store.remove(dropped.map((step) => step.op));
    if (this.pending.length) await this.store.put(...this.pending);
    // A paused room gives no questions: what is on the phone from before stays.
    if (answer.questions.length) await this.store.remember(answer).catch(() => {});
    return { ...this.#fold(answer), paused: answer.paused, dropped: dropped.map((step) => step.position) };
  }

  #renumber(rows, { last_seq: last, epoch, answers }) {
    const steps = new Map(rows.map((step) => [step.op, step]));
    for (const step of this.pending) steps.set(step.op, step);
    const dropped = [];
    this.seq = last;
    this.pending = [];
    for (const step of [...steps.values()].sort((a, b) => a.seq - b.seq)) {
      if ((answers[step.position]?.epoch ?? 0) > step.epoch) dropped.push(step);
      else this.pending.push({ ...step, seq: ++this.seq, sent: true });
    }
    this.epoch = epoch;
    this.entered = true;
    return dropped;
  }

  // No network: the paper and the answers as this phone remembers them, or null.
  async recall() {
    const kept = await this.store.recall().catch(() => null);
    if (!kept) return null;
    const now = kept.now + Math.max(0, Date.now() - kept.wall);
    if (now > kept.deadline + kept.grace * 1000) return null;
    this.clock.guess(now);
    this.deadline = kept.deadline;
    this.epoch = kept.epoch;
    this.pending = (await this.store.all()).map((step) => ({ ...step, sent: true }));
    this.seq = Math.max(kept.last_seq, ...this.pending.map((step) => step.seq));
    this.#failures = 1;
    return { ...this.#fold(kept), dropped: [] };
  }

  // Outside the room: send what this phone still holds of an open sitting.
  async leftover() {
    if (!await this.recall()) return;
    this.entered = true;
    this.flush();
  }

  #fold({ questions, answers }) {
    const held = Object.entries(answers);
    const found = Object.fromEntries(held.map(([n, a]) => [n, a.answer]));
    for (const step of this.pending) found[step.position] = step.answer;
    const newest = held.sort(([, a], [, b]) => b.seq - a.seq)[0]?.[0];
    const last = this.pending.slice(-1)[0]?.position ?? Number(newest ?? 1);
    return { questions, answers: found, last };
  }

  // The change is on its way to the phone's store when this returns; the server hears of it at
  // once, or with `typing` a moment later, together with the next letters.
  change(position, answer, typing = false) {
    const tidy = clean(answer);
    const last = this.pending.filter((step) => step.position === position).pop();
    let step = typing && last && !last.sent ? last : null;
    if (step) Object.assign(step, { answer: tidy, at: this.clock.now() });
    else this.pending.push(step = this.#step(position, tidy));
    this.#tell();
    const stored = this.store.put({ ...step }).catch(() => {
      this.dispatchEvent(new Event("nostore"));
    });
    if (!typing) stored.then(() => this.flush());
    else this.#typing ||= setTimeout(() => this.flush(), TYPING);
  }

  #step(position, answer) {
    return {
      op: makeToken(), seq: ++this.seq, epoch: this.epoch, position, answer, at: this.clock.now(), sent: false,
    };
  }

  flush() {
    clearTimeout(this.#typing);
    this.#typing = 0;
    if (this.stopped || !this.entered) return;
    if (this.#sending) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#sending = this.#send().finally(() => {
      this.#sending = null;
      if (this.#again && !this.#failures) {
        this.#again = false;
        this.flush();
      }
    });
  }

  // The page is going away: what is left is sent now, whatever else is on its way. Sending a step
  // twice is harmless.
  lastWords() {
    clearTimeout(this.#typing);
    this.#typing = 0;
    if (this.stopped || !this.entered || !this.pending.length) return;
    this.call("/answers", this.letter()).then((answer) => this.settle(answer)).then(() => this.#tell(), () => {});
  }

  async #send() {
    this.#again = false;
    const batch = this.pending.slice(0, this.#batch);
    if (!batch.length) return;
    this.#tell();
    this.#abort = new AbortController();
    try {
      const answer = await this.call("/answers", this.#message(batch), { stop: this.#abort.signal });
      this.#failures = 0;
      await this.settle(answer);
      if (this.pending.length) this.#again = true;
    } catch (error) {
      await this.#failed(error, batch);
    }
    this.#tell();
  }

  // What is left, as any request may carry it.
  letter() {
    return this.#message(this.pending.slice(0, BATCH));
  }

  // From here on a step is what it is: more typing makes a new one.
  #message(batch) {
    for (const step of batch) step.sent = true;
    return {
      device: this.device,
      epoch: this.epoch,
      steps: batch.map(({ seq, op, position, answer, at }) => ({ seq, op, position, answer, at })),
    };
  }

  // Forget only what the server says it holds, or says it will never take.
  async settle(answer) {
    const over = new Set([...(answer.acked ?? []), ...(answer.refused ?? [])]);
    const gone = this.pending.filter((step) => over.has(step.seq));
    const long = gone.filter((step) => answer.too_long?.includes(step.seq));
    const refused = gone.filter((step) => answer.refused.includes(step.seq) && !long.includes(step));
    this.pending = this.pending.filter((step) => !over.has(step.seq));
    await this.#forget(gone);
    if (refused.length) this.#report("toolate", refused);
    if (long.length) this.#report("toolong", long);
  }

  async #forget(steps) {
    await this.store.hold(steps).catch(() => {});
    await this.store.remove(steps.map((step) => step.op)).catch(() => {});
  }

  #report(name, steps) {
    this.dispatchEvent(new CustomEvent(name, { detail: [...new Set(steps.map((s) => s.position))] }));
  }

  async #failed(error, batch) {
    this.#failures += 1;
    if (isFinal(error)) {
      if (error.code === "sequence" && this.#failures < 5) {
        await this.enter(false).then(() => { this.#again = true; this.#failures = 0; }, () => {});
        if (!this.#failures) return;
      } else if (HOPELESS[error.code]) {
        await this.#apart(batch, HOPELESS[error.code]);
        return;
      } else {
        this.dispatchEvent(new CustomEvent("refused", { detail: error }));
        return;
      }
    }
    this.#later(() => this.flush());
  }

  // One bad step must not hold the others back: send them one by one and drop the bad one.
  async #apart(batch, name) {
    this.#failures = 0;
    this.#again = true;
    if (batch.length > 1) {
      this.#batch = 1;
      return;
    }
    this.pending = this.pending.filter((step) => step !== batch[0]);
    await this.store.remove([batch[0].op]).catch(() => {});
    this.#report(name, batch);
  }

  #later(work) {
    const wait = WAITS[Math.min(this.#failures, WAITS.length) - 1] ?? WAITS[0];
    this.#timer = setTimeout(work, wait * (0.75 + Math.random() / 2));
  }

  // Close the sitting: everything left on the phone goes with it. Retries for ever; a refusal is
  // for the caller. With `onlyIfOver` the server is asked first when it was not heard for a while,
  // for time may have been added: then nothing is handed in and the answer is null.
  async handIn({ onlyIfOver = false } = {}) {
    this.stopped = true;
    clearTimeout(this.#timer);
    const impatient = setTimeout(() => this.#abort?.abort(), PATIENCE);
    await this.#sending;
    clearTimeout(impatient);
    for (let tries = 1; ; tries += 1) {
      try {
        if (onlyIfOver && await this.#hasTime()) {
          this.stopped = false;
          return null;
        }
        return await this.#close();
      } catch (error) {
        if (isFinal(error)) {
          this.stopped = false;
          throw error;
        }
        this.dispatchEvent(new CustomEvent("waiting", { detail: tries }));
        await this.#pause(WAITS[Math.min(tries, WAITS.length) - 1]);
      }
    }
  }

  async #hasTime() {
    if (!this.entered) await this.enter(true);
    else if (performance.now() - this.heard > RECENT) await this.call("/clock");
    return this.clock.now() < this.deadline;
  }

  async #close() {
    if (!this.entered) await this.enter(true);
    while (this.pending.length > BATCH) {
      await this.settle(await this.call("/answers", this.letter()));
    }
    const answer = await this.call("/hand-in", this.letter()).catch(async (error) => {
      if (error.code !== "too-many-steps") throw error;
      await this.#oneByOne();
      return this.call("/hand-in", this.letter());
    });
    await this.store.clear().catch(() => {});
    this.pending = [];
    return answer;
  }

  // The sitting takes no more: what still fits is sent, the rest is given up.
  async #oneByOne() {
    for (const step of [...this.pending]) {
      try {
        await this.settle(await this.call("/answers", this.#message([step])));
      } catch (error) {
        if (error.code !== "too-many-steps") throw error;
        await this.#apart([step], "toomany");
      }
    }
  }

  #pause(wait) {
    return new Promise((resolve) => {
      const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
      const timer = setTimeout(go, wait);
      addEventListener("online", go);
    });
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }
}

export { Refusal };
