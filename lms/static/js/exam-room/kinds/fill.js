// A sentence with holes: each run of three or more underscores in the stem becomes an input.

import { fill, make } from "../dom.js";

export const BLANK = /_{3,}/;

export function draw(box, question, answer, words, onChange) {
  const typed = Array.from({ length: question.blanks }, (_none, n) => answer.blanks?.[n] ?? "");
  const pieces = question.stem.split(BLANK);
  const sentence = make("p", { className: "room-sentence" });
  pieces.forEach((text, n) => {
    sentence.append(text);
    if (n >= question.blanks) return;
    const input = make("input", {
      className: "form-control room-blank", type: "text", maxLength: 100, autocomplete: "off",
      value: typed[n], enterKeyHint: n + 1 < question.blanks ? "next" : "done",
      aria: { label: fill(words.blank, { n: n + 1 }) },
    });
    input.addEventListener("input", () => {
      typed[n] = input.value;
      onChange({ blanks: [...typed] }, true);
    });
    sentence.append(input);
  });
  box.replaceChildren(sentence);
}
