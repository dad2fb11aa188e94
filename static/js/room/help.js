// @ts-check
/** A member's own line to the leader who looks after the lines: quiet until somebody writes there. */

import { seatOf } from "./facts.js";
import { one, write } from "./page.js";
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

export class Help {
  /** @param {Words} words @param {Sides} sides @param {Papers} papers @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, papers, send) {
    this.words = words;
    this.papers = papers;
    this.sheet = one('[data-sheet="line"]');
    this.paper = new Paper(this.sheet, words, (id, text) => send(up.write(id, "line", "", text)));
    this.unread = new Unread(sides, "line");
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs */
  draw(room, me, offsetMs) {
    const open = room.keeper !== "" && room.can.includes("write");
    const name = seatOf(room, room.keeper)?.name ?? "";
    const lines = this.papers.of("line", me);
    write(one("[data-reader]", this.sheet), open ? this.words.say("only_reads", { name }) : this.words.say("nobody_reads"));
    this.paper.rest(!open);
    this.paper.draw(lines, room, offsetMs);
    this.unread.draw();
    one("[data-help]").classList.toggle("tool--seldom", lines.length === 0); // a phone has it when something is written
  }

  /** @param {Texts} texts @param {string} me @param {Room} room */
  hear(texts, me, room) {
    const news = this.unread.hear(texts, me);
    if (news) write(one("[data-live]"), this.words.say("wrote_to_you", { name: seatOf(room, news.seat)?.name ?? "" }));
  }
}
