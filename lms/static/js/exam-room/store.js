// What this phone keeps of a sitting (IndexedDB): every change that the server has not yet
// acknowledged, and the paper as the server gave it, so that the room opens without a network.
// All of it goes when the sitting is over; papers whose time has passed go at the next chance.

const DATABASE = "exam-room";
const VERSION = 2;
const HOUR = 3600000; // ms; the grace of a sitting whose paper was taken off at sign-out

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// steps: not yet acknowledged · papers: as given at the door · held: what the server holds
// · clocks: the last time heard from it.
const STORES = { steps: ["attempt", "op"], papers: "attempt", held: ["attempt", "position"], clocks: "attempt" };

async function open() {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(STORES)) {
      if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, { keyPath });
    }
  };
  const database = await promised(request);
  database.onversionchange = () => database.close();
  return database;
}

function range(attempt) {
  return IDBKeyRange.bound([attempt], [attempt, []]);
}

class PhoneStore {
  constructor(database, attempt) {
    this.database = database;
    this.attempt = attempt;
    this.durable = true;
  }

  async all() {
    const steps = this.database.transaction("steps").objectStore("steps");
    const rows = await promised(steps.getAll(range(this.attempt)));
    return rows.sort((a, b) => a.seq - b.seq);
  }

  async put(...rows) {
    await this.#change("steps", (steps) => rows.forEach((row) => steps.put({ ...row, attempt: this.attempt })));
  }

  async remove(ops) {
    await this.#change("steps", (steps) => ops.forEach((op) => steps.delete([this.attempt, op])));
  }

  async clear() {
    const { attempt } = this;
    await this.#change(Object.keys(STORES), (stores) => {
      stores.steps.delete(range(attempt));
      stores.held.delete(range(attempt));
      stores.papers.delete(attempt);
      stores.clocks.delete(attempt);
    });
  }

  async remember({ answers, ...paper }) {
    const { attempt } = this;
    await this.#change(["papers", "held"], (stores) => {
      stores.papers.put({ ...paper, attempt });
      stores.held.delete(range(attempt));
      for (const [position, held] of Object.entries(answers)) {
        stores.held.put({ ...held, attempt, position: Number(position) });
      }
    });
  }

  // The server holds these now.
  async hold(steps) {
    await this.#change("held", (held) => {
      for (const { position, answer, seq, epoch } of steps) {
        held.put({ attempt: this.attempt, position, answer, seq, epoch });
      }
    }, "relaxed");
  }

  async heard(now, deadline) {
    await this.#change("clocks", (clocks) => {
      clocks.put({ attempt: this.attempt, now, deadline, wall: Date.now() });
    }, "relaxed");
  }

  // The paper, the answers held and the clock as remembered, or null.
  async recall() {
    const names = ["papers", "held", "clocks"];
    const transaction = this.database.transaction(names);
    const [papers, held, clocks] = names.map((name) => transaction.objectStore(name));
    const [paper, rows, clock] = await Promise.all([
      promised(papers.get(this.attempt)), promised(held.getAll(range(this.attempt))), promised(clocks.get(this.attempt)),
    ]);
    if (!paper || !clock) return null;
    const answers = Object.fromEntries(rows.map((row) => [row.position, row]));
    return { ...paper, ...clock, answers, last_seq: Math.max(paper.last_seq, ...rows.map((row) => row.seq)) };
  }

  async #change(names, work, durability = "strict") {
    const transaction = this.database.transaction(names, "readwrite", { durability });
    const open = [].concat(names).map((name) => [name, transaction.objectStore(name)]);
    work(Array.isArray(names) ? Object.fromEntries(open) : open[0][1]);
    await finished(transaction);
  }
}

// Takes off what belongs to sittings that are over by this phone's clock; says which.
export async function sweep(now = Date.now()) {
  const database = await open();
  const transaction = database.transaction(["papers", "clocks"]);
  const papers = await promised(transaction.objectStore("papers").getAll());
  const clocks = await promised(transaction.objectStore("clocks").getAll());
  const gone = [];
  const grace = Object.fromEntries(papers.map((paper) => [paper.attempt, paper.grace * 1000]));
  for (const { attempt, now: heard, wall, deadline } of clocks) {
    if (heard + (now - wall) <= deadline + (grace[attempt] ?? HOUR)) continue;
    await new PhoneStore(database, attempt).clear();
    gone.push(attempt);
  }
  database.close();
  return gone;
}

// A browser without IndexedDB (some private windows): the sitting works, but only while the page
// stays open, and the page says so.
class PageStore {
  constructor() {
    this.rows = new Map();
    this.durable = false;
  }
  async all() { return [...this.rows.values()].sort((a, b) => a.seq - b.seq); }
  async put(...rows) { for (const row of rows) this.rows.set(row.op, row); }
  async remove(ops) { for (const op of ops) this.rows.delete(op); }
  async clear() { this.rows.clear(); }
  async remember() {}
  async recall() { return null; }
  async hold() {}
  async heard() {}
}

export async function openStore(attempt) {
  try {
    return new PhoneStore(await open(), attempt);
  } catch {
    return new PageStore();
  }
}
