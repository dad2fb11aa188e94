// @ts-check
/** What I wish to receive: switched in "More", with what my line carries then, and said above the bar while it is on. */

import { all, one, show, write } from "./page.js";
import { Usage } from "./usage.js";

/**
 * @typedef {import("./gauge.js").Gauge} Gauge
 * @typedef {import("./notice.js").Notice} Notice
 * @typedef {import("./preferences.js").Preferences} Preferences
 * @typedef {import("./words.js").Words} Words
 */

/** @typedef {"voicesOnly" | "saveData"} Option */

export class Options {
  /** @param {Preferences} preferences @param {Gauge} gauge @param {Notice} notice @param {Words} words */
  constructor(preferences, gauge, notice, words) {
    this.preferences = preferences;
    this.notice = notice;
    this.words = words;
    this.usage = new Usage();
    gauge.addEventListener("reading", (event) => this.measure(/** @type {CustomEvent} */ (event).detail));
    this.boxes = /** @type {HTMLInputElement[]} */ (all("[data-option]"));
    for (const box of this.boxes) box.addEventListener("change", () => preferences.set({ [optionOf(box)]: box.checked }));
    preferences.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { voicesOnly, saveData } = this.preferences.now;
    for (const box of this.boxes) box.checked = this.preferences.now[optionOf(box)];
    this.notice.set("voices_only", voicesOnly ? "voices_only" : "");
    this.notice.set("save_data", saveData && !voicesOnly ? "save_data" : "");
  }

  /** @param {import("./gauge.js").Reading} reading */
  measure(reading) {
    this.usage.add(reading, performance.now());
    const n = this.usage.perHour;
    const shown = one("[data-usage]");
    show(shown, n !== null);
    if (n !== null) write(shown, this.words.say("usage", { n }));
  }
}

/** @param {HTMLElement} box @returns {Option} */
const optionOf = (box) => /** @type {Option} */ (box.dataset.option);
