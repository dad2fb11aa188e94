// @ts-check
/** What a screen reader is told: the step, hands, who came, whose line went and who was removed. Never who speaks. */

import { leads, namesOf, noteOf, pillOf, sceneOf, seatOf } from "./facts.js";
import { one } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./words.js").Words} Words
 */

/** @type {Readonly<Record<string, string>>} */
const LINES = Object.freeze({ here: "arrived", left: "has_left", away: "gone" });

/** Who alone hears me; that a chair is pushed back is told with the step. @param {Room} room @param {string} me */
function apart(room, me) {
  const pill = pillOf(room, me);
  return pill === "protected" ? "" : pill;
}

export class Announcer {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.region = one("[data-live]");
    /** @type {Room | null} */
    this.last = null;
  }

  /** @param {Room} room @param {string} me */
  tell(room, me) {
    const sentences = this.last ? this.changes(this.last, room, me) : [this.scene(room, me)];
    this.last = room;
    if (sentences.length) this.region.textContent = sentences.join(" ");
  }

  /** @param {Room} before @param {Room} room @param {string} me */
  changes(before, room, me) {
    const names = namesOf(room, me, this.words.language);
    const sentences = [];
    if (sceneOf(before, me) !== sceneOf(room, me)) sentences.push(this.scene(room, me));
    if (apart(before, me) !== apart(room, me)) sentences.push(this.words.say(`pill_${apart(room, me)}`, names));
    if (noteOf(before, me) !== noteOf(room, me)) sentences.push(this.words.say(`note_${noteOf(room, me)}`, names));
    sentences.push(...this.lines(before, room, me), ...this.removed(before, room, me), ...this.door(before, room), ...this.hands(before, room, me));
    if (room.asks_return && !before.asks_return && leads(seatOf(room, me)) && room.presenter !== me) {
      sentences.push(`${this.words.say("wishes", names)}.`);
    }
    return sentences.filter((sentence) => sentence !== "");
  }

  /** @param {Room} room @param {string} me */
  scene(room, me) {
    const { title, words } = this.words.scene(sceneOf(room, me), namesOf(room, me, this.words.language));
    return /[.?]$/.test(title) ? `${title} ${words}` : `${title}. ${words}`;
  }

  /** @param {Room} before @param {Room} room */
  door(before, room) {
    const fresh = room.waits ? [] : room.door.filter(({ seat }) => !before.door.some((knock) => knock.seat === seat));
    return fresh.map(({ seat }) => this.words.say("knocks", { name: seatOf(room, seat)?.name ?? "" }));
  }

  /** @param {Room} before @param {Room} room @param {string} me */
  lines(before, room, me) {
    const changed = room.seats.filter((seat) => seat.seat !== me && (seatOf(before, seat.seat)?.line === "here") !== (seat.line === "here"));
    const telling = room.phase === "debrief" ? changed.filter(leads) : changed; // members leave the debrief, their lines do not break
    return telling.map((seat) => this.words.say(LINES[seat.line] ?? "", { name: seat.name }));
  }

  /** Leaders are told; to the others a chair is empty. @param {Room} before @param {Room} room @param {string} me */
  removed(before, room, me) {
    if (!leads(seatOf(room, me))) return [];
    const gone = room.seats.filter((seat) => seat.line === "absent" && ["here", "away"].includes(seatOf(before, seat.seat)?.line ?? ""));
    return gone.map((seat) => this.words.say("was_removed", { name: seat.name }));
  }

  /** @param {Room} before @param {Room} room @param {string} me */
  hands(before, room, me) {
    const raised = room.hands.filter((hand) => hand !== me && !before.hands.includes(hand));
    return raised.map((hand) => this.words.say("raised", { name: seatOf(room, hand)?.name ?? "" }));
  }
}
