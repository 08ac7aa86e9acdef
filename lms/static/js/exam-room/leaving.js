// Leaving the page is written down, not forbidden; how often it may happen is the exam's rule.
// What could not be told at once is told when the signal is back.

export class Leaving {
  #since = 0;
  #untold = [];

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
    this.#untold.push(Math.round((performance.now() - this.#since) / 1000));
    this.#since = 0;
    this.tell();
    this.onBack();
  }

  async tell() {
    while (this.#untold.length) {
      const seconds = this.#untold.shift();
      try {
        this.onTold(await this.sync.call("/left", { device: this.sync.device, seconds }));
      } catch (error) {
        if (!error.status) this.#untold.unshift(seconds);
        return;
      }
    }
  }
}
