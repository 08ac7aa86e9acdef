// Sends what was typed, in order, until the server has acknowledged it. The protocol is written
// down in docs/exam-room.md.

const WAITS = [1000, 2000, 4000, 8000, 15000];
const BATCH = 100;

export class Refusal extends Error {
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

export function makeToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

export class Sync extends EventTarget {
  #sending = null;
  #again = false;
  #timer = 0;
  #failures = 0;

  constructor({ base, csrf, device, store, clock }) {
    super();
    Object.assign(this, { base, csrf, device, store, clock });
    this.epoch = 0;
    this.seq = 0;
    this.deadline = Infinity;
    this.pending = [];
    this.stopped = false;
    addEventListener("online", () => this.flush());
  }

  get unsent() {
    return new Set(this.pending.map((step) => step.position)).size;
  }

  get state() {
    if (!this.pending.length) return this.seq ? "saved" : "ready";
    return this.#failures ? "local" : "saving";
  }

  async call(path, body, options = {}) {
    const sent = performance.now();
    const response = await fetch(this.base + path, {
      method: body ? "POST" : "GET",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body: body ? JSON.stringify(body) : undefined,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout?.(20000),
      ...options,
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok) throw new Refusal(answer.code ?? "unknown", response.status);
    if (answer.now) this.clock.set(answer.now, sent, performance.now());
    if (answer.deadline) this.deadline = answer.deadline;
    return answer;
  }

  // Take the pen. Steps still on the phone get new numbers after the server's last one; a step is
  // dropped when another device has answered the same question since it was typed.
  async enter(takeOver) {
    const answer = await this.call("/enter", { device: this.device, take_over: takeOver });
    const kept = [];
    const dropped = [];
    this.seq = answer.last_seq;
    for (const step of await this.store.all()) {
      const held = answer.answers[step.position];
      if (held && held.epoch > step.epoch) dropped.push(step);
      else kept.push({ ...step, seq: ++this.seq });
    }
    this.epoch = answer.epoch;
    await this.store.remove(dropped.map((step) => step.op));
    if (kept.length) await this.store.put(...kept);
    this.pending = kept;
    const answers = Object.fromEntries(Object.entries(answer.answers).map(([n, a]) => [n, a.answer]));
    for (const step of kept) answers[step.position] = step.answer;
    return { questions: answer.questions, answers, dropped: dropped.map((step) => step.position) };
  }

  // Resolves once the change is on the phone; the server hears of it at once or later.
  async change(position, answer) {
    const step = {
      op: makeToken(), seq: ++this.seq, epoch: this.epoch, position, answer, at: this.clock.now(),
    };
    this.pending.push(step);
    this.#tell();
    try {
      await this.store.put(step);
    } catch {
      this.dispatchEvent(new Event("nostore"));
    }
    this.flush();
  }

  flush() {
    if (this.stopped) return;
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

  async #send() {
    this.#again = false;
    const batch = this.pending.slice(0, BATCH);
    if (!batch.length) return;
    this.#tell();
    try {
      const answer = await this.call("/answers", this.#message(batch));
      this.#failures = 0;
      await this.settle(answer);
      if (this.pending.length) this.#again = true;
    } catch (error) {
      await this.#failed(error);
    }
    this.#tell();
  }

  #message(batch) {
    return {
      device: this.device,
      epoch: this.epoch,
      steps: batch.map(({ seq, op, position, answer, at }) => ({ seq, op, position, answer, at })),
    };
  }

  // Forget only what the server says it holds, or says it will never take.
  async settle(answer) {
    const over = new Set([...answer.acked, ...answer.refused]);
    const gone = this.pending.filter((step) => over.has(step.seq));
    const refused = gone.filter((step) => answer.refused.includes(step.seq));
    this.pending = this.pending.filter((step) => !over.has(step.seq));
    await this.store.remove(gone.map((step) => step.op)).catch(() => {});
    if (refused.length) {
      this.dispatchEvent(new CustomEvent("toolate", { detail: refused.map((s) => s.position) }));
    }
  }

  async #failed(error) {
    this.#failures += 1;
    if (error instanceof Refusal && error.status < 500 && error.status !== 429) {
      if (error.code === "sequence" && this.#failures < 5) {
        await this.enter(false).then(() => { this.#again = true; this.#failures = 0; }, () => {});
        if (!this.#failures) return;
      } else {
        this.dispatchEvent(new CustomEvent("refused", { detail: error }));
        return;
      }
    }
    this.#later(() => this.flush());
  }

  #later(work) {
    const wait = WAITS[Math.min(this.#failures, WAITS.length) - 1] ?? WAITS[0];
    this.#timer = setTimeout(work, wait * (0.75 + Math.random() / 2));
  }

  // Close the sitting: everything left on the phone goes with it. Retries for ever; a refusal is
  // for the caller.
  async handIn() {
    this.stopped = true;
    clearTimeout(this.#timer);
    await this.#sending;
    for (let tries = 1; ; tries += 1) {
      try {
        while (this.pending.length > BATCH) {
          await this.settle(await this.call("/answers", this.#message(this.pending.slice(0, BATCH))));
        }
        const answer = await this.call("/hand-in", this.#message(this.pending));
        await this.store.clear();
        this.pending = [];
        return answer;
      } catch (error) {
        if (error instanceof Refusal && error.status < 500 && error.status !== 429) {
          this.stopped = false;
          throw error;
        }
        this.dispatchEvent(new CustomEvent("waiting", { detail: tries }));
        const wait = WAITS[Math.min(tries, WAITS.length) - 1];
        await new Promise((resolve) => {
          const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
          const timer = setTimeout(go, wait);
          addEventListener("online", go);
        });
      }
    }
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }
}
