// Reads an element aloud with the phone's own voice. Buttons stay hidden where there is none.
// A long text is spoken sentence by sentence: some Android voices stop after fifteen seconds.

const voice = globalThis.speechSynthesis;

function sentences(element) {
  const text = (element.innerText || "").replace(/\s+/g, " ").trim();
  return text.match(/[^。！？!?；;.]+[。！？!?；;.]*/g) ?? [];
}

function stop(button) {
  voice.cancel();
  show(button, false);
}

function show(button, reading) {
  button.setAttribute("aria-pressed", String(reading));
  const label = button.querySelector("span");
  button.dataset.startLabel ??= label.textContent;
  label.textContent = reading ? button.dataset.stopLabel : button.dataset.startLabel;
}

function start(button, element) {
  for (const other of document.querySelectorAll('[data-read-aloud][aria-pressed="true"]')) stop(other);
  const parts = sentences(element);
  if (!parts.length) return;
  show(button, true);
  parts.forEach((part, index) => {
    const speech = new SpeechSynthesisUtterance(part);
    speech.lang = element.closest("[lang]")?.lang || "zh-CN";
    speech.rate = 0.9;
    if (index === parts.length - 1) speech.onend = () => show(button, false);
    speech.onerror = () => show(button, false);
    voice.speak(speech);
  });
}

if (voice && globalThis.SpeechSynthesisUtterance) {
  for (const button of document.querySelectorAll("[data-read-aloud]")) {
    const element = document.getElementById(button.dataset.readAloud);
    if (!element || button.dataset.ready) continue;
    button.dataset.ready = "1";
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-pressed") === "true") stop(button);
      else start(button, element);
    });
  }
  addEventListener("pagehide", () => voice.cancel());
}
