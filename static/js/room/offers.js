// @ts-check
/** What this seat may do now, in the order of the method. The server says what is allowed; here is only which comes first. */

import { leads, leadersOf, othersHere, seatOf, silenced } from "./facts.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Phase} Phase
 */

/**
 * One button: `word` names its words, `type` the command or the dialog it opens.
 * @typedef {{ word: string, type: string, phase?: Phase, lit?: boolean, opens?: string }} Offer
 */

/**
 * @typedef {{ next: Offer | null, beside: Offer[], more: Offer[], takeBack: boolean }} Offers
 */

/** The step that the method takes from each. @type {Readonly<Partial<Record<Phase, Phase>>>} */
const AHEAD = Object.freeze({
  lobby: "gathering",
  gathering: "call",
  call: "presentation",
  presentation: "clarifying",
  clarifying: "push_back",
  push_back: "return",
  return: "call",
  closing: "debrief",
  debrief: "ended",
});

/**
 * @param {Room} room
 * @param {string} me
 * @returns {Offers}
 */
export function offersTo(room, me) {
  const step = stepAhead(room);
  const own = ownOffer(room, me);
  const beside = besides(room, step);
  if (room.phase === "return" && own) beside.unshift(...plain(room, "stay_back"));
  if (own && step && !othersHere(room, me)) beside.push({ ...step, lit: false });
  const next = own ?? (step && { ...step, lit: isMine(room, me) && room.return_state !== "invited" });
  const shown = [next, ...beside].map((offer) => offer?.word);
  const more = [...otherMoves(room), ...handOf(room, me)].filter((offer) => !shown.includes(offer.word));
  const leader = leads(seatOf(room, me));
  return { next: next ?? (leader ? null : (handOf(room, me)[0] ?? null)), beside, more: leader ? more : [], takeBack: room.can_take_back !== "" };
}

/** A silenced presenter's one signal, or the answer to the invitation. @param {Room} room @param {string} me @returns {Offer | null} */
function ownOffer(room, me) {
  if (silenced(room) !== me) return null;
  if (room.can.includes("accept_return")) return { word: "accept_return", type: "accept_return", lit: true };
  return plain(room, "ask_return")[0] ?? null;
}

/** @param {Room} room @returns {Offer | null} */
function stepAhead(room) {
  if (room.phase === "call" && room.can.includes("settle_presenter") && !room.moves.includes("presentation")) return choose("choose");
  const ahead = AHEAD[room.phase];
  if (ahead && room.moves.includes(ahead)) return move(room, ahead);
  return null;
}

/** @param {Room} room @param {Offer | null} step @returns {Offer[]} */
function besides(room, step) {
  if (room.phase === "call") return step?.type === "move" ? [choose("choose_other")] : room.moves.includes("closing") ? [move(room, "closing")] : [];
  return step?.word === "close_case" ? [] : plain(room, "close_case");
}

/** @param {Room} room @returns {Offer[]} */
function otherMoves(room) {
  return room.moves.filter((phase) => phase !== "call" || room.phase !== "return").map((phase) => move(room, phase));
}

/** @param {Room} room @param {string} me @returns {Offer[]} */
function handOf(room, me) {
  if (room.hands.includes(me)) return plain(room, "lower_hand");
  return plain(room, "raise_hand");
}

/** @param {Room} room @param {string} type @returns {Offer[]} */
const plain = (room, type) => (room.can.includes(type) ? [{ word: type, type }] : []);

/** @param {string} word @returns {Offer} */
const choose = (word) => ({ word, type: "open", opens: "choose" });

/** @param {Room} room @param {Phase} phase @returns {Offer} */
function move(room, phase) {
  if (phase === "ended") return { word: "move_ended", type: "open", opens: "end" };
  const word = room.phase === "return" && phase === "call" ? "close_case" : `move_${phase}`;
  return { word, type: "move", phase };
}

/** The leader leads; the second leader's button is lit while the leader is away. @param {Room} room @param {string} me */
function isMine(room, me) {
  const [leader] = leadersOf(room);
  return leader?.seat === me || leader?.line !== "here" || !leads(seatOf(room, me));
}
