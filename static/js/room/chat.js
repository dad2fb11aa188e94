// @ts-check
/** The chat: closed unless a leader opens it, at rest while a chair is pushed back, gone with the case. */

import { seatOf, silenced } from "./facts.js";
import { one, show, write } from "./page.js";
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

export class Chat {
  /** @param {Words} words @param {Sides} sides @param {Papers} papers @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, papers, send) {
    this.words = words;
    this.sides = sides;
    this.papers = papers;
    this.paper = new Paper(one('[data-sheet="chat"]'), words, (id, text) => send(up.write(id, "chat", "", text)));
    this.unread = new Unread(sides, "chat");
    this.state = "closed";
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs by how much the server's clock is ahead */
  draw(room, me, offsetMs) {
    const opens = this.state === "closed" && room.chat === "open";
    const stays = silenced(room) === me && me !== "";
    const rests = room.chat === "rests" || stays;
    this.state = room.chat;
    if (room.chat === "closed") this.sides.closeIf("chat");
    if (opens) this.sides.offer("chat");
    show(one('[data-toggles="chat"]'), room.chat !== "closed");
    write(one("[data-chat-state]"), this.words.say(room.chat === "rests" ? "chat_rests" : stays ? "chat_stays" : "chat_open"));
    this.paper.rest(rests);
    this.paper.draw(this.papers.of("chat"), room, offsetMs);
    this.unread.draw();
  }

  /** Whoever has the sheet closed is told that something came, not what. @param {Texts} texts @param {string} me @param {Room} room */
  hear(texts, me, room) {
    const news = this.unread.hear(texts, me);
    if (news) write(one("[data-live]"), this.words.say("wrote", { name: seatOf(room, news.seat)?.name ?? "" }));
  }
}
