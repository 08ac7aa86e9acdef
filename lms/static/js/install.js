// On every learner page: register the service worker and send what waited for a signal.

import { flush } from "./learn-queue.js";

if (navigator.serviceWorker) {
  navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
}
flush();
// Sittings whose time has passed leave nothing on this phone.
if (Object.keys(localStorage).some((name) => name.startsWith("exam-room:"))) import("./exam-sweep.js");
// Scans of a hall without a signal are delivered by whatever page opens next.
if (localStorage.getItem("hall.waiting")) import("./hall/leftover.js").then((hall) => hall.deliver());
