// The room around the question: the bar, the buttons, notes and full-page messages.

import { $, fill } from "./dom.js";

export class View {
  constructor(words) {
    this.words = words;
  }

  marked(on) {
    $("room-mark").setAttribute("aria-pressed", String(on));
    $("room-mark").querySelector("span").textContent = on ? this.words.marked : this.words.mark;
  }

  // Between the ends of the paper; the last question's "next" opens the answer card.
  steps(position, total, answered) {
    $("room-back").disabled = position === 1;
    $("room-count").textContent = `${answered}/${total}`;
  }

  // "Saved" is shown only when the server has acknowledged everything that was typed.
  saved(state, unsent) {
    const text = { saved: this.words.saved, saving: this.words.saving, ready: this.words.ready };
    $("room-saved").dataset.state = state;
    $("room-saved-text").textContent = text[state] ?? fill(this.words.local, { n: unsent });
  }

  note(text) {
    $("room-note").textContent = text;
    $("room-note").hidden = !text;
  }

  // A message that takes the place of the desk; null brings the desk back.
  screen(name, { values = {}, takeOver = false, link = "", reload = false } = {}) {
    const words = name && this.words.screens[name];
    $("room-desk").hidden = Boolean(words);
    $("room-screen").hidden = !words;
    $("room-screen").dataset.name = name ?? "";
    if (!words) return;
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    $("room-screen").querySelector("h2").textContent = words.title;
    $("room-screen").querySelector("p").textContent = fill(words.text, values);
    $("take-over").hidden = !takeOver;
    $("screen-reload").hidden = !reload;
    $("screen-link").hidden = !link;
    if (link) $("screen-link").href = link;
    if (link) $("screen-link").textContent = words.link ?? this.words.toSignIn;
    $("room-screen").focus();
  }
}
