// Checking in without a signal. The service worker gives this page for the address in the hall's QR
// code; the scan is signed and kept here, and delivered as soon as there is a signal.

import "./hall/wire.js";
import { canScan, scan } from "./hall/camera.js";
import { newName, signed } from "./hall/sign.js";

const { hallKept } = globalThis;
const HERE = "/check-in/offline";
const CODE = /^\/check-in\/([0-9a-f]{16})\/([0-9a-f]{1,9}-[0-9a-f]{16})\/?$/;
const box = document.getElementById("hall-offline");
const words = JSON.parse(box.dataset.words);
const part = (name) => document.getElementById(`hall-${name}`);
const asMoment = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: "Asia/Shanghai", dateStyle: "medium", timeStyle: "short",
});
let seen = null; // the code to check in with: session and code

function codeIn(text) {
  let address;
  try {
    address = new URL(text, location.href);
  } catch {
    return null;
  }
  const found = CODE.exec(address.pathname);
  return found && address.host === location.host ? { ref: found[1], code: found[2] } : null;
}

async function titleOf(ref) {
  return (await hallKept.sessions()).find((session) => session.ref === ref)?.title ?? words.unknown;
}

async function offer(found) {
  seen = found;
  part("title").textContent = await titleOf(found.ref);
  part("ask").hidden = true;
  part("confirm").hidden = false;
  part("confirm").querySelector("button").focus();
}

async function record(kind) {
  if (!seen) return;
  const own = await hallKept.me();
  const { ref, code } = seen;
  seen = null;
  const one = { scan: newName(), key: own.ref, ref, kind, code, at: Date.now() };
  await hallKept.keep({ ...(await signed(one, own.key)), title: await titleOf(ref) });
  history.replaceState(null, "", HERE);
  part("code").value = "";
  part("confirm").hidden = true;
  part("ask").hidden = false;
  await show();
  await deliver();
  const worker = await navigator.serviceWorker?.ready;
  await worker?.sync?.register("hall-scans").catch(() => {});
}

async function deliver() {
  part("said").textContent = words.sending;
  const outcome = await hallKept.deliver();
  part("said").textContent = outcome === "sign-in" ? words.signIn : "";
  part("sign-in").hidden = outcome !== "sign-in";
  await show();
}

async function show() {
  const kept = await hallKept.scans();
  part("kept").hidden = !kept.length;
  part("list").replaceChildren(...kept.map(line));
  part("again").hidden = !kept.some(({ state }) => state === "kept");
}

function line({ title, kind, at, state, said }) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  const told = document.createElement("span");
  item.className = "hall-kept";
  item.dataset.state = state;
  name.textContent = title;
  told.textContent = state === "refused" ? `${words.refused}${said}` : said || words[state];
  item.append(name, document.createElement("br"), `${words[kind]} · ${asMoment.format(at)}`, document.createElement("br"), told);
  return item;
}

async function typedForm() {
  const known = await hallKept.sessions();
  const choice = part("session");
  for (const { ref, title, venue } of known) choice.append(new Option(`${title} · ${venue}`, ref));
  part("session-part").hidden = known.length < 2;
  part("typed").hidden = !known.length;
  part("none").hidden = known.length > 0;
  part("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = part("code").value.replace(/\s/g, "");
    const right = /^\d{10}$/.test(code);
    part("wrong").textContent = right ? "" : words.badDigits;
    part("wrong").hidden = right;
    if (right) offer({ ref: choice.value, code });
  });
}

async function camera() {
  if (!(await canScan())) return;
  const button = part("scan");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await scan(part("view"), (text) => {
        const found = codeIn(text);
        part("said").textContent = found ? "" : words.wrong;
        if (found) offer(found);
        return Boolean(found);
      });
    } catch {
      part("said").textContent = words.noCamera;
    }
  });
}

async function start() {
  const own = globalThis.crypto?.subtle && globalThis.indexedDB ? await hallKept.me() : null;
  part("unready").hidden = Boolean(own);
  if (own) {
    part("name").textContent = own.name;
    part("ready").hidden = false;
    for (const kind of ["in", "out"]) part(kind).addEventListener("click", () => record(kind));
    await typedForm();
    await camera();
    const here = codeIn(location.href);
    if (here) await offer(here);
  }
  part("again").addEventListener("click", deliver);
  addEventListener("online", deliver);
  if (globalThis.indexedDB) {
    await show();
    await deliver();
  }
}

await start();
