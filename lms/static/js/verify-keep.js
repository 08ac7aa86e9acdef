// On every page of the check: make it work without a signal next time, and tell the site what was
// checked meanwhile.

import { refresh, tell } from "./offline-check/store.js";

if (navigator.serviceWorker && globalThis.crypto?.subtle) {
  navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
  refresh().catch(() => {});
}
tell(document.querySelector("input[name=csrf_token]")?.value ?? "").catch(() => {});
