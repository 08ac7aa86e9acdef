// Reads a question aloud: the case, the stem, then what there is to choose from. The button stays
// hidden where the phone has no voice.

import { LETTERS, fill } from "./dom.js";

const voice = globalThis.speechSynthesis;

export function spoken(question, words) {
  const parts = [];
  if (question.case) parts.push(question.case.stem);
  parts.push(question.stem.replace(/_{3,}/g, ` ${words.blankAloud} `));
  (question.options ?? []).forEach((text, n) => parts.push(`${LETTERS[n]}，${text}`));
  if (question.kind === "judge") parts.push(`${words.right}，${words.wrong}`);
  (question.left ?? []).forEach((text, n) => parts.push(`${n + 1}，${text}`));
  (question.right ?? []).forEach((text, n) => parts.push(`${LETTERS[n]}，${text}`));
  (question.items ?? []).forEach((text, n) => parts.push(`${fill(words.itemAloud, { n: n + 1 })}，${text}`));
  for (const item of question.media ?? []) if (item.alt) parts.push(item.alt);
  return parts;
}

export class Reader {
  constructor(button, words) {
    this.button = button;
    this.words = words;
    if (!voice || !globalThis.SpeechSynthesisUtterance) return;
    button.hidden = false;
    addEventListener("pagehide", () => voice.cancel());
  }

  // Long texts go sentence by sentence: some Android voices stop after fifteen seconds.
  toggle(question) {
    if (this.button.getAttribute("aria-pressed") === "true") {
      this.stop();
      return;
    }
    const sentences = spoken(question, this.words)
      .flatMap((part) => part.match(/[^。！？!?；;]+[。！？!?；;]*/g) ?? []);
    if (!sentences.length) return;
    this.#show(true);
    sentences.forEach((text, n) => {
      const speech = new SpeechSynthesisUtterance(text);
      speech.lang = "zh-CN";
      speech.rate = 0.9;
      if (n === sentences.length - 1) speech.onend = () => this.#show(false);
      speech.onerror = () => this.#show(false);
      voice.speak(speech);
    });
  }

  stop() {
    voice?.cancel();
    this.#show(false);
  }

  #show(on) {
    this.button.setAttribute("aria-pressed", String(on));
    this.button.querySelector("span").textContent = on ? this.words.stopAloud : this.words.readAloud;
  }
}
