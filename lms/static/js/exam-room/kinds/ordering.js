// Ordering: a number one can change and two buttons for each line; every move is said aloud to a
// screen reader. Until something is moved or confirmed the question counts as not answered.

import { fill, make } from "../dom.js";

export function draw(box, question, answer, words, onChange) {
  const shown = question.items.map((_text, place) => place);
  let sequence = answer.sequence?.length === shown.length ? [...answer.sequence] : [...shown];
  let done = Boolean(answer.sequence?.length);
  const list = make("ol", { className: "room-order" });
  const said = make("p", { className: "visually-hidden", role: "status" });
  const confirm = make("button", { className: "btn", type: "button" });
  const state = make("p", { className: "field-hint" });

  function put(from, to, focus) {
    const [place] = sequence.splice(from, 1);
    sequence.splice(to, 0, place);
    said.textContent = fill(words.movedTo, { what: question.items[place], n: to + 1 });
    keep(true);
    list.children[to].querySelector(focus)?.focus();
  }

  function keep(on) {
    done = on;
    if (!on) sequence = [...shown];
    lines();
    onChange({ sequence: on ? [...sequence] : [] });
  }

  function move(at, by, name, icon) {
    const to = at + by;
    const button = make("button", {
      className: "btn room-move", type: "button", disabled: to < 0 || to >= shown.length,
      data: { move: by < 0 ? "up" : "down" },
      aria: { label: fill(name, { what: question.items[sequence[at]] }) },
      textContent: icon,
    });
    // At the end of the list the button goes grey, so the focus moves to its neighbour.
    const end = to === 0 || to === shown.length - 1;
    const stays = end ? `[data-move=${by < 0 ? "down" : "up"}]` : `[data-move=${by < 0 ? "up" : "down"}]`;
    button.addEventListener("click", () => put(at, to, stays));
    return button;
  }

  function number(at) {
    const select = make("select", {
      className: "form-select room-number-pick",
      aria: { label: fill(words.placeOf, { what: question.items[sequence[at]] }) },
    }, ...shown.map((n) => make("option", { value: String(n), textContent: String(n + 1) })));
    select.value = String(at);
    select.addEventListener("change", () => put(at, Number(select.value), "select"));
    return select;
  }

  function lines() {
    list.replaceChildren(...sequence.map((place, at) => make("li", {},
      make("span", { className: "room-order-text", textContent: question.items[place] }),
      make("span", { className: "room-order-tools" }, number(at),
        move(at, -1, words.up, "↑"), move(at, 1, words.down, "↓")))));
    state.textContent = done ? words.ordered : words.notOrdered;
    confirm.textContent = done ? words.orderAgain : words.orderAsIs;
  }

  confirm.addEventListener("click", () => keep(!done));
  lines();
  box.replaceChildren(list, said, state, confirm);
}
