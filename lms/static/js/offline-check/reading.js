// Reads and judges the signed fact of a QR and the list of statuses; docs/offline-verification.md
// tells their bytes. Nothing here touches the page, the network or a store.

import { verify } from "./ed25519.js";

export const CODE = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SIGNATURE = 64;
const EPOCH = Date.UTC(2000, 0, 1);
const DAY = 86_400_000;
const LISTED = ["revoked", "suspended", "corrected"];
const MARK = 6;

const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const large = (bytes) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
const whole = (bytes) => Number(large(bytes));

// Bytes of a text in base 32, or null unless it is written in exactly one way.
export function unbase32(text) {
  if (!text || /[^A-Z2-7]/.test(text) || [1, 3, 6].includes(text.length % 8)) return null;
  const bytes = [];
  let held = 0;
  let bits = 0;
  for (const letter of text) {
    held = (held << 5) | BASE32.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  return held ? null : new Uint8Array(bytes);
}

function packedLength(characters) {
  let length = 0;
  for (let left = 36n ** BigInt(characters) - 1n; left > 0n; left >>= 8n) length += 1;
  return length;
}

function dayIn(bytes) {
  const days = whole(bytes);
  return days ? new Date(EPOCH + days * DAY).toISOString().slice(0, 10) : null;
}

function fields(said) {
  const n = said[11];
  const k = packedLength(n);
  const m = said[12 + k];
  if (n > 24 || said.length !== 13 + k + m) return null;
  return {
    kind: said[1],
    rung: said[2],
    issuedOn: dayIn(said.subarray(3, 5)),
    validTo: dayIn(said.subarray(5, 7)),
    number: n ? large(said.subarray(12, 12 + k)).toString(36).toUpperCase().padStart(n, "0") : null,
    holder: new TextDecoder().decode(said.subarray(13 + k)),
  };
}

// {fact} or {refused: why}. `ring` is a map from key id to 32 bytes.
export async function readFact(code, text, ring) {
  const data = unbase32(text);
  if (!data || data.length < SIGNATURE + 13) return { refused: "garbled" };
  const said = data.subarray(0, -SIGNATURE);
  if (said[0] !== 1) return { refused: "garbled" };
  const start = hex(said.subarray(7, 11));
  const keys = [...ring].filter(([id]) => id.startsWith(start));
  if (!keys.length) return { refused: "unknown-key" };
  // Whoever stole a key writes any fact she likes; only the site knows what came before.
  if (keys.some(([id]) => ring.stolen.has(id))) return { refused: "stolen-key" };
  const message = joined(ascii(`lms.fact/1\n${code}`), said);
  for (const [id, key] of keys) {
    if (!(await verify(key, data.subarray(-SIGNATURE), message))) continue;
    const fact = fields(said);
    return fact ? { fact: { ...fact, key: id } } : { refused: "garbled" };
  }
  return { refused: "signature" };
}

// The ring as /v/keys gives it; a key that is not what its id says is left out.
export async function readRing(answer) {
  const ring = Object.assign(new Map(), { stolen: new Set() });
  for (const { id, public: text, stolen } of answer?.keys ?? []) {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const key = ascii(letters);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
    if (key.length === 32 && hex(digest).startsWith(id) && id.length === 16) ring.set(id, key);
    if (stolen) ring.stolen.add(id);
  }
  return ring;
}

// {asOf, marks} or null for a list that nobody of the ring signed.
export async function readStatuses(data, ring) {
  if (!data || data.length < 97 || hex(data.subarray(0, 5)) !== "4c4d535301") return null;
  const id = hex(data.subarray(-72, -SIGNATURE));
  const key = ring.stolen.has(id) ? null : ring.get(id);
  const message = joined(ascii("lms.statuses/1\n"), data.subarray(0, -SIGNATURE));
  if (!key || !(await verify(key, data.subarray(-SIGNATURE), message))) return null;
  const counts = [13, 17, 21].map((at) => whole(data.subarray(at, at + 4)));
  if (data.length !== 97 + MARK * counts.reduce((sum, count) => sum + count)) return null;
  const marks = new Map();
  let at = 25;
  LISTED.forEach((status, group) => {
    for (let n = 0; n < counts[group]; n += 1, at += MARK) {
      marks.set(hex(data.subarray(at, at + MARK)), status);
    }
  });
  return { asOf: new Date(whole(data.subarray(5, 13)) * 1000), marks };
}

export async function statusOf(code, list) {
  const said = ascii(`lms.status/1\n${code}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", said));
  return list.marks.get(hex(digest.subarray(0, MARK))) ?? null;
}

// What may be said of a code and its fact without a signal. Never "valid".
export async function judge({ code, text, ring, list, today }) {
  if (!text) return { outcome: "no-fact" };
  if (!ring.size) return { outcome: "no-keys" };
  const { fact, refused } = await readFact(code, text, ring);
  if (refused === "unknown-key" || refused === "stolen-key") return { outcome: refused };
  if (refused) return { outcome: "refused", reason: refused };
  const status = list && (await statusOf(code, list));
  if (status) return { outcome: status, fact };
  if (fact.validTo && fact.validTo < today) return { outcome: "expired", fact };
  return { outcome: "genuine", fact };
}
