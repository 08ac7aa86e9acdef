// Reads QR codes with the phone's camera where the browser can do so itself.

export async function canScan() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  return (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

// Shows the camera in ``view`` until ``take`` accepts what a code says. Throws without a camera.
export async function scan(view, take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  view.hidden = false;
  view.srcObject = stream;
  await view.play();
  const reader = new window.BarcodeDetector({ formats: ["qr_code"] });
  const look = async () => {
    for (const found of await reader.detect(view).catch(() => [])) {
      if (!take(found.rawValue)) continue;
      stream.getTracks().forEach((track) => track.stop());
      view.hidden = true;
      return;
    }
    setTimeout(look, 200);
  };
  look();
}
