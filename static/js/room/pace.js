// @ts-check
/** For leaders: how long the step should last, and how many cases tonight has. */

import { id } from "./id.js";
import { all, one, show, write } from "./page.js";
import * as up from "./protocol.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./words.js").Words} Words
 */

export class Pace {
  /** @param {Words} words @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, send) {
    this.words = words;
    this.send = send;
    this.field = /** @type {HTMLInputElement} */ (one("[data-minutes]"));
    /** @type {Room | null} */
    this.room = null;
    this.field.addEventListener("change", () => this.set(this.field.valueAsNumber));
    for (const radio of this.radios) radio.addEventListener("change", () => this.send(up.setCases(id(), Number(radio.value))));
  }

  get radios() {
    return /** @type {HTMLInputElement[]} */ (all("[data-cases]"));
  }

  /** @param {Room} room */
  draw(room) {
    this.room = room;
    write(one("[data-pace-step]"), this.words.step(room.phase));
    if (document.activeElement !== this.field) this.field.value = String(room.target_s / 60);
    for (const radio of this.radios) {
      const cases = Number(radio.value);
      radio.checked = room.cases === cases;
      radio.disabled = cases > room.most_cases || cases < begun(room) || !room.can.includes("set_cases");
    }
    show(one("[data-first-session]"), room.most_cases === 1);
  }

  /** @param {number} by so many minutes */
  change(by) {
    if (this.room) this.set(this.room.target_s / 60 + by);
  }

  /** @param {number} minutes */
  set(minutes) {
    if (!this.room || !Number.isFinite(minutes)) return;
    const within = Math.min(Number(this.field.max), Math.max(0, Math.round(minutes)));
    this.field.value = String(within);
    this.send(up.setTarget(id(), this.room.phase, within));
  }
}

/** How many cases have been begun. @param {Room} room */
const begun = (room) => (room.phase === "call" && room.case > 0 ? room.case - 1 : Math.max(room.case, room.closed.length));
