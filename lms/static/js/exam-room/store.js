// What has been typed and not yet acknowledged, kept on this phone (IndexedDB). A step is removed
// only after the server said that it holds it, or when the sitting is over.

const DATABASE = "exam-room";

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

async function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("steps", { keyPath: ["attempt", "op"] });
  };
  return promised(request);
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
    await this.#change((steps) => rows.forEach((row) => steps.put({ ...row, attempt: this.attempt })));
  }

  async remove(ops) {
    await this.#change((steps) => ops.forEach((op) => steps.delete([this.attempt, op])));
  }

  async clear() {
    await this.#change((steps) => steps.delete(range(this.attempt)));
  }

  async #change(work) {
    const transaction = this.database.transaction("steps", "readwrite", { durability: "strict" });
    work(transaction.objectStore("steps"));
    await finished(transaction);
  }
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
}

export async function openStore(attempt) {
  try {
    return new PhoneStore(await open(), attempt);
  } catch {
    return new PageStore();
  }
}
