// Put into the room's page before its own script by cutting.py: hears what the candidate's hands do
// (in the capture phase, before the room does) and what the screen says.
(() => {
  const place = () => Number(document.getElementById("room-place")?.textContent.match(/\d+/)?.[0] ?? 0);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const read = () => {
    const options = all("#room-options .choice input");
    if (options.some((o) => o.value === "true")) return { value: options.find((o) => o.checked)?.value === "true" };
    if (options.length) return { picked: options.filter((o) => o.checked).map((o) => Number(o.value)).sort((a, b) => a - b) };
    if (all("#room-number").length) return { number: all("#room-number")[0].value };
    if (all(".room-blank").length) return { blanks: all(".room-blank").map((i) => i.value) };
    const pairs = all("#room-options select[id^=room-pair]");
    if (pairs.length) return { pairs: pairs.map((s) => (s.value === "" ? null : Number(s.value))) };
    if (all(".room-order-text").length) return { items: all(".room-order-text").map((s) => s.textContent) };
    return { text: all("#room-text")[0]?.value ?? "" };
  };
  const last = {};
  const typed = () => {
    const position = place();
    const text = JSON.stringify(read());
    if (!position || last[position] === text) return;
    last[position] = text;
    window.journal("typed", position, JSON.parse(text));
  };
  const inside = (event) => event.composedPath().some((n) => n.id === "room-options");
  for (const name of ["input", "change"]) document.addEventListener(name, (e) => inside(e) && typed(), true);
  // Moving a line changes the page in the room's own handler: wait for it, in the same task.
  document.addEventListener("click", (e) => inside(e) && read().items && typed());
  // What the screen says: nothing while a message stands in the place of the desk.
  const desk = () => document.getElementById("room-desk");
  const say = () => {
    if (desk() && !desk().hidden) window.journal("said", 0, document.getElementById("room-saved").dataset.state);
  };
  // The candidate's hands: answer what is on the screen in one of its ways, then perhaps go on.
  window.act = (chance, goOn) => {
    if (desk()?.hidden !== false) return false;
    const pick = (list) => list[Math.floor(chance * list.length)];
    // Time may be up in this very moment: then the desk goes at once, and what was done is undone.
    const did = (work) => {
      if (desk().hidden) return;
      work();
      if (desk().hidden) window.journal("refused", place(), null);
    };
    const set = (field, value, name) => did(() => {
      field.value = value;
      field.dispatchEvent(new Event(name, { bubbles: true }));
    });
    const press = (list) => list.length && did(() => pick(list).click());
    press(all("#room-options .choice input"));
    for (const field of all("#room-number")) set(field, `${Math.floor(chance * 1000)}.5`, "input");
    for (const field of all(".room-blank")) set(field, `${field.value}骨`, "input");
    const pairs = all("#room-options select[id^=room-pair]");
    if (pairs.length) set(pick(pairs), String(Math.floor(chance * 3)), "change");
    press(all("[data-move=down]:enabled"));
    for (const field of all("#room-text")) set(field, `${field.value}先问原因，`, "input");
    say();
    if (goOn) document.getElementById("room-next").click();
    for (const map of all("#room-map[open]")) map.close();
    return true;
  };
  window.handIn = () => {
    say();
    for (const id of ["room-map-open", "room-hand-in", "room-confirm-yes"]) document.getElementById(id).click();
  };
  document.addEventListener("DOMContentLoaded", () => {
    const saved = document.getElementById("room-saved");
    if (!saved) return;
    new MutationObserver(say).observe(saved, { attributes: true, attributeFilter: ["data-state"] });
  });
})();
