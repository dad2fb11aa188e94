// @ts-check
/** What opens above the bar: more steps, hands, the choice of who presents. Drawn from the room while it is open. */

import { leads, seatOf } from "./facts.js";
import { all, copy, keep, one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./words.js").Words} Words
 */

export class Dialogs {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.all = /** @type {HTMLDialogElement[]} */ (all("dialog"));
    for (const dialog of this.all) dialog.addEventListener("click", (event) => closeAround(dialog, event));
  }

  get isOpen() {
    return this.all.some((dialog) => dialog.open);
  }

  /** @param {string} name */
  open(name) {
    this.close();
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(name));
    dialog?.showModal();
  }

  close() {
    for (const dialog of this.all) if (dialog.open) dialog.close();
  }

  /** @param {Room} room */
  draw(room) {
    if (!document.getElementById("choose")) return;
    this.drawHands(room);
    this.drawChoice(room);
    this.closeIf("choose", !room.can.includes("settle_presenter"));
    this.closeIf("end", !room.moves.includes("ended"));
  }

  /** @param {string} name @param {boolean} moot */
  closeIf(name, moot) {
    const dialog = this.all.find((other) => other.id === name);
    if (moot && dialog?.open) dialog.close();
  }

  /** @param {Room} room */
  drawHands(room) {
    show(one("[data-no-hands]"), room.hands.length === 0);
    const rows = keep(one("[data-lower]"), room.hands, (hand) => hand, () => copy("lower"));
    room.hands.forEach((hand, index) => {
      const name = seatOf(room, hand)?.name ?? "";
      const button = one("button", rows[index]);
      button.dataset.seat = hand;
      button.setAttribute("aria-label", this.words.say("lower_name", { name }));
      write(one("[data-rank]", rows[index]), String(index + 1));
      write(one("[data-name]", rows[index]), name);
      write(one("[data-label]", button), this.words.say("lower"));
    });
  }

  /** @param {Room} room */
  drawChoice(room) {
    const people = room.seats.filter((seat) => seat.line === "here").sort(byHand);
    const rows = keep(one("[data-choose]"), people, (seat) => seat.seat, () => copy("choose"));
    people.forEach((seat, index) => {
      const rank = one("[data-rank]", rows[index]);
      one("button", rows[index]).dataset.seat = seat.seat;
      one("button", rows[index]).setAttribute("aria-pressed", String(room.presenter === seat.seat));
      show(rank, seat.hand > 0);
      write(rank, String(seat.hand));
      write(one("[data-name]", rows[index]), seat.name);
    });
  }
}

/** Hands first in their order, then members, then leaders. @param {Seat} one @param {Seat} other */
function byHand(one, other) {
  return (one.hand || Infinity) - (other.hand || Infinity) || Number(leads(one)) - Number(leads(other)) || one.order - other.order;
}

/** A press outside the sheet closes it. @param {HTMLDialogElement} dialog @param {MouseEvent} event */
function closeAround(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (event.target === dialog && !inside && event.detail > 0) dialog.close();
}
