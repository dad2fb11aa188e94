// @ts-check
/** The chat: closed unless a leader opens it, at rest while a chair is pushed back, gone with the case. */

import { seatOf, silenced } from "./facts.js";
import { id } from "./id.js";
import { copy, one, show, write } from "./page.js";
import * as up from "./protocol.js";
import { clockAt } from "./when.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./protocol.js").Text} Text
 * @typedef {import("./side.js").Sides} Sides
 * @typedef {import("./words.js").Words} Words
 */

export class Chat {
  /** @param {Words} words @param {Sides} sides @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, sides, send) {
    this.words = words;
    this.sides = sides;
    this.send = send;
    this.form = /** @type {HTMLFormElement} */ (one("[data-chat-form]"));
    this.field = /** @type {HTMLTextAreaElement} */ (one("textarea", this.form));
    this.lines = one("[data-chat-lines]");
    this.state = "closed";
    this.unread = 0;
    this.sent = { id: "", text: "" };
    this.offsetMs = 0;
    /** @type {Room | null} */
    this.room = null;
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.field.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs by how much the server's clock is ahead */
  draw(room, me, offsetMs) {
    this.room = room;
    this.offsetMs = offsetMs;
    const opens = this.state === "closed" && room.chat === "open";
    this.state = room.chat;
    if (room.chat === "closed") this.sides.closeIf("chat");
    if (opens) this.sides.offer("chat");
    show(one('[data-toggles="chat"]'), room.chat !== "closed");
    this.drawUnread();
    this.drawForm(room, silenced(room) === me && me !== "");
  }

  drawUnread() {
    if (this.sides.opened === "chat" || this.state === "closed") this.unread = 0;
    const count = one("[data-chat-count]");
    show(count, this.unread > 0);
    write(count, String(this.unread));
  }

  /** @param {Room} room @param {boolean} sheltered */
  drawForm(room, sheltered) {
    const rests = room.chat === "rests" || sheltered;
    for (const control of [this.field, one("button", this.form)]) control.setAttribute("aria-disabled", String(rests));
    this.field.readOnly = rests;
    write(one("[data-chat-state]"), this.words.say(rests ? "chat_rests" : "chat_open"));
  }

  /** @param {Texts} texts @param {string} me */
  hear(texts, me) {
    if (texts.whole) this.forget();
    this.lines.append(...texts.lines.map((line) => this.lineOf(line)));
    this.lines.lastElementChild?.scrollIntoView({ block: "nearest" });
    const news = texts.whole ? [] : texts.lines.filter((line) => line.seat !== me);
    if (this.sides.opened !== "chat") for (const line of news) this.tellUnread(line);
  }

  forget() {
    this.lines.replaceChildren();
    this.unread = 0;
    this.drawUnread();
  }

  /** Whoever has the sheet closed is told that something came, not what. @param {Text} line */
  tellUnread(line) {
    this.unread += 1;
    this.drawUnread();
    write(one("[data-live]"), this.words.say("wrote", { name: this.nameOf(line) }));
  }

  /** @param {Text} line */
  lineOf(line) {
    const element = copy("said");
    write(one("[data-name]", element), this.nameOf(line));
    write(one("[data-text]", element), line.text);
    write(one("[data-time]", element), clockAt(line.at_ms, this.offsetMs, this.words.language));
    return element;
  }

  /** @param {Text} line */
  nameOf(line) {
    return (this.room && seatOf(this.room, line.seat)?.name) || "";
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
    if (this.send(up.write(this.sent.id, "chat", "", text))) this.field.value = "";
  }

  /** The step changed while it was on its way: the words come back into the field. @param {string} refused */
  refused(refused) {
    if (refused && refused === this.sent.id && !this.field.value) this.field.value = this.sent.text;
  }
}
