// Pictures one can enlarge and recordings with the phone's own controls. Loaded only when the
// question is on the screen; when one fails the words stay and one can try again.

import { $, make } from "./dom.js";

function failed(item, words, again) {
  const button = make("button", { className: "btn", type: "button", textContent: words.again });
  button.addEventListener("click", again);
  const text = item.kind === "audio" ? words.noAudio : words.noPicture;
  const alt = item.alt ? make("p", { textContent: item.alt }) : null;
  return make("div", { className: "notice notice-warn room-media-failed" },
    make("div", { className: "notice-body" }, make("p", { textContent: text }), alt, button));
}

function picture(item, words) {
  const image = make("img", { alt: item.alt ?? "", decoding: "async", src: item.url });
  const button = make("button", {
    className: "room-picture", type: "button", aria: { label: `${words.enlarge} ${item.alt ?? ""}`.trim() },
  }, image, make("span", { className: "room-picture-hint", textContent: words.enlarge, aria: { hidden: "true" } }));
  button.addEventListener("click", () => enlarge(item));
  image.addEventListener("error", () => {
    button.replaceWith(failed(item, words, (event) => {
      event.target.closest(".room-media-failed").replaceWith(picture(item, words));
    }));
  });
  return button;
}

// The large view: fits the screen first, a tap makes it two and a half times as large.
function enlarge(item) {
  const dialog = $("room-zoom");
  const image = $("room-zoom-picture");
  image.src = item.url;
  image.alt = item.alt ?? "";
  dialog.dataset.large = "0";
  dialog.showModal();
}

export function wireZoom() {
  const dialog = $("room-zoom");
  const turn = () => { dialog.dataset.large = dialog.dataset.large === "1" ? "0" : "1"; };
  $("room-zoom-picture").addEventListener("click", turn);
  $("room-zoom-size").addEventListener("click", turn);
  $("room-zoom-close").addEventListener("click", () => dialog.close());
}

function recording(item, words) {
  const audio = make("audio", { controls: true, preload: "none", src: item.url, aria: { label: item.alt || words.audio } });
  audio.addEventListener("error", () => {
    audio.replaceWith(failed(item, words, (event) => {
      event.target.closest(".room-media-failed").replaceWith(recording(item, words));
    }));
  });
  return audio;
}

export function drawMedia(box, media, words) {
  box.hidden = !media?.length;
  box.replaceChildren(...(media ?? []).map((item) =>
    (item.kind === "audio" ? recording : picture)(item, words)));
}
