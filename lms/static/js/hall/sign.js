// The phone's own key and what it signs. The private key cannot be taken out of the browser.

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const FORMAT = "lms.hall/1";

export function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function newKey() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
  return { key: pair.privateKey, point: base64url(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

export async function signed(record, key) {
  const { scan, ref, kind, code, at } = record;
  const lines = [FORMAT, scan, record.key, ref, kind, code, String(at)].join("\n");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new TextEncoder().encode(lines));
  return { ...record, signature: base64url(signature) };
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
