// Does this key sign this message? The browser's own Ed25519 where it has one; else the same
// arithmetic in whole numbers (RFC 8032, 5.1.7). Only public things are handled here, so that it
// may take its time and needs no secrecy.

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ROOT = 19681161376707505956807079304988542015446066515923890162744021073123829784752n; // of -1
const BASE = {
  x: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  y: 46316835694926478169428394003475163141307993866256225615783033603165251855960n,
};

const mod = (value, modulus = P) => ((value % modulus) + modulus) % modulus;

function power(base, exponent) {
  let result = 1n;
  for (let left = exponent, factor = base; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}

// Points in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.
const point = (x, y) => ({ x, y, z: 1n, t: mod(x * y) });
const NOTHING = point(0n, 1n);

function add(one, other) {
  const a = mod(one.x * other.x);
  const b = mod(one.y * other.y);
  const c = mod(one.t * D * other.t);
  const d = mod(one.z * other.z);
  const e = mod((one.x + one.y) * (other.x + other.y) - a - b);
  const f = mod(d - c);
  const g = mod(d + c);
  const h = mod(b + a);
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

function times(scalar, start) {
  let sum = NOTHING;
  for (let left = scalar, addend = start; left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(sum, addend);
    addend = add(addend, addend);
  }
  return sum;
}

function number(bytes) {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function unpacked(bytes) {
  const value = number(bytes);
  const y = value & (2n ** 255n - 1n);
  if (y >= P) return null;
  const top = mod(y * y - 1n);
  const bottom = mod(D * y * y + 1n);
  let x = mod(top * power(bottom, 3n) * power(top * power(bottom, 7n), (P - 5n) / 8n));
  if (mod(bottom * x * x) !== top) x = mod(x * ROOT);
  if (mod(bottom * x * x) !== top) return null;
  const sign = value >> 255n;
  if (x === 0n && sign) return null;
  return point((x & 1n) === sign ? x : P - x, y);
}

function packed(spot) {
  const inverse = power(spot.z, P - 2n);
  const y = mod(spot.y * inverse);
  return y | ((mod(spot.x * inverse) & 1n) << 255n);
}

export async function verifyByHand(key, signature, message) {
  const s = number(signature.subarray(32));
  const a = unpacked(key);
  if (signature.length !== 64 || s >= ORDER || !a) return false;
  const r = signature.subarray(0, 32);
  const hashed = new Uint8Array([...r, ...key, ...message]);
  const h = mod(number(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed))), ORDER);
  const minus = { ...a, x: P - a.x, t: P - a.t };
  return packed(add(times(s, point(BASE.x, BASE.y)), times(h, minus))) === number(r);
}

export async function verify(key, signature, message) {
  let own;
  try {
    own = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return verifyByHand(key, signature, message); // no Ed25519 here, or no key of it
  }
  return crypto.subtle.verify({ name: "Ed25519" }, own, signature, message);
}
