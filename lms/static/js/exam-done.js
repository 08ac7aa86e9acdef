// The sitting is over: nothing of it stays on this phone.

import { dropShell } from "./exam-room/shell.js";
import { openStore } from "./exam-room/store.js";

const attempt = Number(document.getElementById("exam-done")?.dataset.attempt);
if (attempt) {
  const store = await openStore(attempt);
  await store.clear();
  await dropShell();
  localStorage.removeItem(`exam-room:${attempt}`);
  sessionStorage.removeItem(`exam-room:${attempt}`);
}
