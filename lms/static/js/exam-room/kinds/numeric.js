// A number, as typed: the marker reads full-width digits and both decimal points.

import { make } from "../dom.js";

const NUMBER = /^\s*[-+－＋]?[0-9０-９]*[.．。]?[0-9０-９]*\s*$/;

export function draw(box, question, answer, words, onChange) {
  const input = make("input", {
    id: "room-number", className: "form-control", type: "text", inputMode: "decimal", maxLength: 20,
    autocomplete: "off", value: answer.number ?? "",
    aria: { label: question.unit ? `${words.number} ${question.unit}` : words.number, describedby: "room-number-hint" },
  });
  const hint = make("p", { id: "room-number-hint", className: "field-error", hidden: true, textContent: words.onlyNumber });
  input.addEventListener("input", () => {
    hint.hidden = NUMBER.test(input.value);
    onChange({ number: input.value }, true);
  });
  hint.hidden = NUMBER.test(input.value);
  const unit = question.unit ? make("span", { className: "room-unit", textContent: question.unit }) : null;
  box.replaceChildren(make("p", { className: "room-number" }, input, unit), hint);
}
