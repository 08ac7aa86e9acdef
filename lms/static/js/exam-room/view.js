// The room around the question: the bar, the buttons, notes, full-page messages and the answer card.

import { $, fill, make } from "./dom.js";

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
