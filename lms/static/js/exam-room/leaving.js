// Leaving the page is written down, not forbidden; how often it may happen is the exam's rule. What
// could not be told at once is told when the signal is back, under the same name, so that the
// server counts it once.

import { makeToken } from "./sync.js";

export class Leaving {
  #since = 0;
  #untold = [];
  #telling = false;

  constructor(sync, onTold, onBack) {
    this.sync = sync;
    this.onTold = onTold;
    this.onBack = onBack;
    document.addEventListener("visibilitychange", () => this.#turn());
  }

  #turn() {
    if (document.hidden) {
      this.#since = performance.now();
      return;
    }
    if (!this.#since || !this.sync.entered || this.sync.stopped) return;
    const seconds = Math.round((performance.now() - this.#since) / 1000);
    this.#untold.push({ op: makeToken(), seconds });
    this.#since = 0;
    this.tell();
    this.onBack();
  }

  // Answers still on the phone go along, for this report may be the one that closes the sitting.
  async tell() {
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#untold.length) {
        const answer = await this.sync.call("/left", { ...this.sync.letter(), ...this.#untold[0] });
        this.#untold.shift();
        if (answer.acked) await this.sync.settle(answer);
        this.onTold(answer);
      }
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 429) this.#untold.shift();
    } finally {
      this.#telling = false;
    }
  }
}
