// Single, multiple, true or false: native radios and checkboxes inside labels, so that keyboard
// and screen reader come for free.

import { LETTERS, make } from "../dom.js";

export function draw(box, question, answer, words, onChange) {
  const judge = question.kind === "judge";
  const rows = judge
    ? [[true, "", words.right], [false, "", words.wrong]]
    : question.options.map((text, place) => [place, LETTERS[place], text]);
  const list = make("ul", { className: "choices" }, ...rows.map(([value, letter, text]) => {
    const input = make("input", {
      type: question.kind === "multiple" ? "checkbox" : "radio",
      name: "option",
      value: String(value),
      checked: judge ? answer.value === value : Boolean(answer.picked?.includes(value)),
    });
    const mark = letter ? make("b", { textContent: letter }) : null;
    return make("li", {}, make("label", { className: "choice" }, input, mark, make("span", { textContent: text })));
  }));
  list.addEventListener("change", () => {
    const values = [...list.querySelectorAll("input:checked")].map((input) => input.value);
    onChange(judge ? { value: values[0] === "true" } : { picked: values.map(Number).sort((a, b) => a - b) });
  });
  box.replaceChildren(list);
}
