// @ts-check
/** What is written in the room, as far as this page may read it: in its memory, and nowhere else. */

import { id } from "./id.js";
import { copy, keep, one, write } from "./page.js";
import { seatOf } from "./facts.js";
import { clockAt } from "./when.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./protocol.js").Text} Text
 * @typedef {import("./words.js").Words} Words
 */

export class Papers {
  constructor() {
    /** @type {Map<string, ReadonlyArray<Text>>} */
    this.lines = new Map();
  }

  /** @param {Texts} texts */
  hear({ place, seat, lines, whole }) {
    this.lines.set(key(place, seat), whole ? lines : [...this.of(place, seat), ...lines]);
  }

  /** @param {Texts["place"]} place @param {string} [seat] whose technical line */
  of(place, seat = "") {
    return this.lines.get(key(place, seat)) ?? [];
  }
}

/** @param {Texts["place"]} place @param {string} seat */
const key = (place, seat) => `${place} ${seat}`;

/** One of them on the page: its lines, and the field below. */
export class Paper {
  /** @param {HTMLElement} root @param {Words} words @param {(id: string, text: string) => boolean} send */
  constructor(root, words, send) {
    this.words = words;
    this.send = send;
    this.list = one("[data-lines]", root);
    this.form = /** @type {HTMLFormElement} */ (one("form", root));
    this.field = /** @type {HTMLTextAreaElement} */ (one("textarea", this.form));
    this.sent = { id: "", text: "" };
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.field.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {ReadonlyArray<Text>} lines @param {Room} room @param {number} offsetMs by how much the server's clock is ahead */
  draw(lines, room, offsetMs) {
    const before = this.list.childElementCount;
    const rows = keep(this.list, lines, (line) => String(lines.indexOf(line)), () => copy("said"));
    lines.forEach((line, index) => {
      write(one("[data-name]", rows[index]), seatOf(room, line.seat)?.name ?? "");
      write(one("[data-text]", rows[index]), line.text);
      write(one("[data-time]", rows[index]), clockAt(line.at_ms, offsetMs, this.words.language));
    });
    if (lines.length > before) rows[rows.length - 1]?.scrollIntoView({ block: "nearest" });
  }

  /** Nobody could read it now: the field stays where it is, and takes nothing. @param {boolean} rests */
  rest(rests) {
    this.field.readOnly = rests;
    for (const control of [this.field, one("button:not([type])", this.form)]) control.setAttribute("aria-disabled", String(rests));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.field.readOnly) return;
    this.sent = { id: id(), text };
    if (this.send(this.sent.id, text)) this.field.value = "";
  }

  /** It was not taken: the words come back into the field. @param {string} refused */
  refused(refused) {
    if (refused && refused === this.sent.id && !this.field.value) this.field.value = this.sent.text;
  }
}
