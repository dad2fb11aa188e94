// @ts-check
/** How this browser likes the room: its devices and what it wishes to receive. Nothing about whoever sits before it. */

const KEY = "balint.preferences";

/**
 * Ids are the browser's own, "" its default.
 * @typedef {{ microphone: string, camera: string, speaker: string, blur: boolean, voicesOnly: boolean, saveData: boolean }} Preferred
 */

/** @type {Readonly<Preferred>} */
const UNTOUCHED = Object.freeze({ microphone: "", camera: "", speaker: "", blur: false, voicesOnly: false, saveData: false });

export class Preferences extends EventTarget {
  /** Events: `change`. */
  constructor() {
    super();
    this.now = kept();
  }

  /** @param {Partial<Preferred>} change */
  set(change) {
    this.now = { ...this.now, ...change };
    keep(this.now);
    this.dispatchEvent(new Event("change"));
  }
}

/** @returns {Preferred} */
function kept() {
  try {
    return { ...UNTOUCHED, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...UNTOUCHED };
  }
}

/** A browser that keeps nothing forgets it with the page. @param {Preferred} now */
function keep(now) {
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    return;
  }
}
