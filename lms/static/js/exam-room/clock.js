// The server's clock on this phone. Built on performance.now(), so that changing the phone's own
// clock changes nothing; set right again by every answer from the server.

export class ServerClock {
  #server = 0;
  #local = 0;
  #error = Infinity;

  // `sent` and `received` are performance.now() around the request that brought `server`.
  set(server, sent, received) {
    const error = (received - sent) / 2;
    const drifted = Math.abs(this.now() - server) > error + 1000;
    if (error > this.#error && !drifted) return;
    this.#error = error;
    this.#server = server;
    this.#local = sent + error;
  }

  // Without a network: the time as this phone remembers it, until the server is heard again.
  guess(server) {
    this.#server = server;
    this.#local = performance.now();
    this.#error = Infinity;
  }

  now() {
    return Math.round(this.#server + performance.now() - this.#local);
  }
}

export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}
