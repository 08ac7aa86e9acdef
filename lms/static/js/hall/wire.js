// What a phone keeps for checking in without a signal (IndexedDB "hall"), and how it delivers. Loaded
// by pages and by the service worker, which may import no modules: it names one thing, hallKept.
// me: the key of whoever is signed in on this phone · scans: as signed, with what became of them
// · sessions: those known when there was a signal.

globalThis.hallKept = (() => {
  const STORES = { me: "id", scans: "scan", sessions: "ref" };
  const MARK = "hall.waiting"; // tells every page of a learner that something waits
  const AT_ONCE = 5; // as many as the server takes
  const SHOWN_MS = 3 * 24 * 3600 * 1000;
  let sending = null;

  function promised(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function open() {
    const request = indexedDB.open("hall", 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
    };
    const database = await promised(request);
    database.onversionchange = () => database.close();
    return database;
  }

  async function all(name) {
    const database = await open();
    try {
      return await promised(database.transaction(name).objectStore(name).getAll());
    } finally {
      database.close();
    }
  }

  async function change(names, work) {
    const database = await open();
    try {
      const transaction = database.transaction(names, "readwrite", { durability: "strict" });
      work(...names.map((name) => transaction.objectStore(name)));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  const me = async () => (await all("me"))[0] ?? null;
  const scans = async () => (await all("scans")).sort((a, b) => b.at - a.at);
  const isWaiting = (scan) => scan.state === "kept";

  function mark(waits) {
    if (!("localStorage" in globalThis)) return; // a service worker has none
    if (waits) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  }

  async function keep(scan) {
    await change(["scans"], (store) => store.put({ ...scan, state: "kept", said: "" }));
    mark(true);
  }

  // "done", "nothing", "sign-in" or "no-signal".
  function deliver() {
    sending ??= send().finally(() => { sending = null; });
    return sending;
  }

  async function send() {
    const waiting = (await scans()).filter(isWaiting).reverse();
    mark(waiting.length > 0);
    if (!waiting.length) return "nothing";
    try {
      const answer = await fetch("/learn/token", { headers: { Accept: "application/json" } });
      if (answer.status === 401) return "sign-in";
      if (!answer.ok) return "no-signal";
      const { token } = await answer.json();
      for (let at = 0; at < waiting.length; at += AT_ONCE) await post(waiting.slice(at, at + AT_ONCE), token);
    } catch {
      return "no-signal";
    }
    const left = (await scans()).some(isWaiting);
    mark(left);
    return left ? "sign-in" : "done"; // what is left belongs to somebody else
  }

  async function post(some, token) {
    const answer = await fetch("/check-in/scans", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({
        scans: some.map(({ scan, key, ref, kind, code, at, signature }) => ({ scan, key, ref, kind, code, at, signature })),
      }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const said = new Map((await answer.json()).answers.map((one) => [one.scan, one]));
    const settled = some.filter(({ scan }) => said.has(scan));
    await change(["scans"], (store) => {
      for (const scan of settled) store.put({ ...scan, state: said.get(scan.scan).state, said: said.get(scan.scan).text });
    });
  }

  // Signing out: key and names go; what was not delivered stays until its person is back.
  async function forget() {
    const gone = (await scans()).filter((scan) => !isWaiting(scan));
    await change(["me", "sessions", "scans"], (own, sessions, kept) => {
      own.clear();
      sessions.clear();
      for (const { scan } of gone) kept.delete(scan);
    });
  }

  async function know(sessions) {
    const old = (await scans()).filter((scan) => !isWaiting(scan) && Date.now() - scan.at > SHOWN_MS);
    await change(["sessions", "scans"], (store, kept) => {
      store.clear();
      for (const session of sessions) store.put(session);
      for (const { scan } of old) kept.delete(scan);
    });
  }

  const become = (own) => change(["me"], (store) => { store.clear(); store.put({ ...own, id: "me" }); });
  const sessions = () => all("sessions");
  return { me, become, scans, keep, deliver, forget, know, sessions };
})();
