// @ts-check
/** The middle of the circle and the head: the step, one sentence, the clock, the hands, and on a phone who speaks. */

import { held, namesOf, noteOf, pillOf, sceneOf, seatOf, silenced } from "./facts.js";
import { all, copy, icon, keep, mark, one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./words.js").Words} Words
 */

/** Steps that the head shows only while they last. */
const OUTSIDE = ["lobby", "gathering", "debrief"];

/** The middle shows the first hands; every seat shows its own rank. */
const SHOWN_HANDS = 3;

/** On a phone a speaker stays in the middle for at least MIN_MS, and for STILL_MS of silence. */
const MIN_MS = 3_000;
const STILL_MS = 8_000;

export class Heart {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.offsetMs = 0;
    this.speaker = { seat: "", since: 0, heardAt: 0 };
    /** @type {ReadonlyArray<string>} */
    this.speaking = [];
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    this.offsetMs = room.now_ms - Date.now();
    const names = namesOf(room, me, this.words.language);
    const scene = this.words.scene(sceneOf(room, me), names);
    write(one(".heart [data-title]"), scene.title);
    for (const words of all("[data-words]")) write(words, scene.words);
    write(one(".room__phase [data-title]"), scene.phone || scene.title);
    this.drawChoices(scene.choices);
    this.drawPill(pillOf(room, me), names, scene.short);
    this.drawNote(noteOf(room, me), names);
    this.drawNext(names.next);
    mark(one("[data-room]"), "hold", held(room));
    mark(one("[data-room]"), "waits", room.waits);
    mark(one("[data-room]"), "stopped", room.stopped_ms > 0);
    this.drawHead(room);
    this.drawQueue(room);
    this.tick(room, me);
  }

  /** What one can decide now, each with what it means. @param {string[]} choices */
  drawChoices(choices) {
    const list = one("[data-choices]");
    show(list, choices.length > 0);
    const lines = keep(list, choices, (choice) => choice, () => document.createElement("li"));
    choices.forEach((choice, index) => write(lines[index], choice));
  }

  /** On a phone it stands in the head, in place of the step's own short line. @param {string} pill @param {Record<string, string>} names @param {string} short */
  drawPill(pill, names, short) {
    const sheltered = pill === "protected";
    const words = pill && this.words.say(`pill_${pill}`, names);
    mark(one("[data-room]"), "sheltered", sheltered);
    mark(one("[data-room]"), "apart", pill !== "" && !sheltered);
    write(one("[data-short]"), sheltered ? short : words || short);
    show(one("[data-pill]"), pill !== "");
    icon(one("[data-pill]"), sheltered ? "ear" : "headphones");
    write(one("[data-pill-words]"), words);
  }

  /** @param {string} note @param {Record<string, string>} names */
  drawNote(note, names) {
    show(one("[data-note]"), note !== "");
    write(one("[data-note]"), note && this.words.say(`note_${note}`, names));
  }

  /** For the page that stands in place of the room when it is over. @param {string} next */
  drawNext(next) {
    show(one("[data-next-time]"), next !== "");
    write(one("[data-next-time]"), next && this.words.say("note_next", { next }));
  }

  /** @param {Room} room */
  drawHead(room) {
    write(one("[data-case]"), this.caseOf(room));
    write(one("[data-count]"), this.words.say("here", { n: room.seats.filter((seat) => seat.line === "here").length }));
    for (const step of all("[data-step]")) {
      const current = step.dataset.step === room.phase;
      if (current) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
      show(step, current || !OUTSIDE.includes(step.dataset.step ?? ""));
    }
    icon(one("[data-still]"), room.phase);
  }

  /** @param {Room} room */
  caseOf(room) {
    if (!room.case) return "";
    const words = this.words.say(room.cases > 1 ? "case_of" : "case", { n: room.case, of: room.cases });
    return room.follow_up ? this.words.say("case_follow_up", { case: words }) : words;
  }

  /** @param {Room} room */
  drawQueue(room) {
    for (const queue of all("[data-queue]")) {
      show(queue, room.hands.length > 0);
      const first = room.hands.slice(0, SHOWN_HANDS);
      const hands = keep(queue, first, (hand) => hand, () => copy("queue"));
      mark(queue, "rest", room.hands.length > first.length ? `+${room.hands.length - first.length}` : "");
      first.forEach((hand, index) => {
        write(one("[data-rank]", hands[index]), String(index + 1));
        write(one("[data-name]", hands[index]), seatOf(room, hand)?.name ?? "");
      });
    }
  }

  /** Once a second: the clock of the step, and whether the speaker in the middle still speaks. @param {Room} room @param {string} me */
  tick(room, me) {
    const now = room.stopped_ms || Date.now() + this.offsetMs;
    const elapsed = Math.max(0, now - room.phase_started_ms);
    for (const clock of all("[data-clock]")) show(clock, room.target_s > 0);
    for (const words of all("[data-elapsed]")) write(words, minutes(elapsed));
    const n = Math.round(room.target_s / 60);
    write(one("[data-of]"), this.words.say("of", { n }));
    write(one("[data-of-short]"), room.stopped_ms ? this.words.say("stands") : this.words.say("of_short", { n }));
    show(one("[data-stands]"), room.stopped_ms > 0);
    mark(one("[data-way]"), "tenths", Math.min(10, Math.floor(elapsed / (room.target_s * 100)) || 0));
    this.drawSpeaker(room, me);
    this.drawMirror(room, me);
  }

  /** At the door one sees oneself, as one will be seen. @param {Room} room @param {string} me */
  drawMirror(room, me) {
    show(one("[data-mirror]"), room.waits);
    if (!room.waits) return;
    write(one("[data-mirror-initials]"), seatOf(room, me)?.initials ?? "");
    mirror(pictureOf(me), pictureIn(one("[data-mirror]")), true);
  }

  /** @param {ReadonlyArray<string>} speaking @param {Room} room @param {string} me */
  hear(speaking, room, me) {
    this.speaking = speaking;
    this.drawSpeaker(room, me);
  }

  /** Stays with a voice while it lasts, and changes after MIN_MS at the earliest. @param {Room} room @param {string} me */
  follow(room, me) {
    const now = Date.now();
    const voices = this.speaking.filter((seat) => seat !== me && seat !== silenced(room));
    if (voices.includes(this.speaker.seat)) this.speaker.heardAt = now;
    else if (voices.length && now - this.speaker.since >= MIN_MS) this.speaker = { seat: voices[0], since: now, heardAt: now };
  }

  /** @param {Room} room @param {string} me */
  drawSpeaker(room, me) {
    this.follow(room, me);
    const seat = seatOf(room, this.speaker.seat);
    const fresh = Date.now() - this.speaker.heardAt < STILL_MS;
    const shown = seat !== undefined && seat.line === "here" && seat.seat !== silenced(room) && !held(room) && fresh;
    show(one("[data-speaker]"), shown);
    show(one("[data-still]"), !shown);
    if (!shown) return;
    write(one("[data-speaker-initials]"), seat.initials);
    write(one("[data-speaker-words]"), this.words.say("speaks", { name: seat.name }));
    mark(one("[data-speaks]"), "speaks", seat.seat);
    const small = pictureOf(seat.seat);
    mirror(small, pictureIn(one("[data-speaker]")), small !== null && !small.hidden);
  }
}

/** @param {string} seat */
const pictureOf = (seat) => /** @type {HTMLVideoElement | null} */ (document.querySelector(`[data-seats] [data-seat="${seat}"] video`));

/** @param {HTMLElement} element */
const pictureIn = (element) => /** @type {HTMLVideoElement} */ (one("video", element));

/** The large picture runs from the same stream as the seat. @param {HTMLVideoElement | null} small @param {HTMLVideoElement} large @param {boolean} runs */
function mirror(small, large, runs) {
  const stream = small && runs ? small.srcObject : null;
  if (large.srcObject !== stream) {
    large.muted = true;
    large.srcObject = stream;
    if (stream) large.play().catch(() => undefined);
  }
  mark(large, "turn", small?.dataset.turn ?? "");
  show(large, stream !== null);
}

/** @param {number} ms */
function minutes(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
