// @ts-check
/** A person's row opened, for leaders: what that person wrote that does not work, the answer, an aside by voice. */

import { asideOf, leads, seatOf, silenced } from "./facts.js";
import { one, mark, show, write } from "./page.js";
import { Paper } from "./papers.js";
import * as up from "./protocol.js";

/**
 * @typedef {import("./papers.js").Papers} Papers
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./words.js").Words} Words
 */

export class Care {
  /** @param {Words} words @param {Papers} papers @param {(message: import("./protocol.js").Up) => boolean} send */
  constructor(words, papers, send) {
    this.words = words;
    this.papers = papers;
    this.send = send;
    /** @type {Map<string, boolean>} which rows were opened or closed by hand, by seat */
    this.chosen = new Map();
    /** @type {Set<string>} about whom more was asked for: only there somebody can be removed */
    this.more = new Set();
    /** @type {Set<string>} whom I am writing to */
    this.answering = new Set();
    /** @type {Map<string, { row: HTMLElement, paper: Paper }>} by seat */
    this.drawn = new Map();
  }

  /** Whose words wait for an answer of mine. @param {Room} room @param {string} me @param {string} seat */
  asks(room, me, seat) {
    return room.keeper === me && isAround(room, seat) && this.papers.of("line", seat).at(-1)?.seat === seat;
  }

  /** Who needs me comes first, then whose line is bad. @param {Room} room @param {string} me @param {Seat} seat */
  rank(room, me, seat) {
    if (this.asks(room, me, seat.seat)) return 0;
    return hasTrouble(seat) ? 1 : 2;
  }

  /** @param {Room} room @param {string} me @param {Seat} seat */
  isOpen(room, me, seat) {
    return this.chosen.get(seat.seat) ?? (this.asks(room, me, seat.seat) || (hasTrouble(seat) && mayTakeAside(room, me, seat) === "may"));
  }

  /** @param {HTMLElement} row @param {Seat} seat @param {Room} room @param {string} me @param {number} offsetMs */
  draw(row, seat, room, me, offsetMs) {
    const open = this.isOpen(room, me, seat) && this.can(room, me, seat);
    mark(row, "open", open);
    mark(row, "asks", this.asks(room, me, seat.seat));
    show(one("[data-care]", row), open);
    if (!open) return;
    this.drawActs(row, seat, room, me);
    this.drawPaper(row, seat, room, me, offsetMs);
  }

  /** Whether the opened row would have anything. @param {Room} room @param {string} me @param {Seat} seat */
  can(room, me, seat) {
    return this.mayWrite(room, me, seat) || mayRemove(room, seat) || mayTakeAside(room, me, seat) !== "" || isOther(room, me, seat);
  }

  /** @param {HTMLElement} row @param {Seat} seat @param {Room} room @param {string} me */
  drawActs(row, seat, room, me) {
    const aside = mayTakeAside(room, me, seat);
    const answers = this.mayWrite(room, me, seat) && !this.answering.has(seat.seat);
    const acts = { answer: answers, remove_asks: this.more.has(seat.seat) && mayRemove(room, seat) };
    for (const [act, shown] of Object.entries(acts)) {
      const button = one(`[data-act="${act}"]`, row);
      button.dataset.seat = seat.seat;
      show(button, shown);
    }
    one('[data-act="remove_asks"]', row).setAttribute("aria-label", this.words.say("remove", { name: seat.name }));
    this.drawAside(row, seat, aside);
    show(one('[data-toggles="leaders"]', row), isOther(room, me, seat));
    const written = this.papers.of("line", seat.seat).length > 0;
    write(one("[data-answer-words]", row), this.words.say(written ? "answer" : "write_to", { name: seat.name }));
    one('[data-act="answer"]', row).classList.toggle("button--quiet", !this.asks(room, me, seat.seat));
  }

  /** The same button ends it. @param {HTMLElement} row @param {Seat} seat @param {"" | "may" | "on" | "protected"} aside */
  drawAside(row, seat, aside) {
    const button = one("[data-aside]", row);
    button.dataset.seat = seat.seat;
    button.dataset.act = aside === "on" ? "end_aside" : "take_aside";
    write(button, this.words.say(aside === "on" ? "aside_ends" : "aside_begins"));
    button.setAttribute("aria-disabled", String(aside === "protected"));
    show(button, aside !== "");
    show(one("[data-why]", row), aside === "protected");
  }

