// @ts-check
/** The leaders' own line: what they write each other, and one button to be heard by the other one alone. */

import { leadersOf, othersHere, seatOf, silenced } from "./facts.js";
import { all, one, show, write } from "./page.js";
import { Paper } from "./papers.js";
import * as up from "./protocol.js";
import { Unread } from "./unread.js";

/**
 * @typedef {import("./papers.js").Papers} Papers
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./side.js").Sides} Sides
 * @typedef {import("./words.js").Words} Words
 */

export class Leaders {
  /** @param {Words} words @param {Sides} sides @param {Papers} papers @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, papers, send) {
    this.words = words;
    this.papers = papers;
    this.sheet = one('[data-sheet="leaders"]');
    this.paper = new Paper(this.sheet, words, (id, text) => send(up.write(id, "leaders", "", text)));
    this.unread = new Unread(sides, "leaders");
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs */
  draw(room, me, offsetMs) {
    const other = leadersOf(room).find((seat) => seat.seat !== me);
    const name = other?.name ?? "";
    const closed = !othersHere(room, me) || silenced(room) === me;
    for (const words of all("[data-leaders-words]")) write(words, this.words.say(words.dataset.leadersWords ?? "", { name }));
    show(one('.tool[data-toggles="leaders"]'), other !== undefined);
    this.drawVoice(room, me, name);
    write(one("[data-leaders-state]"), this.words.say(this.stateOf(room, me, closed), { name }));
    this.paper.rest(closed);
    this.paper.draw(this.papers.of("leaders"), room, offsetMs);
    this.unread.draw();
    one('.tool[data-toggles="leaders"]').classList.toggle("tool--seldom", this.unread.n === 0); // on a phone it is under More
  }

  /** @param {Room} room @param {string} me @param {string} name */
  drawVoice(room, me, name) {
    const on = room.to_leaders.includes(me);
    const button = one('[data-act="to_leaders"]', this.sheet);
    button.classList.toggle("button--quiet", !on);
    write(one("[data-label]", button), this.words.say(on ? "to_circle" : "to_other", { name }));
    button.setAttribute("aria-disabled", String(!on && !room.can.includes("to_leaders")));
  }

  /** @param {Room} room @param {string} me @param {boolean} closed */
  stateOf(room, me, closed) {
    if (closed) return silenced(room) === me ? "leaders_rests" : "leaders_alone";
    if (room.to_leaders.includes(me)) return seatOf(room, me)?.microphone ? "leaders_on" : "leaders_silent";
    return room.to_leaders.length > 0 ? "leaders_heard" : "leaders_off";
  }

  /** @param {Texts} texts @param {string} me @param {Room} room */
  hear(texts, me, room) {
    const news = this.unread.hear(texts, me);
    if (news) write(one("[data-live]"), this.words.say("wrote_to_you", { name: seatOf(room, news.seat)?.name ?? "" }));
  }
}
