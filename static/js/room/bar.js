// @ts-check
/** The bar: my devices, and what I can do now with the next step biggest. */

import { namesOf, seatOf, silenced, speaksApart } from "./facts.js";
import { offersTo } from "./offers.js";
import { all, copy, icon, keep, mark, one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./words.js").Words} Words
 * @typedef {import("./offers.js").Offer} Offer
 */

/** How long the last move can be taken back beside the next step; later it is among "More". */
const UNDO_MS = 20_000;

const ECHO_MS = 600;

export class Bar {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.next = one("[data-next]");
    this.changedAt = 0;
    this.movedAt = -UNDO_MS;
    this.phase = "";
  }

  /** @param {Room} room @param {string} me */
  draw(room, me) {
    const offers = offersTo(room, me);
    const names = namesOf(room, me, this.words.language);
    this.noteMove(room);
    const fill = { ...names, name: seatOf(room, room.door[0]?.seat ?? "")?.name ?? "" };
    this.drawNext(offers.next, room, me, fill);
    this.drawList(one("[data-beside]"), "beside", offers.beside, fill);
    this.drawList(one("[data-more]"), "act", offers.more, fill);
    this.drawUndo(room, offers);
    this.drawHint(room, me, names);
    this.drawHands(room, me);
  }

  /** @param {Room} room */
  noteMove(room) {
    if (this.phase && this.phase !== room.phase) this.movedAt = Date.now();
    this.phase = room.phase;
  }

  /** @param {Offer | null} offer @param {Room} room @param {string} me @param {Record<string, string>} names */
  drawNext(offer, room, me, names) {
    show(this.next, offer !== null);
    if (!offer) return;
    const rank = seatOf(room, me)?.hand ?? 0;
    const words = this.words.act(offer.word, { ...names, n: offer.n ?? rank });
    if (this.next.dataset.word !== offer.word) this.changedAt = Date.now();
    bind(this.next, offer);
    this.next.classList.toggle("next--ask", !offer.lit);
    this.next.classList.toggle("next--hand", offer.type.endsWith("_hand"));
    this.next.classList.toggle("next--said", /hand|ask|withdraw/.test(offer.type));
    write(one("[data-label]", this.next), words.label);
    write(one("[data-small]", this.next), this.isSecond(offer, room, me) ? this.words.act("leads", names).small : words.small);
    icon(this.next, offer.type.endsWith("_hand") ? "hand" : "forward");
    show(/** @type {Element} */ (this.next.querySelector(".icon")), !["ask_return", "withdraw_case"].includes(offer.type));
  }

  /** Does another one lead, and I may? @param {Offer} offer @param {Room} room @param {string} me */
  isSecond(offer, room, me) {
    const second = seatOf(room, me)?.role === "co_leader" && offer.type !== "ask_return" && !offer.type.endsWith("_hand");
    return second && !offer.lit && room.return_state !== "invited";
  }

  /** @param {HTMLElement} parent @param {string} template @param {Offer[]} offers @param {Record<string, string>} names */
  drawList(parent, template, offers, names) {
    show(parent, offers.length > 0);
    const children = keep(parent, offers, (offer) => offer.word, () => copy(template));
    offers.forEach((offer, index) => {
      const words = this.words.act(offer.word, names);
      const boxed = offer.choice === true || ["stay_back", "end_aside", "end_to_leaders"].includes(offer.word);
      bind(children[index], offer);
      children[index].classList.toggle("button--plain", template === "beside" && !boxed);
      children[index].classList.toggle("button--quiet", boxed);
      children[index].classList.toggle("button--choice", offer.choice === true);
      write(one("[data-label]", children[index]), words.label);
      show(one("[data-small]", children[index]), offer.choice === true);
      write(one("[data-small]", children[index]), offer.choice ? words.small : "");
    });
  }

  /** Not beside choices, which need the room. @param {Room} room @param {import("./offers.js").Offers} offers */
  drawUndo(room, { beside, takeBack }) {
    const words = this.words.act("take_back", { step: this.words.step(room.phase) });
    const fresh = Date.now() - this.movedAt < UNDO_MS && !beside.some((offer) => offer.choice);
    for (const button of all('[data-act="take_back"]')) {
      show(button, takeBack && (fresh || button.closest("dialog") !== null));
      write(one("[data-label]", button), words.label);
    }
  }

  /** @param {Room} room @param {string} me @param {Record<string, string>} names */
  drawHint(room, me, names) {
    const hint = one("[data-hint]");
    const word = this.hintFor(room, me);
    show(hint, word !== "");
    mark(hint, "wish", word === "wishes");
    write(hint, word && this.words.say(word, names));
  }

  /** @param {Room} room @param {string} me @returns {string} the name of a saying, or "" */
  hintFor(room, me) {
    if (room.asks_return && room.presenter !== me) return "wishes";
    if (speaksApart(room, me)) return "";
    const unlit = this.next.classList.contains("next--ask") && !this.next.hidden;
    return unlit && this.isSecond({ word: "", type: this.next.dataset.type ?? "" }, room, me) ? "second" : "";
  }

  /** My own hand as a tool of a phone, and the leaders' count. @param {Room} room @param {string} me */
  drawHands(room, me) {
    const up = room.hands.includes(me);
    const hand = one('[data-act="hand"]');
    const beside = document.querySelector('[data-beside] [data-type$="_hand"]') !== null;
    show(hand, beside || (this.next.classList.contains("next--hand") && !this.next.hidden));
    hand.classList.toggle("tool--beside", beside);
    hand.setAttribute("aria-pressed", String(up));
    write(one("[data-label]", hand), this.words.act(up ? "lower_hand" : "raise_hand", {}).label);
    for (const count of all("[data-hand-count]")) {
      show(count, room.hands.length > 0);
      write(count, String(room.hands.length));
    }
  }

  /** @param {{ microphone: boolean, camera: boolean, someone: boolean }} mine @param {Room | null} room @param {string} me */
  drawDevices(mine, room, me) {
    const sheltered = room !== null && me !== "" && silenced(room) === me;
    const microphone = one('[data-act="microphone"]');
    const apart = room !== null && mine.microphone && speaksApart(room, me);
    const word = sheltered ? "not_heard" : apart ? "microphone_apart" : `microphone_${mine.microphone ? "on" : "off"}`;
    this.drawTool(microphone, mine.microphone && !sheltered, "microphone", word, apart ? namesOf(room, me, this.words.language) : {});
    mark(microphone, "apart", apart);
    mark(microphone, "state", sheltered ? "sheltered" : "");
    microphone.setAttribute("aria-disabled", String(sheltered));
    this.drawTool(one('[data-act="camera"]'), mine.camera, "camera", `camera_${mine.camera ? "on" : "off"}`);
    one('[data-act="someone"]').setAttribute("aria-pressed", String(mine.someone));
  }

  /** The words say the state, so no pressed state repeats it. @param {HTMLElement} tool @param {boolean} on @param {string} name @param {string} word @param {import("./words.js").Fill} [fill] */
  drawTool(tool, on, name, word, fill) {
    mark(tool, "off", !on);
    icon(tool, on ? name : `${name}-off`);
    write(one("[data-label]", tool), this.words.say(word, fill));
  }

  /** The second half of a double click, on a button that has become another one between the two. @param {MouseEvent} event */
  isEcho(event) {
    return event.detail > 1 && Date.now() - this.changedAt < ECHO_MS;
  }
}

/** @param {HTMLElement} button @param {Offer} offer */
function bind(button, offer) {
  mark(button, "word", offer.word);
  mark(button, "type", offer.type);
  mark(button, "phase", offer.phase ?? "");
  mark(button, "opens", offer.opens ?? "");
  mark(button, "n", offer.n ?? "");
}
