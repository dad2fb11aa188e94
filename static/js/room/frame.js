// @ts-check
/** The frame around the steps: the door, the people, what is written, the kinds of a case, the pace, the debrief. */

import { Care } from "./care.js";
import { Cases } from "./cases.js";
import { Chat } from "./chat.js";
import { Debrief } from "./debrief.js";
import { othersHere } from "./facts.js";
import { Help } from "./help.js";
import { id } from "./id.js";
import { Leaders } from "./leaders.js";
import { one } from "./page.js";
import { Pace } from "./pace.js";
import { Papers } from "./papers.js";
import { People } from "./people.js";
import * as up from "./protocol.js";
import { Sides } from "./side.js";

/**
 * @typedef {import("./dialogs.js").Dialogs} Dialogs
 * @typedef {import("./protocol.js").Down} Down
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./protocol.js").Up} Up
 * @typedef {import("./words.js").Words} Words
 */

export class Frame {
  /** @param {Words} words @param {Dialogs} dialogs @param {(message: Up) => boolean} send */
  constructor(words, dialogs, send) {
    this.dialogs = dialogs;
    this.send = send;
    this.sides = new Sides();
    this.papers = new Papers();
    this.chat = new Chat(words, this.sides, this.papers, send);
    const leads = document.getElementById("choose") !== null;
    this.leaders = leads ? forLeaders(words, this.sides, this.papers, send) : null;
    this.help = leads ? null : new Help(words, this.sides, this.papers, send);
    this.me = "";
    this.offsetMs = 0;
    this.offered = false;
    /** @type {Room | null} */
    this.room = null;
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    this.offsetMs = room.now_ms - Date.now();
    this.me = me;
    if (room.phase === "debrief" && this.room?.phase !== "debrief") this.sides.closeIf("people");
    this.room = room;
    this.dialogs.draw(room, this.offsetMs);
    this.chat.draw(room, me, this.offsetMs);
    this.help?.draw(room, me, this.offsetMs);
    if (!this.leaders) return;
    this.offerPeople(room, me);
    this.leaders.line.draw(room, me, this.offsetMs);
    this.leaders.people.draw(room, me, this.offsetMs);
    this.leaders.cases.draw(room, me);
    this.leaders.pace.draw(room);
    this.leaders.debrief.draw(room);
    this.dialogs.closeIf("remove", this.leaders.people.isMoot(room));
  }

  /** Whoever looks after the lines while another one leads has the people at hand, once. @param {Room} room @param {string} me */
  offerPeople(room, me) {
    if (this.offered || room.keeper !== me || !othersHere(room, me) || ["debrief", "ended"].includes(room.phase)) return;
    this.offered = true;
    this.sides.offer("people");
  }

  /** Once a second: how long hands wait. */
  tick() {
    if (this.room) this.dialogs.draw(this.room, this.offsetMs);
  }

  /** @param {Down} message @param {string} me */
  hear(message, me) {
    if (message.type === "texts") this.read(message, me);
    if (message.type === "refused") for (const written of this.written) written.refused(message.id);
  }

  /** Everywhere something is written. */
  get written() {
    return [this.chat.paper, ...(this.help ? [this.help.paper] : []), ...(this.leaders ? [this.leaders.care, this.leaders.line.paper] : [])];
  }

  /** What somebody has written. @param {Texts} texts @param {string} me */
  read(texts, me) {
    this.papers.hear(texts);
    if (!this.room) return;
    if (texts.place === "chat") this.chat.hear(texts, me, this.room);
    if (texts.place === "line") this.help?.hear(texts, me, this.room);
    if (texts.place === "line") this.leaders?.people.hear(texts, this.room, me);
    if (texts.place === "leaders") this.leaders?.line.hear(texts, me, this.room);
    this.draw(this.room, me);
    if (texts.place === "line") this.leaders?.care.follow();
  }

  /** @param {DOMStringMap} data of a button drawn from an offer */
  offer({ type, n }) {
    if (type === "admit") this.send(up.admit(id(), ""));
    if (type === "wait") this.send(up.wait(id()));
    if (type === "go_on") this.send(up.goOn(id()));
    if (type === "withdraw_case") this.send(up.withdrawCase(id()));
    if (type === "set_cases") this.send(up.setCases(id(), Number(n)));
    if (type === "end_aside") this.send(up.endAside(id()));
    if (type === "end_to_leaders") this.send(up.toLeaders(id(), false));
    if (type === "set_chat") this.send(up.setChat(id(), this.room?.chat === "closed"));
  }

  /** @param {string} act @param {HTMLElement | null} button */
  act(act, button) {
    const { seat = "", by, follow } = button?.dataset ?? {};
    if (act === "admit") this.send(up.admit(id(), seat));
    if (act === "person") this.openPerson(seat, button);
    if (act === "answer") this.answer(seat);
    if (act === "take_aside") this.send(up.takeAside(id(), seat));
    if (act === "end_aside") this.send(up.endAside(id()));
    if (act === "to_leaders") this.speakToLeaders();
    if (act === "remove_asks") this.askToRemove(seat);
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
    this.dialogs.close();
    this.sides.toggle(name, button?.closest("dialog") ? one('[data-opens="more"]') : button);
    if (this.room) this.draw(this.room, this.me);
  }

  /** Opens somebody's row, or closes it. @param {string} seat @param {HTMLElement | null} button */
  openPerson(seat, button) {
    if (!this.leaders || !this.room) return;
    this.leaders.care.choose(seat, button?.getAttribute("aria-expanded") !== "true");
    this.draw(this.room, this.me);
    this.leaders.care.reveal(seat);
  }

  /** @param {string} seat */
  answer(seat) {
    if (!this.leaders || !this.room) return;
    this.leaders.care.answer(seat);
    this.draw(this.room, this.me);
    this.leaders.care.focus(seat);
  }

  speakToLeaders() {
    if (this.leaders && this.room) this.send(up.toLeaders(id(), !this.room.to_leaders.includes(this.me)));
  }

  /** @param {string} seat */
  askToRemove(seat) {
    if (!this.leaders || !this.room) return;
    this.leaders.people.choose(seat);
    this.leaders.people.drawPerson(this.room);
    this.dialogs.open("remove");
  }

  /** @param {Up} message */
  sendAndClose(message) {
    this.send(message);
    this.dialogs.close();
  }
}

/** What only a leader's page has. @param {Words} words @param {Sides} sides @param {Papers} papers @param {(message: Up) => boolean} send */
function forLeaders(words, sides, papers, send) {
  const care = new Care(words, papers, send);
  return {
    care,
    people: new People(words, care),
    line: new Leaders(words, sides, papers, send),
    cases: new Cases(words, sides, send),
    pace: new Pace(words, send),
    debrief: new Debrief(words, sides),
  };
}
