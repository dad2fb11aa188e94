// @ts-check
/** Single keys for what a hand does most. They rest while one types or a dialog is open, and can be switched off. */

/** @type {Readonly<Record<string, string>>} */
const ACTS = Object.freeze({ h: "hand", m: "microphone", c: "camera", s: "someone", p: "people", t: "chat", l: "to_leaders", "?": "keys" });

const OFF = "balint.keys_off";

export class Keys {
  /**
   * @param {(act: string) => void} act
   * @param {() => boolean} rests
   */
  constructor(act, rests) {
    this.act = act;
    this.rests = rests;
    const box = /** @type {HTMLInputElement} */ (document.querySelector("[data-use-keys]"));
    box.checked = localStorage.getItem(OFF) === null;
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")));
    document.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
    const act = ACTS[event.key.toLowerCase()];
    if (!act || this.rests() || localStorage.getItem(OFF) !== null) return;
    event.preventDefault();
    this.act(act);
  }
}

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
