// Scans a certificate's QR with the camera where the browser can read codes itself.
// Without BarcodeDetector the button never appears and the form does the work.
const box = document.getElementById("scan");
const start = document.getElementById("scan-start");
const view = document.getElementById("scan-view");
const said = document.getElementById("scan-said");
const CODE = /\/v\/([0-9a-z]{26})$/i;

async function supported() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  return formats.includes("qr_code");
}

// Only a certificate of this very site is followed; a code that leads elsewhere is named as such.
function pathIn(text) {
  let address;
  try {
    address = new URL(text);
  } catch {
    return null;
  }
  const found = CODE.exec(address.pathname);
  if (!found || address.host !== box.dataset.host) return null;
  return `/v/${found[1].toUpperCase()}${address.hash}`; // the signed fact, for want of a signal
}

async function scan() {
  said.textContent = "";
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    said.textContent = box.dataset.refused;
    return;
  }
  start.hidden = true;
  view.hidden = false;
  view.srcObject = stream;
  await view.play();
  const reader = new window.BarcodeDetector({ formats: ["qr_code"] });
  const look = async () => {
    for (const found of await reader.detect(view).catch(() => [])) {
      const path = pathIn(found.rawValue);
      if (path) {
        stream.getTracks().forEach((track) => track.stop());
        window.location.assign(path);
        return;
      }
      said.textContent = box.dataset.wrong;
    }
    setTimeout(look, 200);
  };
  look();
}

if (await supported()) {
  box.hidden = false;
  start.addEventListener("click", scan);
}
