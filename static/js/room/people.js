// @ts-check
/** For leaders: who is at the door, and everybody's seat as only leaders see it. */

import { mayRemove } from "./care.js";
import { asideOf, leads, partner, seatOf, silenced } from "./facts.js";
import { all, copy, holdFocus, keep, mark, one, show, write } from "./page.js";
import { clockAt } from "./when.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./protocol.js").Knock} Knock
 * @typedef {import("./protocol.js").Tick} Tick
 * @typedef {import("./care.js").Care} Care
 * @typedef {import("./words.js").Words} Words
 */

/** What everyone is asked before they go in. @type {ReadonlyArray<Tick>} */
const TICKS = Object.freeze(["alone", "door", "driving", "recording"]);

export class People {
  /** @param {Words} words @param {Care} care */
  constructor(words, care) {
    this.words = words;
    this.care = care;
    this.sheet = one('[data-sheet="people"]');
    this.home = one("[data-first]", this.sheet);
    this.list = one("[data-people]", this.sheet);
    this.person = "";
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs by how much the server's clock is ahead */
  draw(room, me, offsetMs) {
    this.drawCount(room, me);
    const door = one("[data-door]", this.sheet);
    show(one("[data-at-door]", this.sheet), room.door.length > 0);
    const known = room.door.filter((knock) => !knock.new_device);
    show(one("[data-everyone]", this.sheet), known.length > 1 && room.can.includes("admit"));
    holdFocus(door, this.home, () => this.drawDoor(door, room, me, offsetMs));
    holdFocus(this.list, this.home, () => this.drawSeats(room, me, offsetMs));
    write(one("[data-keeper-words]", this.sheet), this.keeperWords(room, me));
    this.drawPerson(room);
  }

  /** Whoever waits for me: at the door, or for an answer. @param {Room} room @param {string} me */
  drawCount(room, me) {
    const n = room.door.length + room.seats.filter(({ seat }) => this.care.asks(room, me, seat) && !room.door.some((knock) => knock.seat === seat)).length;
    for (const count of all("[data-door-count]")) {
      show(count, n > 0);
      write(count, String(n));
    }
  }

  /** @param {Room} room @param {string} me */
  keeperWords(room, me) {
    if (room.keeper === me) return this.words.say("keeper_me");
    return room.keeper && this.words.say("keeper_other", { name: seatOf(room, room.keeper)?.name ?? "" });
  }

  /** @param {HTMLElement} list @param {Room} room @param {string} me @param {number} offsetMs */
  drawDoor(list, room, me, offsetMs) {
    const rows = keep(list, room.door, (knock) => knock.seat, () => copy("knock"));
    room.door.forEach((knock, index) => {
      const seat = seatOf(room, knock.seat);
      const { name = "", initials = "" } = seat ?? {};
      const button = one("button", rows[index]);
      button.dataset.seat = knock.seat;
      button.setAttribute("aria-label", this.words.say("let_in_name", { name }));
      show(button, room.can.includes("admit"));
      write(one("[data-initials]", rows[index]), initials);
      write(one("[data-name]", rows[index]), name);
      write(one("[data-since]", rows[index]), this.words.say("since", { time: clockAt(knock.since_ms, offsetMs, this.words.language) }));
      write(one("[data-private]", rows[index]), this.privacy(knock.ticks));
      show(one("[data-new]", rows[index]), knock.new_device);
      if (seat) this.care.draw(rows[index], seat, room, me, offsetMs);
    });
  }

  /** @param {Room} room @param {string} me @param {number} offsetMs */
  drawSeats(room, me, offsetMs) {
    const seats = this.inOrder(room, me);
    const rows = keep(this.list, seats, (seat) => seat.seat, () => copy("person"));
    seats.forEach((seat, index) => {
      this.drawSeat(rows[index], seat, room, me);
      this.care.draw(rows[index], seat, room, me, offsetMs);
    });
  }

  /** @param {HTMLElement} row @param {Seat} seat @param {Room} room @param {string} me */
  drawSeat(row, seat, room, me) {
    const button = one('[data-act="person"]', row);
    button.dataset.seat = seat.seat;
    button.setAttribute("aria-label", this.words.say("person_name", { name: seat.name }));
    button.setAttribute("aria-expanded", String(this.care.isOpen(room, me, seat)));
    show(button, this.care.can(room, me, seat));
    write(one("[data-initials]", row), seat.initials);
    write(one("[data-name]", row), seat.name);
    show(one("[data-you]", row), seat.seat === me);
    write(one("[data-words]", row), this.state(seat, room, me));
    mark(row, "trouble", seat.slow || seat.line === "away");
  }

  /** Whoever needs a leader comes first; but no row moves under a hand that is at work there. @param {Room} room @param {string} me */
  inOrder(room, me) {
    const seats = room.seats.filter((seat) => seat.line !== "waiting");
    const rows = this.list.matches(":hover, :focus-within") ? all(":scope > [data-key]", this.list).map((row) => row.dataset.key) : [];
    const held = (/** @type {Seat} */ seat) => (rows.includes(seat.seat) ? rows.indexOf(seat.seat) : rows.length);
    const rank = (/** @type {Seat} */ seat) => this.care.rank(room, me, seat);
    return seats.sort((one, other) => held(one) - held(other) || rank(one) - rank(other) || one.order - other.order);
  }

  /** Says who has written, not what. @param {import("./protocol.js").DownTexts} texts @param {Room} room @param {string} me */
  hear(texts, room, me) {
    const wrote = this.care.hear(texts);
    if (wrote && room.keeper === me) write(one("[data-live]"), this.words.say("wrote_to_you", { name: seatOf(room, wrote)?.name ?? "" }));
  }

  /** @param {string} seat whom the question is about */
  choose(seat) {
    this.person = seat;
  }

  /** The question before somebody is removed. @param {Room} room */
  drawPerson(room) {
    const seat = seatOf(room, this.person);
    if (!seat) return;
    for (const words of all("[data-remove-words]")) write(words, this.words.say(words.dataset.removeWords ?? "", { name: seat.name }));
    one('[data-act="remove"]').dataset.seat = seat.seat;
  }

  /** Whether there is still somebody to remove. @param {Room} room */
  isMoot(room) {
    const seat = seatOf(room, this.person);
    return !seat || !mayRemove(room, seat);
  }

  /** A person's line, what of their devices is off, and what they said of their room. @param {Seat} seat @param {Room} room @param {string} me */
  state(seat, room, me) {
    if (seat.line !== "here") return this.words.say(`line_${seat.line}`);
    const back = silenced(room) === seat.seat ? ["line_back"] : [];
    const devices = seat.paused ? ["someone_there"] : [...(seat.microphone ? [] : ["no_microphone"]), ...(seat.camera ? [] : ["no_camera"])];
    const words = [seat.slow ? "line_slow_here" : "line_here", ...back, ...devices].map((word) => this.words.say(word));
    return this.listed([...this.apart(seat, room, me), ...words, ...(leads(seat) ? [] : [this.privacy(seat.ticks)])]);
  }

  /** @param {Seat} seat @param {Room} room @param {string} me @returns {string[]} with whom they are aside, if they are */
  apart(seat, room, me) {
    const aside = asideOf(room, seat.seat);
    if (!aside) return [];
    const other = partner(aside, seat.seat);
    return [other === me ? this.words.say("aside_with_you") : this.words.say("aside", { name: seatOf(room, other)?.name ?? "" })];
  }

  /** @param {string[]} words */
  listed(words) {
    return new Intl.ListFormat(this.words.language, { type: "unit", style: "short" }).format(words);
  }

  /** @param {ReadonlyArray<Tick>} ticks */
  privacy(ticks) {
    const missing = TICKS.filter((tick) => !ticks.includes(tick)).map((tick) => this.words.say(`tick_${tick}`));
    if (missing.length === 0) return this.words.say("private");
    return this.words.say("not_said", { what: this.listed(missing) });
  }
}
