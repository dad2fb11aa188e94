// @ts-check
/** A member's own line to the leader who looks after the lines: quiet until somebody writes there. */

import { leads, seatOf } from "./facts.js";
import { all, one, show, write } from "./page.js";
import { Paper } from "./papers.js";
import * as up from "./protocol.js";

/**
 * @typedef {import("./papers.js").Papers} Papers
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./side.js").Sides} Sides
 * @typedef {import("./words.js").Words} Words
 */

export class Help {
  /** @param {Words} words @param {Sides} sides @param {Papers} papers @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, papers, send) {
    this.words = words;
    this.sides = sides;
    this.papers = papers;
    this.sheet = one('[data-sheet="line"]');
    this.paper = new Paper(this.sheet, words, (id, text) => send(up.write(id, "line", "", text)));
    this.unread = 0;
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs */
  draw(room, me, offsetMs) {
    const open = room.keeper !== "" && room.can.includes("write");
    const name = seatOf(room, room.keeper)?.name ?? "";
    const lines = this.papers.of("line", me);
    write(one("[data-reader]", this.sheet), open ? this.words.say("only_reads", { name }) : this.words.say("nobody_reads"));
    this.paper.rest(!open);
    this.paper.draw(lines, room, offsetMs);
    this.drawUnread(lines.length > 0);
  }

  /** On a phone the tool comes only when something is written. @param {boolean} written */
  drawUnread(written) {
    if (this.sides.opened === "line") this.unread = 0;
    const count = one("[data-line-count]");
    show(count, this.unread > 0);
    write(count, String(this.unread));
    for (const tool of all("[data-help]")) tool.classList.toggle("tool--seldom", !written);
  }

  /** @param {Texts} texts @param {string} me @param {Room} room */
  hear(texts, me, room) {
    const answers = texts.whole ? [] : texts.lines.filter((line) => line.seat !== me);
    if (!answers.length) return;
    if (this.sides.opened !== "line") this.unread += answers.length;
    const from = seatOf(room, answers[0].seat);
    if (leads(from)) write(one("[data-live]"), this.words.say("wrote_to_you", { name: from?.name ?? "" }));
  }
}
