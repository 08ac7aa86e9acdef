// One request of the protocol: its headers, its clock, its refusals.

const PATIENCE = 20000; // ms
const KEEPALIVE = 60000; // bytes a browser lets a closing page send

let leaving = false;
addEventListener("pagehide", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });

export class Refusal extends Error {
  constructor(code, status, answer = {}) {
    super(code);
    this.code = code;
    this.status = status;
    this.answer = answer;
  }
}

// True when asking again will not help.
export function isFinal(error) {
  return error instanceof Refusal && error.status < 500 && error.status !== 429;
}

function signals(stop) {
  const all = [AbortSignal.timeout?.(PATIENCE), stop].filter(Boolean);
  return all.length > 1 && AbortSignal.any ? AbortSignal.any(all) : all.at(-1);
}

export async function call({ base, csrf, clock }, path, body, { stop } = {}) {
  const sent = performance.now();
  const text = body && JSON.stringify(body);
  const response = await fetch(base + path, {
    method: body ? "POST" : "GET",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: text,
    credentials: "same-origin",
    cache: "no-store",
    // What was typed leaves even while the page is being closed.
    keepalive: Boolean(text) && (leaving || document.hidden) && text.length * 3 < KEEPALIVE,
    signal: signals(stop),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Refusal(answer.code ?? "unknown", response.status, answer);
  if (answer.now) clock.set(answer.now, sent, performance.now());
  return answer;
}
