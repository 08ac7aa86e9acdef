// Sends a photo of a QR as soon as it is taken, made small first: a phone's photo has megabytes,
// the code in it needs few. Without this the form and its button do the same.
const SIDE = 1600;
const form = document.getElementById("photo-form");
const field = document.getElementById("photo");

async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  if (scale === 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return blob ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
}

field.addEventListener("change", async () => {
  const [file] = field.files;
  if (!file) return;
  try {
    const files = new DataTransfer();
    files.items.add(await smaller(file));
    field.files = files.files;
  } catch {
    // The photo goes as it is.
  }
  form.requestSubmit();
});
