// The answer card: which questions are answered, marked, empty.

import { $, fill, make } from "./dom.js";

// What counts as answered, for every kind; a flag alone is no answer.
export function isAnswered(answer) {
  if (!answer) return false;
  if (typeof answer.value === "boolean") return true;
  if (answer.picked?.length || answer.sequence?.length) return true;
  if (answer.pairs?.some((place) => place !== null)) return true;
  return [answer.number, answer.text, ...(answer.blanks ?? [])].some((typed) => typed?.trim());
}

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
