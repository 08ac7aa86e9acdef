// Short answers and essays: a plain text field, counted, kept as typed.

import { fill, make } from "../dom.js";

export function draw(box, question, answer, words, onChange) {
  const area = make("textarea", {
    id: "room-text", className: "form-control", rows: question.kind === "essay" ? 12 : 5,
    maxLength: question.longest, value: answer.text ?? "",
    aria: { labelledby: "room-stem", describedby: "room-text-count" },
  });
  const count = make("p", { id: "room-text-count", className: "field-hint room-text-count" });
  const say = () => {
    count.textContent = fill(words.typed, { n: [...area.value].length, most: question.longest });
  };
  area.addEventListener("input", () => {
    say();
    onChange({ text: area.value }, true);
  });
  say();
  box.replaceChildren(area, count);
}
