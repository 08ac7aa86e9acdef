// Draws the room: one question, the answer card, the clock, the saved mark, full-page messages.

export const $ = (id) => document.getElementById(id);

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
}

export function isAnswered(answer) {
  return Boolean(answer?.picked?.length) || typeof answer?.value === "boolean";
}

const LETTERS = "ABCDEFGHIJ";

export class View {
  constructor(words) {
    this.words = words;
  }

  marks(tenths) {
    return fill(this.words.marks, { n: tenths / 10 });
  }

  // Each option is a native radio or checkbox inside a label: keyboard and screen reader for free.
  question(question, answer, total, onChange) {
    const { words } = this;
    $("room-place").textContent = fill(words.place, { n: question.position, all: total });
    $("room-kind").textContent = `${words.kinds[question.kind]} · ${this.marks(question.tenths)}`;
    $("room-hint").textContent = words.hints[question.kind];
    $("room-stem").textContent = question.stem;
    const rows = question.kind === "judge"
      ? [[true, "", words.right], [false, "", words.wrong]]
      : question.options.map((text, place) => [place, LETTERS[place], text]);
    $("room-options").replaceChildren(...rows.map((row) => this.#option(question, answer, row, onChange)));
    this.marked(Boolean(answer?.flag));
  }

  #option(question, answer, [value, letter, text], onChange) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const words = document.createElement("span");
    label.className = "choice";
    input.type = question.kind === "multiple" ? "checkbox" : "radio";
    input.name = "option";
    input.value = String(value);
    input.checked = question.kind === "judge"
      ? answer?.value === value
      : Boolean(answer?.picked?.includes(value));
    input.addEventListener("change", () => onChange(this.#chosen(question)));
    words.textContent = text;
    label.append(input);
    if (letter) {
      const mark = document.createElement("b");
      mark.textContent = letter;
      label.append(mark);
    }
    label.append(words);
    item.append(label);
    return item;
  }

  #chosen(question) {
    const values = [...$("room-options").querySelectorAll("input:checked")].map((i) => i.value);
    if (question.kind === "judge") return { value: values[0] === "true" };
    return { picked: values.map(Number).sort((a, b) => a - b) };
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

  card(questions, answers, here, onPick) {
    $("room-grid").replaceChildren(...questions.map((question) => {
      const answer = answers[question.position];
      const item = document.createElement("li");
      const button = document.createElement("button");
      const state = isAnswered(answer) ? "done" : "empty";
      button.type = "button";
      button.textContent = question.position;
      button.dataset.state = state;
      if (answer?.flag) button.dataset.marked = "1";
      if (question.position === here) button.setAttribute("aria-current", "true");
      const said = [state === "done" ? this.words.answered : this.words.empty, answer?.flag ? this.words.marked : ""];
      button.setAttribute("aria-label", `${question.position} ${said.join(" ").trim()}`);
      button.addEventListener("click", () => onPick(question.position));
      item.append(button);
      return item;
    }));
    const done = questions.filter((q) => isAnswered(answers[q.position])).length;
    const marked = questions.filter((q) => answers[q.position]?.flag).length;
    const text = fill(this.words.sum, { done, left: questions.length - done, marked });
    $("room-sum").textContent = text;
    $("room-confirm-sum").textContent = text;
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
    if (!words) return;
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    $("room-screen").querySelector("h2").textContent = words.title;
    $("room-screen").querySelector("p").textContent = fill(words.text, values);
    $("take-over").hidden = !takeOver;
    $("screen-reload").hidden = !reload;
    $("screen-link").hidden = !link;
    if (link) $("screen-link").href = link;
    $("room-screen").focus();
  }
}
