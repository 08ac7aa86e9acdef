// Delivers what an exam's page could not send any more, and takes what is left of finished sittings
// off this phone: answers, papers, the room's page.

import { deliver } from "./exam-room/leftover.js";
import { dropShell } from "./exam-room/shell.js";
import { sweep } from "./exam-room/store.js";

await deliver().catch(() => {});
const gone = await sweep().catch(() => []);
for (const attempt of gone) localStorage.removeItem(`exam-room:${attempt}`);
if (gone.length) await dropShell();
