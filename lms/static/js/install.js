// On every learner page: register the service worker and send what waited for a signal.

import { flush } from "./learn-queue.js";

if (navigator.serviceWorker) {
  navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
}
flush();
