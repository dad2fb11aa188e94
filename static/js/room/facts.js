// @ts-check
/** What follows from the server's last `room`, without a page: who leads, who is silenced, which scene it is. */

import { moment } from "./when.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Seat} Seat
 * @typedef {import("./protocol.js").Phase} Phase
 */

/** @type {ReadonlyArray<Phase>} */
const CASE = Object.freeze(["presentation", "clarifying", "push_back", "return"]);

/** @param {Room} room @param {string} id @returns {Seat | undefined} */
export const seatOf = (room, id) => room.seats.find((seat) => seat.seat === id);

/** @param {Seat | undefined} seat */
export const leads = (seat) => seat !== undefined && seat.role !== "member";

/** @param {Room} room */
export const leadersOf = (room) => room.seats.filter(leads).sort((one, other) => rank(one) - rank(other));

/** @param {Seat} seat */
const rank = (seat) => (seat.role === "leader" ? 0 : 1);

/** @param {Room} room */
export const inCase = (room) => CASE.includes(room.phase);

/** The presenter whose chair is pushed back, or "". @param {Room} room */
export function silenced(room) {
  const back = room.phase === "push_back" || (room.phase === "return" && room.return_state !== "accepted");
  return back ? room.presenter : "";
}

/** The case waits for its presenter. @param {Room} room */
export const held = (room) => room.hold === "held" || room.hold === "waits";

/** Steps in which the group is together. @param {Room} room */
const together = (room) => !room.waits && !["lobby", "debrief", "ended"].includes(room.phase);

/** @param {Room} room */
const nobodyLeads = (room) => !leadersOf(room).some((seat) => seat.line === "here");

/** Two who hear each other and whom nobody else hears: those that this seat is one of. @param {Room} room @param {string} seat */
export const asideOf = (room, seat) => room.asides.find(({ leader, member }) => leader === seat || member === seat);

/** The other one of an aside. @param {import("./protocol.js").Aside} aside @param {string} seat */
export const partner = (aside, seat) => (aside.leader === seat ? aside.member : aside.leader);

/**
 * Which words stand in the middle: a name in the template of scenes.
 * @param {Room} room
 * @param {string} me
 */
export function sceneOf(room, me) {
  if (room.waits) return doorScene(room);
  if (silenced(room) === me && me) return own(shelteredScene(room));
  if (nobodyLeads(room) && together(room)) return leadersOf(room).length > 1 ? "no_leader" : "no_leader_one";
  if (held(room)) return holdScene(room, leads(seatOf(room, me)));
  if (room.hold === "gone_on") return "gone_on";
  if (LED.includes(room.phase) && leads(seatOf(room, me))) return `${room.phase}_leader`;
  if (room.phase === "debrief") return othersHere(room, me) ? "debrief" : "debrief_alone";
  const scene = groupScene(room);
  if (room.presenter !== me || !TO_PRESENTER.includes(scene)) return scene;
  const off = ["presentation", "returned"].includes(scene) && !seatOf(room, me)?.microphone;
  return off ? `${own(scene)}_off` : own(scene);
}

/** Steps that leaders read in other words than the group does. @type {ReadonlyArray<Phase>} */
const LED = ["lobby", "gathering"];

/** @param {Room} room */
function doorScene(room) {
  if (inCase(room)) return "late";
  return leadersOf(room).length > 1 ? "door" : "door_one";
}

/** @param {Room} room @param {boolean} leading */
function holdScene(room, leading) {
  if (!leading) return "hold";
  if (room.hold === "waits") return "hold_waits";
  return seatOf(room, room.presenter)?.line === "left" ? "hold_left" : "hold_leader";
}

/** Scenes that speak to the presenter in other words than to the group. */
const TO_PRESENTER = ["settled", "presentation", "clarifying", "returned"];

/** @param {string} scene */
const own = (scene) => (["asked", "push_back_unseen"].includes(scene) ? scene : `${scene}_self`);

/** @param {Room} room */
function groupScene(room) {
  if (room.phase === "call") return callScene(room);
  if (room.phase !== "return") return room.return_state === "stayed" && room.phase === "push_back" ? "stayed" : room.phase;
  return room.return_state === "accepted" ? "returned" : room.return_state === "stayed" ? "stayed" : "return";
}

/** @param {Room} room */
function callScene(room) {
  if (room.presenter) return "settled";
  if (!room.case) return "call_over"; // no other case is planned
  return room.case > 1 ? "call_again" : "call";
}

/** @param {Room} room */
function shelteredScene(room) {
  if (room.phase === "push_back" && room.asks_return) return "asked";
  const scene = groupScene(room);
  return scene === "push_back" && !room.presenter_shown ? "push_back_unseen" : scene;
}

