// Checks a receipt's file against the page: SHA-256 over its last line. The file stays on the device.

const box = document.getElementById("receipt-check");
const verdict = document.getElementById("receipt-verdict");
const digest = document.getElementById("receipt-digest").textContent.trim();

async function check(file) {
  const lines = (await file.text()).split("\n").filter((line) => line.trim());
  const bytes = new TextEncoder().encode((lines.pop() ?? "").replace(/\r$/, ""));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = found === digest;
  verdict.className = `notice notice-${same ? "ok" : "bad"}`;
  verdict.textContent = same ? box.dataset.same : box.dataset.other;
  verdict.hidden = false;
}

if (crypto.subtle) {
  document.getElementById("receipt-file").addEventListener("change", ({ target }) => {
    if (target.files[0]) check(target.files[0]);
  });
} else {
  box.hidden = true; // only over TLS can a browser compute it
}
