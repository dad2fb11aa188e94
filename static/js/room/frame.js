// @ts-check
/** The frame around the steps: the door, the people, the kinds of a case, the pace, the chat, the debrief. */

import { Cases } from "./cases.js";
import { Chat } from "./chat.js";
import { Debrief } from "./debrief.js";
import { id } from "./id.js";
import { Pace } from "./pace.js";
import { People } from "./people.js";
import * as up from "./protocol.js";
import { Sides } from "./side.js";

/**
 * @typedef {import("./dialogs.js").Dialogs} Dialogs
 * @typedef {import("./protocol.js").Down} Down
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Up} Up
 * @typedef {import("./words.js").Words} Words
 */

export class Frame {
  /** @param {Words} words @param {Dialogs} dialogs @param {(message: Up) => boolean} send */
  constructor(words, dialogs, send) {
    this.dialogs = dialogs;
    this.send = send;
    this.sides = new Sides();
    this.chat = new Chat(words, this.sides, send);
    this.leaders = document.getElementById("choose") ? forLeaders(words, this.sides, send) : null;
    this.offsetMs = 0;
    /** @type {Room | null} */
    this.room = null;
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    this.offsetMs = room.now_ms - Date.now();
    this.room = room;
    this.dialogs.draw(room, this.offsetMs);
    this.chat.draw(room, me, this.offsetMs);
    if (!this.leaders) return;
    this.leaders.people.draw(room, me, this.offsetMs);
    this.leaders.cases.draw(room, me);
    this.leaders.pace.draw(room);
    this.leaders.debrief.draw(room);
    for (const name of ["person", "remove"]) this.dialogs.closeIf(name, this.leaders.people.isMoot(room));
  }

  /** Once a second: how long hands wait. */
  tick() {
    if (this.room) this.dialogs.draw(this.room, this.offsetMs);
  }

  /** @param {Down} message @param {string} me */
  hear(message, me) {
    if (message.type === "texts" && message.place === "chat") this.chat.hear(message, me);
    if (message.type === "refused") this.chat.refused(message.id);
  }

  /** @param {DOMStringMap} data of a button drawn from an offer */
  offer({ type, n }) {
    if (type === "admit") this.send(up.admit(id(), ""));
    if (type === "wait") this.send(up.wait(id()));
    if (type === "go_on") this.send(up.goOn(id()));
    if (type === "withdraw_case") this.send(up.withdrawCase(id()));
    if (type === "set_cases") this.send(up.setCases(id(), Number(n)));
    if (type === "set_chat") this.send(up.setChat(id(), this.room?.chat === "closed"));
  }

  /** @param {string} act @param {HTMLElement | null} button */
  act(act, button) {
    const { seat = "", by, follow } = button?.dataset ?? {};
    if (act === "admit") this.send(up.admit(id(), seat));
    if (act === "person") this.openPerson(seat);
    if (act === "remove") this.sendAndClose(up.remove(id(), seat));
    if (act === "offer_case") this.sendAndClose(up.offerCase(id(), follow !== undefined));
    if (act === "minutes") this.leaders?.pace.change(Number(by));
    if (act === "close_circle") this.sendAndClose(up.move(id(), "debrief"));
    if (act === "close_side") this.sides.close();
    if (act === "people" && this.leaders) this.toggle("people");
    if (act === "chat" && this.room?.chat !== "closed") this.toggle("chat");
  }

  /** @param {string} name @param {HTMLElement | null} [button] */
  toggle(name, button = document.querySelector(`[data-toggles="${name}"]`)) {
    this.sides.toggle(name, button);
    this.chat.drawUnread();
  }

  /** @param {string} seat */
  openPerson(seat) {
    if (!this.leaders || !this.room) return;
    this.leaders.people.choose(seat);
    this.leaders.people.drawPerson(this.room);
    this.dialogs.open("person");
  }

  /** @param {Up} message */
  sendAndClose(message) {
    this.send(message);
    this.dialogs.close();
  }
}

/** What only a leader's page has. @param {Words} words @param {Sides} sides @param {(message: Up) => boolean} send */
const forLeaders = (words, sides, send) => ({
  people: new People(words),
  cases: new Cases(words, sides, send),
  pace: new Pace(words, send),
  debrief: new Debrief(words, sides),
});