/** Who hears or sees me, where it is not the circle: a name in the room's words, or "". @param {Room} room @param {string} me */
export function pillOf(room, me) {
  if (!room.waits && silenced(room) === me && me) return "protected";
  const off = seatOf(room, me)?.microphone ? "" : "_off";
  if (asideOf(room, me)) return `apart${off}`;
  if (room.to_leaders.includes(me)) return `to_leaders${off}`;
  return room.to_leaders.length > 0 ? "from_leader" : "";
}

/** Not the circle hears me, but one of it. @param {Room} room @param {string} me */
export const speaksApart = (room, me) => asideOf(room, me) !== undefined || room.to_leaders.includes(me);

/** Somebody speaks to me alone, or may: the circle is quieter meanwhile. @param {Room} room @param {string} me */
export const hearsApart = (room, me) => asideOf(room, me) !== undefined || room.to_leaders.some((seat) => seat !== me);

/** What else one should know in this step: a name in the room's words, or "". @param {Room} room @param {string} me */
export function noteOf(room, me) {
  if (room.waits) return room.door.some(({ new_device }) => new_device) ? "new_device" : "";
  if (room.unsaved) return "unsaved";
  if (leadsAlone(room, me)) return leadersOf(room).some((seat) => seat.line === "left") ? "alone_left" : "alone";
  if (room.phase === "call" && room.presenter !== me && room.offers.some(({ seat }) => seat === me)) return "offered";
  if (room.phase === "closing" && room.next_at) return "next";
  return room.chat === "closed" ? "" : `chat_${room.chat}`;
}

/** @param {Room} room @param {string} me */
const leadsAlone = (room, me) => together(room) && leads(seatOf(room, me)) && leadersOf(room).length > 1 && !othersHere(room, me);

/** @param {Room} room @param {string} me */
export const othersHere = (room, me) => leadersOf(room).some((seat) => seat.seat !== me && seat.line === "here");

/**
 * The names that sentences are filled with.
 * @param {Room} room
 * @param {string} me
 * @param {string} language
 */
export function namesOf(room, me, language) {
  const isPresenting = room.presenter === me;
  const leaders = leadersOf(room).filter((seat) => !isPresenting || seat.seat !== me).map((seat) => seat.name);
  const other = leadersOf(room).find((seat) => seat.seat !== me);
  const aside = asideOf(room, me);
  return {
    presenter: seatOf(room, room.presenter)?.name ?? "",
    leader: leaders[0] ?? "",
    leaders: new Intl.ListFormat(language).format(leaders),
    either: new Intl.ListFormat(language, { type: "disjunction" }).format(leaders),
    other: other?.name ?? "",
    listener: seatOf(room, aside ? partner(aside, me) : (other?.seat ?? ""))?.name ?? "",
    partner: aside ? (seatOf(room, partner(aside, me))?.name ?? "") : "",
    next: moment(room.next_at, language),
  };
}

/** What goes before a name and is no name. */
const TITLE = /^(dr|prof|mr|mrs|ms|mx)\.?$|\.$/i;

/**
 * The room with people called as a circle calls them: by first name, with an initial where two share it.
 * @param {Room} room
 * @returns {Room}
 */
export function familiar(room) {
  const called = room.seats.map((seat) => callings(seat.name));
  const shared = (/** @type {string} */ first) => called.filter((name) => name.first === first).length > 1;
  const seats = room.seats.map((seat, index) => ({ ...seat, name: shared(called[index].first) ? called[index].longer : called[index].first }));
  return { ...room, seats };
}

/** @param {string} name */
function callings(name) {
  const words = name.split(/\s+/).filter((word) => word && !TITLE.test(word));
  const first = words[0] ?? name;
  const last = words.length > 1 ? words[words.length - 1] : "";
  return { first, longer: last ? `${first} ${last[0]}.` : first };
}

/**
 * Everybody's place in the circle, the same on every screen and on the group's page (groups.models.in_circle).
 * @param {ReadonlyArray<Seat>} seats
 * @returns {Seat[]} clockwise from the left end: the leader, one half, the second leader opposite, the other half
 */
export function places(seats) {
  const row = [...seats].sort((one, other) => one.order - other.order);
  const members = row.filter((seat) => !leads(seat));
  const half = Math.ceil(members.length / 2);
  const led = (/** @type {string} */ role) => row.filter((seat) => seat.role === role);
  return [...led("leader"), ...members.slice(0, half), ...led("co_leader"), ...members.slice(half)];
}
