// @ts-check
/** What follows from the server's last `room`, without a page: who leads, who is silenced, which scene it is. */

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
export function held(room) {
  const presenter = seatOf(room, room.presenter);
  return inCase(room) && presenter !== undefined && presenter.line !== "here";
}

/** @param {Room} room */
const nobodyLeads = (room) => !leadersOf(room).some((seat) => seat.line === "here");

/**
 * Which words stand in the middle: a name in the template of scenes.
 * @param {Room} room
 * @param {string} me
 */
export function sceneOf(room, me) {
  if (silenced(room) === me && me) return own(shelteredScene(room));
  if (nobodyLeads(room) && !["lobby", "ended"].includes(room.phase)) {
    return leadersOf(room).length > 1 ? "no_leader" : "no_leader_one";
  }
  if (held(room)) return leads(seatOf(room, me)) ? "hold_leader" : "hold";
  if (room.phase === "lobby") return leads(seatOf(room, me)) ? "lobby_leader" : "lobby";
  if (room.phase === "debrief") return othersHere(room, me) ? "debrief" : "debrief_alone";
  const scene = groupScene(room);
  if (room.presenter !== me || !TO_PRESENTER.includes(scene)) return scene;
  return scene === "returned" && !seatOf(room, me)?.microphone ? "returned_self_off" : own(scene);
}

/** Scenes that speak to the presenter in other words than to the group. */
const TO_PRESENTER = ["settled", "presentation", "clarifying", "returned"];

/** @param {string} scene */
const own = (scene) => (scene === "asked" ? scene : `${scene}_self`);

/** @param {Room} room */
function groupScene(room) {
  if (room.phase === "call") return room.presenter ? "settled" : "call";
  if (room.phase !== "return") return room.return_state === "stayed" && room.phase === "push_back" ? "stayed" : room.phase;
  return room.return_state === "accepted" ? "returned" : room.return_state === "stayed" ? "stayed" : "return";
}

/** @param {Room} room */
function shelteredScene(room) {
  return room.phase === "push_back" && room.asks_return ? "asked" : groupScene(room);
}

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
  return {
    presenter: seatOf(room, room.presenter)?.name ?? "",
    leader: leaders[0] ?? "",
    leaders: new Intl.ListFormat(language).format(leaders),
    other: other?.name ?? "",
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
