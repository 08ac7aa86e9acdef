// Takes what is left of finished sittings off this phone: answers, papers, the room's page.

import { dropShell } from "./exam-room/shell.js";
import { sweep } from "./exam-room/store.js";

const gone = await sweep().catch(() => []);
for (const attempt of gone) localStorage.removeItem(`exam-room:${attempt}`);
if (gone.length) await dropShell();
