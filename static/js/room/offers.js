// @ts-check
/** What this seat may do now, in the order of the method. The server says what is allowed; here is only which comes first. */

import { inCase, leads, leadersOf, othersHere, seatOf, silenced } from "./facts.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Phase} Phase
 */

/**
 * One button: `word` names its words, `type` the command, or "open" for the dialog that it `opens`. A `choice` stands
 * beside others of its kind and says what it means; `n` fills its words.
 * @typedef {{ word: string, type: string, phase?: Phase, lit?: boolean, opens?: string, choice?: boolean, n?: number }} Offer
 */

/** @typedef {{ next: Offer | null, beside: Offer[] }} First */
/** @typedef {First & { more: Offer[], takeBack: boolean }} Offers */

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

/** The same while the group has gone on without its presenter, whom nobody can ask or invite. @type {Readonly<Partial<Record<Phase, Phase>>>} */
const AHEAD_WITHOUT = Object.freeze({ presentation: "push_back", clarifying: "push_back" });

/**
 * @param {Room} room
 * @param {string} me
 * @returns {Offers}
 */
export function offersTo(room, me) {
  const leader = leads(seatOf(room, me));
  const { next, beside: others } = firstOffers(room, me, leader);
  const beside = [...apart(room, me), ...others];
  const shown = [next, ...beside].map((offer) => offer?.word);
  const more = [...otherMoves(room), ...handOf(room, me), ...caseOf(room, me), ...chatOf(room)].filter((offer) => !shown.includes(offer.word));
  return { next, beside, more: leader ? more : [], takeBack: room.can_take_back !== "" };
}

/** The way back into the circle from where only one hears me. @param {Room} room @param {string} me @returns {Offer[]} */
function apart(room, me) {
  if (room.to_leaders.includes(me)) return [{ word: "end_to_leaders", type: "end_to_leaders" }];
  return plain(room, "end_aside");
}

/** @param {Room} room @param {string} me @param {boolean} leader @returns {First} */
function firstOffers(room, me, leader) {
  if (silenced(room) === me && me) return sheltered(room, me, leader);
  if (!leader) return joining(room, me);
  const first = holding(room) ?? letting(room) ?? finishing(room) ?? leading(room);
  return { ...first, next: first.next && { ...first.next, lit: isMine(room, me) && room.return_state !== "invited" } };
}

// -- the presenter, the members ------------------------------------------------

/** A silenced presenter's one signal, or the answer to the invitation. @param {Room} room @param {string} me @param {boolean} leader @returns {First} */
function sheltered(room, me, leader) {
  const step = leader && !othersHere(room, me) ? stepAhead(room) : null;
  const invited = room.can.includes("accept_return");
  const next = invited ? { word: "accept_return", type: "accept_return", lit: true } : (plain(room, "ask_return")[0] ?? null);
  if (!next) return { next: step && { ...step, lit: true }, beside: besides(room, step) };
  const answers = room.phase === "return" ? plain(room, "stay_back") : [];
  return { next, beside: [...answers, ...besides(room, step), ...(step ? [step] : [])] };
}

/** @param {Room} room @param {string} me @returns {First} */
function joining(room, me) {
  const [mine] = caseOf(room, me);
  const hand = handOf(room, me);
  return mine ? { next: mine, beside: hand } : { next: hand[0] ?? null, beside: [] };
}

/** What I may say of a case of mine, until one is settled on me. @param {Room} room @param {string} me @returns {Offer[]} */
function caseOf(room, me) {
  if (room.phase !== "call" || room.presenter === me || isFull(room)) return [];
  if (room.offers.some((offer) => offer.seat === me)) return plain(room, "withdraw_case");
  return room.can.includes("offer_case") ? [{ word: "offer_case", type: "open", opens: "offer" }] : [];
}

/** @param {Room} room @param {string} me @returns {Offer[]} */
function handOf(room, me) {
  if (room.hands.includes(me)) return plain(room, "lower_hand");
  return plain(room, "raise_hand");
}

// -- leaders -------------------------------------------------------------------

