// @ts-check
/** For leaders: which kinds a closed case was of, said beside the circle while the group is together, or left. */

import { leadersOf } from "./facts.js";
import { id } from "./id.js";
import { all, one, show, write } from "./page.js";
import * as up from "./protocol.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").CaseKind} CaseKind
 * @typedef {import("./side.js").Sides} Sides
 * @typedef {import("./words.js").Words} Words
 */

export class Cases {
  /** @param {Words} words @param {Sides} sides @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, send) {
    this.words = words;
    this.sides = sides;
    this.send = send;
    this.form = /** @type {HTMLFormElement} */ (one("[data-case-form]"));
    this.number = 0;
    this.form.addEventListener("submit", (event) => this.submit(event));
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    const unnoted = room.phase === "debrief" ? undefined : room.closed.find((each) => !each.noted);
    show(one('[data-toggles="case"]'), unnoted !== undefined);
    if (!unnoted) this.sides.closeIf("case");
    else if (unnoted.number !== this.number) this.ask(unnoted, leadersOf(room).find((seat) => seat.line === "here")?.seat === me);
    this.number = unnoted?.number ?? 0;
  }

  /** @param {import("./protocol.js").Case} closed @param {boolean} mine whether I lead */
  ask(closed, mine) {
    this.form.reset();
    for (const words of all("[data-case-words]")) write(words, this.words.say(words.dataset.caseWords ?? "", { n: closed.number }));
    this.box("follow_up").checked = closed.follow_up;
    one("[data-case-list]").scrollTop = 0;
    if (mine) this.sides.offer("case");
  }

  /** @param {string} name */
  box(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const kinds = /** @type {CaseKind[]} */ (new FormData(this.form).getAll("kind"));
    this.send(up.noteCase(id(), this.number, kinds, this.box("follow_up").checked));
  }
}
