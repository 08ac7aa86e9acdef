// A browser may drop what a closing page was still sending. Whatever page this tab opens next
// delivers it; a sitting that another device has taken over since refuses it, as it should.

import { ServerClock } from "./clock.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";

const PREFIX = "exam-room:";

export async function deliver() {
  const csrf = document.querySelector("[name=csrf_token]")?.value;
  if (!csrf || document.getElementById("room")) return;
  for (const name of Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))) {
    const attempt = Number(name.slice(PREFIX.length));
    const sync = new Sync({
      base: `/exams/room/${attempt}`, csrf, device: sessionStorage.getItem(name),
      store: await openStore(attempt), clock: new ServerClock(),
    });
    await sync.leftover();
  }
}