  /** @param {HTMLElement} row @param {Seat} seat @param {Room} room @param {string} me @param {number} offsetMs */
  drawPaper(row, seat, room, me, offsetMs) {
    const mine = room.keeper === me;
    const paper = this.paperOf(row, seat.seat);
    show(paper.list, mine && this.papers.of("line", seat.seat).length > 0);
    show(paper.form, this.mayWrite(room, me, seat) && this.answering.has(seat.seat));
    paper.field.setAttribute("aria-label", this.words.say("write_to", { name: seat.name }));
    if (mine) paper.draw(this.papers.of("line", seat.seat), room, offsetMs);
  }

  /** @param {HTMLElement} row @param {string} seat */
  paperOf(row, seat) {
    const drawn = this.drawn.get(seat);
    if (drawn?.row === row) return drawn.paper;
    const paper = new Paper(row, this.words, (id, text) => this.answered(id, seat, text));
    paper.field.setAttribute("aria-describedby", `care-${seat}`);
    one("[data-warning]", row).id = `care-${seat}`;
    this.drawn.set(seat, { row, paper });
    return paper;
  }

  /** @param {Room} room @param {string} me @param {Seat} seat */
  mayWrite(room, me, seat) {
    return room.keeper === me && !leads(seat) && ["here", "waiting"].includes(seat.line);
  }

  /** @param {string} seat @param {boolean} open */
  choose(seat, open) {
    this.chosen.set(seat, open);
    if (open) this.more.add(seat);
    else this.close(seat);
  }

  /** @param {string} seat */
  close(seat) {
    this.more.delete(seat);
    this.answering.delete(seat);
  }

  /** @param {string} seat to whom a field opens */
  answer(seat) {
    this.chosen.set(seat, true);
    this.answering.add(seat);
  }

  /** @param {string} seat */
  focus(seat) {
    this.drawn.get(seat)?.paper.field.focus();
    this.reveal(seat);
  }

  /** The whole row, and where it is higher than the sheet, at least its field. @param {string} seat */
  reveal(seat) {
    const drawn = this.drawn.get(seat);
    for (const part of drawn ? [drawn.row, drawn.paper.form] : []) part.scrollIntoView({ block: "nearest" });
  }

  /** A row that grows while one writes there takes no field away. */
  follow() {
    for (const [seat, { row }] of this.drawn) if (row.contains(document.activeElement)) this.reveal(seat);
  }

  /** The row stays as it is: what I have written can be read there. @param {string} id @param {string} seat @param {string} text */
  answered(id, seat, text) {
    this.chosen.set(seat, true);
    return this.send(up.write(id, "line", seat, text));
  }

  /** Whoever writes anew is opened anew, if closed. @param {Texts} texts @returns {string} who has written */
  hear({ seat, lines }) {
    const wrote = lines.at(-1)?.seat === seat;
    if (wrote && !this.chosen.get(seat)) this.chosen.delete(seat);
    return wrote ? seat : "";
  }

  /** @param {string} id */
  refused(id) {
    for (const { paper } of this.drawn.values()) paper.refused(id);
  }
}

/** Who is gone for tonight waits for nothing. @param {Room} room @param {string} seat */
function isAround(room, seat) {
  const line = seatOf(room, seat)?.line ?? "";
  return ["here", "away", "waiting"].includes(line) && !["debrief", "ended"].includes(room.phase);
}

/** @param {Seat} seat */
const hasTrouble = (seat) => (seat.line === "here" && seat.slow) || (seat.line === "away" && !leads(seat));

/** The other leader, with whom I have a line of our own. @param {Room} room @param {string} me @param {Seat} seat */
const isOther = (room, me, seat) => seat.seat !== me && leads(seat) && seat.line === "here" && silenced(room) !== me;

/** @param {Room} room @param {Seat} seat */
export const mayRemove = (room, seat) => room.can.includes("remove") && !leads(seat) && seat.line !== "absent";

/**
 * "protected": the presenter whose chair is pushed back is left in peace.
 * @param {Room} room @param {string} me @param {Seat} seat @returns {"" | "may" | "on" | "protected"}
 */
function mayTakeAside(room, me, seat) {
  if (room.asides.some(({ leader, member }) => leader === me && member === seat.seat)) return "on";
  if (leads(seat) || seat.line !== "here" || asideOf(room, me) || asideOf(room, seat.seat)) return "";
  if (silenced(room) === seat.seat) return "protected";
  return room.can.includes("take_aside") ? "may" : "";
}
