// @ts-check
/** The circle: everybody's seat, drawn from the room, who speaks, and whose picture has come. */

import { asideOf, inCase, leads, partner, places, seatOf, silenced } from "./facts.js";
import { copy, icon, keep, mark, one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./receiving.js").Picture} Picture
 * @typedef {import("./words.js").Words} Words
 */

/** A line that is gone for longer is not coming back by itself: its seat is kept, and said to be away. */
const RECONNECTING_MS = 60_000;

/** Someone who is here and has not spoken for so long is said to be, so that silence is told from a frozen line. */
const QUIET_AFTER_MS = 5 * 60_000;

/** Words of a seat that say that something is amiss. */
const CARE = Object.freeze(["reconnecting", "slow"]);

/** @type {Omit<Picture, "stream"> & { stream: null }} */
const NO_PICTURE = Object.freeze({ stream: null, turn: 0, pause: "" });

export class Circle {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.circle = one("[data-circle]");
    this.list = one("[data-seats]");
    this.kept = one("[data-kept]");
    /** @type {Map<string, Picture>} */
    this.pictures = new Map();
    /** @type {Map<string, number>} when each seat last spoke, or came */
    this.spokeAt = new Map();
    /** @type {Map<string, number>} since when each line is gone */
    this.goneAt = new Map();
    /** @type {ReadonlyArray<string>} */
    this.speaking = [];
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    const seats = places(room.seats);
    mark(this.circle, "n", seats.length);
    const children = keep(this.list, seats, (seat) => seat.seat, () => this.newSeat());
    seats.forEach((seat, index) => this.drawSeat(children[index], seat, index, room, me));
    const back = seats.findIndex((seat) => seat.seat === silenced(room));
    show(this.kept, back >= 0);
    if (back >= 0) mark(this.kept, "i", back);
  }

  /** @returns {HTMLElement} */
  newSeat() {
    const element = copy("seat");
    const video = videoIn(element);
    video.muted = true;
    video.addEventListener("playing", () => this.drawPicture(element));
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {Seat} seat
   * @param {number} index
   * @param {Room} room
   * @param {string} me
   */
  drawSeat(element, seat, index, room, me) {
    const back = silenced(room) === seat.seat;
    if (!this.spokeAt.has(seat.seat)) this.spokeAt.set(seat.seat, Date.now());
    element.dataset.seat = seat.seat;
    mark(element, "i", index);
    mark(element, "role", leads(seat) ? "leader" : "");
    mark(element, "self", seat.seat === me);
    mark(element, "line", this.lineOf(seat, room));
    mark(element, "place", back ? "back" : "");
    mark(element, "camera", seat.camera && !(back && !room.presenter_shown));
    mark(element, "aside", asideOf(room, seat.seat) !== undefined);
    write(one("[data-initials]", element), seat.initials);
    write(one("[data-name]", element), seat.name);
    show(one("[data-you]", element), seat.seat === me);
    show(one("[data-hand]", element), seat.hand > 0);
    write(one("[data-rank]", element), String(seat.hand));
    this.drawVoice(element, seat, back);
    this.drawWord(element, seat, room, me);
    this.drawPause(element, seat, room);
    this.drawPicture(element);
  }

  /** Whoever has left has an empty chair; in the debrief so have all members. @param {Seat} seat @param {Room} room */
  lineOf(seat, room) {
    if (seat.line !== "away") this.goneAt.delete(seat.seat);
    else if (!this.goneAt.has(seat.seat)) this.goneAt.set(seat.seat, Date.now());
    if (seat.line === "here") return "";
    return seat.line === "left" || (room.phase === "debrief" && !leads(seat)) ? "absent" : seat.line;
  }

  /** @param {HTMLElement} element @param {Seat} seat @param {boolean} back */
  drawVoice(element, seat, back) {
    const speaks = this.speaking.includes(seat.seat) && !back && seat.line === "here";
    const off = !speaks && !back && seat.line === "here" && !seat.microphone;
    mark(element, "speaking", speaks);
    show(one("[data-voice]", element), speaks);
    show(one("[data-muted]", element), off);
    show(/** @type {Element} */ (element.querySelector("[data-sign]")), off || back);
    icon(one(".seat__name", element), back ? "ear" : "microphone-off");
  }

  /** @param {HTMLElement} element @param {Seat} seat @param {Room} room @param {string} me */
  drawWord(element, seat, room, me) {
    const word = one("[data-word]", element);
    const name = element.dataset.line === undefined ? this.wordFor(seat, room, me) : this.wordForEmpty(seat, room);
    word.classList.toggle("seat__word--care", CARE.includes(name));
    show(word, name !== "");
    const role = name === "slow" ? this.wordForRole(seat, room) : "";
    const said = [role, name].filter((each) => each !== "").map((each) => this.words.say(each, { name: partnerOf(seat, room) }));
    write(one("[data-long]", word), said.join(", "));
    const short = role ? this.words.say(role) : name && this.words.say(`${name}_short`);
    show(one("[data-short]", word), short !== "");
    write(one("[data-short]", word), short);
  }

  /** What matters most of somebody who is here. @param {Seat} seat @param {Room} room @param {string} me */
  wordFor(seat, room, me) {
    if (silenced(room) === seat.seat) return seat.seat === me ? "listening" : "listens";
    if (asideOf(room, seat.seat)) return "aside";
    if (room.to_leaders.includes(seat.seat)) return "to_leaders";
    if (seat.paused) return "paused";
    if (seat.slow) return "slow";
    return this.wordForRole(seat, room) || this.wordForQuiet(seat, room, me);
  }

  /** @param {Seat} seat @param {Room} room */
  wordForRole(seat, room) {
    if (room.presenter === seat.seat) return inCase(room) ? "presents" : "has_case";
    if (leads(seat)) return seat.role === "leader" ? "leads" : "co_leads";
    return room.phase === "call" && room.offers.some((offer) => offer.seat === seat.seat) ? "offers" : "";
  }

  /** @param {Seat} seat @param {Room} room @param {string} me */
  wordForQuiet(seat, room, me) {
    const since = Date.now() - (this.spokeAt.get(seat.seat) ?? Date.now());
    return seat.seat !== me && since > QUIET_AFTER_MS && !["lobby", "ended"].includes(room.phase) ? "quiet" : "";
  }

  /** Before the beginning nobody is seen, and nothing is amiss. @param {HTMLElement} element @param {Seat} seat @param {Room} room */
  drawPause(element, seat, room) {
    const expected = element.dataset.camera !== undefined && seat.line === "here" && room.phase !== "lobby";
    const pause = expected ? (this.pictures.get(seat.seat)?.pause ?? "") : "";
    mark(element, "paused", pause);
    show(one("[data-pause]", element), pause !== "");
    write(one("[data-long]", element), pause && this.words.say(`paused_${pause}`));
    write(one("[data-short]", element), pause && this.words.say(`paused_${pause}_short`));
  }

  /** @param {Seat} seat @param {Room} room */
  wordForEmpty(seat, room) {
    if (room.waits || (room.phase === "debrief" && !leads(seat))) return "";
    if (seat.line !== "away") return seat.line;
    return Date.now() - (this.goneAt.get(seat.seat) ?? 0) < RECONNECTING_MS ? "reconnecting" : "away";
  }

  /** @param {ReadonlyArray<string>} seats @param {Room} room */
  drawSpeaking(seats, room) {
    this.speaking = seats;
    for (const seat of seats) this.spokeAt.set(seat, Date.now());
    for (const element of /** @type {HTMLCollectionOf<HTMLElement>} */ (this.list.children)) {
      const seat = seatOf(room, element.dataset.seat ?? "");
      if (seat) this.drawVoice(element, seat, silenced(room) === seat.seat);
    }
  }

  /** Initials stand until frames run, and again when the camera is off or the picture pauses. @param {HTMLElement} element */
  drawPicture(element) {
    const video = videoIn(element);
    const { stream, turn, pause } = this.pictures.get(element.dataset.seat ?? "") ?? NO_PICTURE;
    if (video.srcObject !== stream) {
      video.srcObject = stream;
      if (stream) video.play().catch(() => undefined);
    }
    mark(video, "turn", turn || "");
    const runs = stream !== null && !pause && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    show(video, runs && element.dataset.camera !== undefined && element.dataset.line === undefined);
  }
}

/** Who is aside with them. @param {Seat} seat @param {Room} room */
function partnerOf(seat, room) {
  const aside = asideOf(room, seat.seat);
  return aside ? (seatOf(room, partner(aside, seat.seat))?.name ?? "") : "";
}

/** @param {ParentNode} element @returns {HTMLVideoElement} */
const videoIn = (element) => /** @type {HTMLVideoElement} */ (one("[data-video]", element));
