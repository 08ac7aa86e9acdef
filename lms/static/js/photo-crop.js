// Portraits: choose the part of a picture that becomes the one-inch photo, within a fixed frame.
// Without this module the server cuts the middle itself.
const form = document.querySelector("[data-photo] form");
const input = form.querySelector("input[type=file]");
const panel = form.querySelector("[data-crop]");
const canvas = panel.querySelector("canvas");
const sliders = Object.fromEntries([...panel.querySelectorAll("input[type=range]")].map((s) => [s.name, s]));
const box = Object.fromEntries(["left", "top", "width"].map((n) => [n, form.elements[`crop_${n}`]]));
const RATIO = 295 / 413;
let picture = null;

function part() {
  const whole = picture.width / picture.height > RATIO;
  const most = whole ? picture.height * RATIO : picture.width;
  const width = most / Number(sliders.zoom.value);
  const height = width / RATIO;
  return {
    left: (picture.width - width) * (Number(sliders.across.value) / 100),
    top: (picture.height - height) * (Number(sliders.down.value) / 100),
    width, height,
  };
}

function draw() {
  if (!picture) return;
  const { left, top, width, height } = part();
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height);
  pen.lineWidth = 3;
  pen.setLineDash([10, 7]);
  for (const [colour, shift] of [["#000", 1.5], ["#fff", 0]]) {
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.ellipse(canvas.width / 2 + shift, canvas.height * 0.42, canvas.width * 0.27, canvas.height * 0.29, 0, 0, 7);
    pen.stroke();
  }
  box.left.value = (left / picture.width).toFixed(5);
  box.top.value = (top / picture.height).toFixed(5);
  box.width.value = (width / picture.width).toFixed(5);
}

async function chosen() {
  const file = input.files[0];
  panel.hidden = true;
  picture = null;
  for (const field of Object.values(box)) field.value = "";
  if (!file) return;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return;  // the server says what is wrong with it
  }
  Object.assign(sliders.zoom, { value: 1 });
  Object.assign(sliders.across, { value: 50 });
  Object.assign(sliders.down, { value: 40 });
  panel.hidden = false;
  draw();
}

function drag(event) {
  if (!picture || !(event.buttons & 1)) return;
  const { width, height } = part();
  const scale = width / canvas.clientWidth;
  const roomX = picture.width - width;
  const roomY = picture.height - height;
  if (roomX > 0) sliders.across.value -= (event.movementX * scale * 100) / roomX;
  if (roomY > 0) sliders.down.value -= (event.movementY * scale * 100) / roomY;
  draw();
}

input.addEventListener("change", chosen);
panel.addEventListener("input", draw);
canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
canvas.addEventListener("pointermove", drag);
