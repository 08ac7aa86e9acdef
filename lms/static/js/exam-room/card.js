// The answer card: which questions are answered, marked, empty.

import { isAnswered } from "./answers.js";
import { $, fill, make } from "./dom.js";

export function drawCard(questions, answers, here, words, onPick) {
  $("room-grid").replaceChildren(...questions.map(({ position }) => {
    const answer = answers[position];
    const state = isAnswered(answer) ? "done" : "empty";
    const said = [words[state === "done" ? "answered" : "empty"], answer?.flag ? words.marked : ""];
    const button = make("button", {
      type: "button", textContent: position, data: { state },
      aria: { label: `${position} ${said.join(" ").trim()}` },
    });
    if (answer?.flag) button.dataset.marked = "1";
    if (position === here) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => onPick(position));
    return make("li", {}, button);
  }));
  const done = questions.filter((q) => isAnswered(answers[q.position])).length;
  const marked = questions.filter((q) => answers[q.position]?.flag).length;
  const text = fill(words.sum, { done, left: questions.length - done, marked });
  $("room-sum").textContent = text;
  $("room-confirm-sum").textContent = text;
}