/** The presenter is away: wait, go on, or close the case. @param {Room} room @returns {First | null} */
function holding(room) {
  if (room.hold === "" || !(room.can.includes("wait") || room.can.includes("go_on"))) return null;
  const choices = [...plain(room, "wait"), ...plain(room, "go_on"), ...plain(room, "close_case")].map((offer) => ({ ...offer, choice: true }));
  if (room.hold === "waits") return { next: null, beside: choices };
  if (room.hold === "held") return { next: choices[0] ?? null, beside: choices.slice(1) };
  const ahead = AHEAD_WITHOUT[room.phase];
  const step = ahead && room.moves.includes(ahead) ? { ...move(room, ahead), word: "go_on_imagining" } : null; // never the end of the case
  return { next: step, beside: choices };
}

/** Before the beginning, who is at the door comes first; a new device only by its name. @param {Room} room @returns {First | null} */
function letting(room) {
  const n = room.door.filter((knock) => !knock.new_device).length;
  if (room.phase !== "lobby" || n === 0 || !room.can.includes("admit")) return null;
  const begin = room.moves.includes("gathering") ? [move(room, "gathering")] : [];
  return { next: { word: n > 1 ? "admit_all" : "admit_one", type: "admit", n }, beside: begin };
}

/** All cases of tonight are told. @param {Room} room @returns {First | null} */
function finishing(room) {
  if (room.phase !== "call" || !isFull(room) || !room.moves.includes("closing")) return null;
  const more = room.most_cases > room.cases && room.can.includes("set_cases");
  return { next: move(room, "closing"), beside: more ? [{ word: "one_more", type: "set_cases", n: room.cases + 1 }] : [] };
}

/** @param {Room} room @returns {First} */
function leading(room) {
  const step = stepAhead(room);
  return { next: step, beside: besides(room, step) };
}

/** @param {Room} room @returns {Offer | null} */
function stepAhead(room) {
  if (room.phase === "call" && room.can.includes("settle_presenter") && !room.moves.includes("presentation")) return choose(room, "choose");
  const ahead = AHEAD[room.phase];
  if (ahead && room.moves.includes(ahead)) return move(room, ahead);
  return null;
}

/** @param {Room} room @param {Offer | null} step @returns {Offer[]} */
function besides(room, step) {
  if (room.phase === "call") return step?.type === "move" ? [choose(room, "choose_other")] : room.moves.includes("closing") ? [move(room, "closing")] : [];
  return step?.word === "close_case" ? [] : plain(room, "close_case");
}

/** @param {Room} room @returns {Offer[]} */
function otherMoves(room) {
  return room.moves.filter((phase) => phase !== "call" || !inCase(room)).map((phase) => move(room, phase));
}

/** @param {Room} room @returns {Offer[]} */
function chatOf(room) {
  if (!room.can.includes("set_chat")) return [];
  return [{ word: room.chat === "closed" ? "open_chat" : "close_chat", type: "set_chat" }];
}

// -- what they share -----------------------------------------------------------

/** @param {Room} room at the call: as many cases have been told as tonight has */
const isFull = (room) => room.case === 0;

/** @param {Room} room @param {string} type @returns {Offer[]} */
const plain = (room, type) => (room.can.includes(type) ? [{ word: type, type }] : []);

/** @param {Room} room @param {string} word @returns {Offer} */
function choose(room, word) {
  const n = room.offers.length;
  return { word: word === "choose" && n > 0 ? "choose_offered" : word, type: "open", opens: "choose", n };
}

/** @param {Room} room @param {Phase} phase @returns {Offer} */
function move(room, phase) {
  if (phase === "ended") return { word: "move_ended", type: "open", opens: "end" };
  if (phase === "debrief") return { word: "move_debrief", type: "open", opens: "close" };
  const word = room.phase === "return" && phase === "call" ? "close_case" : `move_${phase}`;
  return { word, type: "move", phase };
}

/** The leader leads; the second leader's button is lit while the leader is away. @param {Room} room @param {string} me */
function isMine(room, me) {
  const [leader] = leadersOf(room);
  return leader?.seat === me || leader?.line !== "here" || !leads(seatOf(room, me));
}
