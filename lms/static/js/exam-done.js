// The sitting is over: nothing of it stays on this phone.

import { openStore } from "./exam-room/store.js";

const attempt = Number(document.getElementById("exam-done")?.dataset.attempt);
if (attempt) {
  const store = await openStore(attempt);
  await store.clear();
  localStorage.removeItem(`exam-room:${attempt}`);
}
