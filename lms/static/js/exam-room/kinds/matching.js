// Matching: a native select for each thing on the left; nothing to drag.

import { LETTERS, fill, make } from "../dom.js";

export function draw(box, question, answer, words, onChange) {
  const pairs = question.left.map((_text, n) => answer.pairs?.[n] ?? null);
  const named = question.right.map((text, place) => `${LETTERS[place]}. ${text}`);
  const rows = question.left.map((text, n) => {
    const select = make("select", { id: `room-pair-${n}`, className: "form-select" },
      make("option", { value: "", textContent: words.choose }),
      ...named.map((name, place) => make("option", { value: String(place), textContent: name })));
    select.value = pairs[n] === null ? "" : String(pairs[n]);
    select.addEventListener("change", () => {
      pairs[n] = select.value === "" ? null : Number(select.value);
      onChange({ pairs: [...pairs] });
    });
    const label = make("label", { htmlFor: select.id }, make("b", { textContent: `${n + 1}. ` }), text);
    return make("li", {}, label, select);
  });
  const right = make("ul", { className: "room-right", aria: { label: words.rightColumn } },
    ...named.map((name) => make("li", { textContent: name })));
  const title = make("p", { className: "room-right-title", textContent: fill(words.rightColumn, {}) });
  box.replaceChildren(title, right, make("ol", { className: "room-pairs" }, ...rows));
}
