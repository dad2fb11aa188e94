// @ts-check
/** What opens above the bar: more steps, hands, the choice of who presents. Drawn from the room while it is open. */

import { inCase, leads, othersHere, seatOf } from "./facts.js";
import { all, copy, holdFocus, keep, one, show, write } from "./page.js";
import { span } from "./when.js";

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

  /** @param {Room} room @param {number} offsetMs by how much the server's clock is ahead */
  draw(room, offsetMs) {
    this.closeIf("offer", !room.can.includes("offer_case"));
    if (!document.getElementById("choose")) return;
    this.drawHands(room, offsetMs);
    holdFocus(one("[data-choose]"), one("#choose-title"), () => this.drawChoice(room));
    this.closeIf("choose", !room.can.includes("settle_presenter"));
    this.closeIf("close", !room.moves.includes("debrief"));
    this.closeIf("end", !room.moves.includes("ended"));
  }

  /** @param {string} name @param {boolean} moot */
  closeIf(name, moot) {
    const dialog = this.all.find((other) => other.id === name);
    if (moot && dialog?.open) dialog.close();
  }

  /** @param {Room} room @param {number} offsetMs */
  drawHands(room, offsetMs) {
    show(one("[data-no-hands]"), room.queue.length === 0);
    const list = one("[data-lower]");
    holdFocus(list, one("#hands-title"), () => keep(list, room.queue, (hand) => hand.seat, () => copy("lower")));
    room.queue.forEach((hand, index) => {
      const row = /** @type {HTMLElement} */ (list.children[index]);
      const name = seatOf(room, hand.seat)?.name ?? "";
      const button = one("button", row);
      button.dataset.seat = hand.seat;
      button.setAttribute("aria-label", this.words.say("lower_name", { name }));
      write(one("[data-rank]", row), String(index + 1));
      write(one("[data-name]", row), name);
      write(one("[data-waits]", row), this.words.say("hand_waits", { time: span(Date.now() + offsetMs - hand.since_ms) }));
      show(one("[data-fresh]", row), inCase(room) && !hand.spoken);
      write(one("[data-label]", button), this.words.say("lower"));
    });
  }

  /** @param {Room} room */
  drawChoice(room) {
    const people = room.seats.filter((seat) => seat.line === "here").sort((one, other) => byOffer(room, one, other));
    const rows = keep(one("[data-choose]"), people, (seat) => seat.seat, () => copy("choose"));
    show(one("[data-no-offers]"), room.offers.length === 0);
    people.forEach((seat, index) => {
      const rank = one("[data-rank]", rows[index]);
      const button = one("button", rows[index]);
      const offer = room.offers.find((each) => each.seat === seat.seat);
      const alone = leads(seat) && !othersHere(room, seat.seat);
      button.dataset.seat = seat.seat;
      button.setAttribute("aria-pressed", String(room.presenter === seat.seat));
      button.setAttribute("aria-disabled", String(alone));
      show(rank, seat.hand > 0);
      write(rank, String(seat.hand));
      write(one("[data-name]", rows[index]), seat.name);
      show(one("[data-offer]", rows[index]), offer !== undefined);
      write(one("[data-offer]", rows[index]), offer ? this.words.say(offer.follow_up ? "follow_up" : "new_case") : "");
      show(one("[data-why]", rows[index]), alone);
    });
  }
}

/** Who has offered a case first, in order; then hands in theirs, members, leaders. @param {Room} room @param {Seat} one @param {Seat} other */
function byOffer(room, one, other) {
  const turn = (/** @type {Seat} */ seat) => 1 + room.offers.findIndex((offer) => offer.seat === seat.seat) || Infinity;
  return compare(turn(one), turn(other)) || compare(one.hand || Infinity, other.hand || Infinity) || Number(leads(one)) - Number(leads(other)) || one.order - other.order;
}

/** @param {number} one @param {number} other either may be Infinity */
const compare = (one, other) => (one === other ? 0 : one - other);

/** A press outside the sheet closes it. @param {HTMLDialogElement} dialog @param {MouseEvent} event */
function closeAround(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (event.target === dialog && !inside && event.detail > 0) dialog.close();
}
