// Draws one question. Each kind has a module of its own, loaded only when the paper has that kind.

import { drawMedia } from "./media.js";
import { $, fill } from "./dom.js";

const MODULES = {
  single: "choice", multiple: "choice", judge: "choice", numeric: "numeric", fill: "fill",
  matching: "matching", ordering: "ordering", short: "text", essay: "text",
};
const loaded = {};

export async function loadKinds(questions) {
  const names = [...new Set(questions.map((question) => MODULES[question.kind]))].filter(Boolean);
  await Promise.all(names.map(async (name) => {
    loaded[name] ??= await import(`./kinds/${name}.js`);
  }));
}

// The case stands folded above each of its parts; whether it is open is remembered for the case.
const folded = new Set();

function drawCase(part, words) {
  const fold = $("room-case");
  fold.hidden = !part;
  if (!part) return;
  $("room-case-title").textContent = fill(words.casePart, { n: part.part, all: part.parts });
  $("room-case-stem").textContent = part.stem;
  fold.open = !folded.has(part.stem);
  fold.ontoggle = () => folded[fold.open ? "delete" : "add"](part.stem);
}

export function drawQuestion(question, answer, total, words, onChange) {
  $("room-place").textContent = fill(words.place, { n: question.position, all: total });
  const marks = fill(words.marks, { n: question.tenths / 10 });
  $("room-kind").textContent = `${words.kinds[question.kind] ?? ""} · ${marks}`;
  $("room-hint").textContent = words.hints[question.kind] ?? "";
  // The sentence of a fill-in is drawn with its inputs; its stem would be read twice.
  $("room-stem").textContent = question.kind === "fill" ? words.fillStem : question.stem;
  $("room-stem").classList.toggle("visually-hidden", question.kind === "fill");
  drawCase(question.case, words);
  drawMedia($("room-media"), question.media, words);
  const kind = loaded[MODULES[question.kind]];
  if (kind) kind.draw($("room-options"), question, answer ?? {}, words, onChange);
  else $("room-options").textContent = words.unknownKind;
}
