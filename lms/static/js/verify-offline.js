// The check without a signal. At a certificate's own address (the service worker gives this page
// when the site cannot be reached) it judges the fact behind the "#"; at /v/offline it asks for a
// QR, a picture of one or a pasted address and goes there.

import { CODE, judge } from "./offline-check/reading.js";
import { keptRing, keptStatuses, note, refresh } from "./offline-check/store.js";

const box = document.getElementById("offline-check");
const words = JSON.parse(box.dataset.words);
const result = document.getElementById("result");
const ask = document.getElementById("ask");
const said = document.getElementById("ask-said");
const COUNTED = ["genuine", "expired", "revoked", "suspended", "corrected"];
const STALE_DAYS = 7;
const DAY = 86_400_000;

const inZone = { timeZone: "Asia/Shanghai" };
const asDate = new Intl.DateTimeFormat(words.language, { ...inZone, dateStyle: "long" });
const asMoment = new Intl.DateTimeFormat(words.language, { ...inZone, dateStyle: "long", timeStyle: "short" });
const isoDay = new Intl.DateTimeFormat("sv-SE", inZone); // 2026-11-25

function addressIn(text) {
  let address;
  try {
    address = new URL(text.trim());
  } catch {
    return null;
  }
  const code = /^\/v\/([^/]+)\/?$/i.exec(address.pathname)?.[1].toUpperCase();
  if (!code || !CODE.test(code) || address.host !== location.host) return null;
  return { code, text: address.hash.slice(1) };
}

function age(asOf) {
  const days = Math.floor((Date.now() - asOf) / DAY);
  if (Date.now() < asOf - 10 * 60_000) return words.clock;
  return days < 1 ? words.today : words.days.replace("%n", days);
}

function row(list, label, value, mono) {
  if (!value) return;
  const line = document.createElement("div");
  const name = document.createElement("dt");
  const entry = document.createElement("dd");
  name.textContent = label;
  entry.textContent = value;
  if (mono) entry.className = "cert-number";
  line.append(name, entry);
  list.append(line);
}

function facts(list, fact, code) {
  const day = (iso) => iso && asDate.format(new Date(`${iso}T00:00:00+08:00`));
  row(list, words.labels.kind, words.kinds[fact.kind] ?? words.kinds[255]);
  row(list, words.labels.holder, fact.holder);
  row(list, words.labels.level, words.rungs[fact.rung]);
  row(list, words.labels.number, fact.number ?? words.seePaper, true);
  row(list, words.labels.issued, day(fact.issuedOn));
  row(list, words.labels.ends, day(fact.validTo) ?? words.noEnd);
  row(list, words.labels.code, code.match(/.{1,4}/g).join("-"), true);
  row(list, words.labels.key, `Ed25519 ${fact.key}`, true);
}

function knownUpTo(part, list, fact) {
  const line = part.querySelector("[data-list]");
  if (!line) return;
  if (!list) {
    line.textContent = words.noList;
    return;
  }
  const covered = !fact || fact.issuedOn <= isoDay.format(list.asOf);
  const stale = Date.now() - list.asOf > STALE_DAYS * DAY;
  line.textContent = `${words.upTo} ${asMoment.format(list.asOf)}${words.open}${age(list.asOf)}${words.shut}`;
  part.querySelector("[data-not-covered]")?.toggleAttribute("hidden", covered);
  part.querySelector("[data-stale]")?.toggleAttribute("hidden", !stale);
}

async function show({ code, text }) {
  const ring = await keptRing();
  const list = await keptStatuses(ring);
  const today = isoDay.format(new Date());
  const { outcome, reason, fact } = await judge({ code, text, ring, list, today });
  const part = document.getElementById(`is-${outcome}`).content.cloneNode(true);
  part.querySelector("[data-reason]")?.append(words.reasons[reason] ?? "");
  if (fact) facts(part.querySelector("[data-facts]"), fact, code);
  knownUpTo(part, list, fact);
  part.querySelector("[data-online]")?.addEventListener("click", () => location.reload());
  result.replaceChildren(part);
  result.hidden = false;
  ask.hidden = true;
  if (COUNTED.includes(outcome)) note(code, today);
}

// The address decides: with a signal the site answers there, without one this page does.
function follow(text) {
  const found = addressIn(text);
  said.hidden = Boolean(found);
  if (!found) return false;
  const hash = found.text ? `#${found.text}` : "";
  location.assign(`/v/${found.code}${hash}`);
  return true;
}

async function canScan() {
  if (!("BarcodeDetector" in window)) return false;
  return (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function offerPicture() {
  if (!(await canScan())) return;
  const picture = document.getElementById("ask-picture");
  document.getElementById("ask-picture-part").hidden = false;
  picture.addEventListener("change", async () => {
    const bitmap = await createImageBitmap(picture.files[0]).catch(() => null);
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    const found = bitmap ? await detector.detect(bitmap).catch(() => []) : [];
    if (!found.some((code) => follow(code.rawValue))) said.hidden = false;
  });
}

async function store() {
  const ring = await keptRing();
  const list = await keptStatuses(ring);
  const line = document.getElementById("kept");
  line.textContent = list
    ? `${words.upTo} ${asMoment.format(list.asOf)}${words.open}${age(list.asOf)}${words.shut}`
    : words.nothingKept;
}

async function start() {
  const here = addressIn(location.href);
  if (here) return show(here);
  document.getElementById("ask-form").addEventListener("submit", (event) => {
    event.preventDefault();
    follow(document.getElementById("ask-address").value);
  });
  await offerPicture();
  await refresh().catch(() => {});
  return store();
}

addEventListener("hashchange", start);
if (globalThis.crypto?.subtle) await start();
else document.getElementById("insecure").hidden = false;
