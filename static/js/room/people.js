// @ts-check
/** For leaders: who is at the door, and everybody's seat as only leaders see it. */

import { leads, seatOf } from "./facts.js";
import { all, copy, holdFocus, keep, one, show, write } from "./page.js";
import { clockAt } from "./when.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./protocol.js").Knock} Knock
 * @typedef {import("./protocol.js").Tick} Tick
 * @typedef {import("./words.js").Words} Words
 */

/** What everyone is asked before they go in. @type {ReadonlyArray<Tick>} */
const TICKS = Object.freeze(["alone", "door", "driving", "recording"]);

export class People {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.sheet = one('[data-sheet="people"]');
    this.home = one("[data-first]", this.sheet);
    this.person = "";
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs by how much the server's clock is ahead */
  draw(room, me, offsetMs) {
    for (const count of all("[data-door-count]")) {
      show(count, room.door.length > 0);
      write(count, String(room.door.length));
    }
    const door = one("[data-door]", this.sheet);
    show(one("[data-at-door]", this.sheet), room.door.length > 0);
    show(one("[data-everyone]", this.sheet), room.door.length > 1 && room.can.includes("admit"));
    holdFocus(door, this.home, () => this.drawDoor(door, room, offsetMs));
    this.drawSeats(room, me);
    this.drawPerson(room);
  }

  /** @param {HTMLElement} list @param {Room} room @param {number} offsetMs */
  drawDoor(list, room, offsetMs) {
    const rows = keep(list, room.door, (knock) => knock.seat, () => copy("knock"));
    room.door.forEach((knock, index) => {
      const { name = "", initials = "" } = seatOf(room, knock.seat) ?? {};
      const button = one("button", rows[index]);
      button.dataset.seat = knock.seat;
      button.setAttribute("aria-label", this.words.say("let_in_name", { name }));
      show(button, room.can.includes("admit"));
      write(one("[data-initials]", rows[index]), initials);
      write(one("[data-name]", rows[index]), name);
      write(one("[data-since]", rows[index]), this.words.say("since", { time: clockAt(knock.since_ms, offsetMs, this.words.language) }));
      write(one("[data-private]", rows[index]), this.privacy(knock.ticks));
      show(one("[data-new]", rows[index]), knock.new_device);
    });
  }

  /** @param {Room} room @param {string} me */
  drawSeats(room, me) {
    const seats = room.seats.filter((seat) => seat.line !== "waiting").sort((one, other) => one.order - other.order);
    const rows = keep(one("[data-people]", this.sheet), seats, (seat) => seat.seat, () => copy("person"));
    seats.forEach((seat, index) => {
      const button = one("button", rows[index]);
      button.dataset.seat = seat.seat;
      button.setAttribute("aria-label", this.words.say("person_name", { name: seat.name }));
      show(button, mayRemove(room, seat));
      write(one("[data-initials]", rows[index]), seat.initials);
      write(one("[data-name]", rows[index]), seat.name);
      show(one("[data-you]", rows[index]), seat.seat === me);
      write(one("[data-words]", rows[index]), this.state(seat));
    });
  }

  /** @param {string} seat whose own dialog opens */
  choose(seat) {
    this.person = seat;
  }

  /** What can be done with one person, and the question before it is done. @param {Room} room */
  drawPerson(room) {
    const seat = seatOf(room, this.person);
    if (!seat) return;
    write(one("[data-person-name]"), seat.name);
    write(one("[data-person-words]"), this.state(seat));
    for (const words of all("[data-remove-words]")) write(words, this.words.say(words.dataset.removeWords ?? "", { name: seat.name }));
    one('[data-act="remove"]').dataset.seat = seat.seat;
  }

  /** Whether there is still somebody to remove. @param {Room} room */
  isMoot(room) {
    const seat = seatOf(room, this.person);
    return !seat || !mayRemove(room, seat);
  }

  /** A person's line, and what they said of their room. @param {Seat} seat */
  state(seat) {
    if (seat.line !== "here") return this.words.say(`line_${seat.line}`);
    if (seat.paused) return this.words.say("someone_there");
    return leads(seat) ? this.words.say("line_here") : this.privacy(seat.ticks);
  }

  /** @param {ReadonlyArray<Tick>} ticks */
  privacy(ticks) {
    const missing = TICKS.filter((tick) => !ticks.includes(tick)).map((tick) => this.words.say(`tick_${tick}`));
    if (missing.length === 0) return this.words.say("private");
    return this.words.say("not_said", { what: new Intl.ListFormat(this.words.language, { type: "unit", style: "short" }).format(missing) });
  }
}

/** @param {Room} room @param {Seat} seat */
const mayRemove = (room, seat) => room.can.includes("remove") && !leads(seat) && seat.line !== "absent";
