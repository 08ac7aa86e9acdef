// What counts as answered, for every kind; a flag alone is no answer.

export function isAnswered(answer) {
  if (!answer) return false;
  if (typeof answer.value === "boolean") return true;
  if (answer.picked?.length || answer.sequence?.length) return true;
  if (answer.pairs?.some((place) => place !== null)) return true;
  return [answer.number, answer.text, ...(answer.blanks ?? [])].some((typed) => typed?.trim());
}
