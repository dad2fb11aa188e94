// Written by `manage.py protocol_js` from sessions/protocol.py. Change that file, not this one.
// Up is client to server, down is server to client.

export const HEARTBEAT_MS = 4000;
export const AWAY_AFTER_MS = 8000;
export const AUDIO_SLOTS = 5;
export const VIDEO_SLOTS = 15;
export const MAX_TEXT = 500;

/** Why a socket was closed. */
export const CLOSE = Object.freeze({
  malformed: 4400,
  not_logged_in: 4401,
  not_yours: 4403,
  lost: 4408,
  newer_tab: 4409,
  over: 4410,
  removed: 4412,
  elsewhere: 4421,
  busy: 4423,
  too_fast: 4429,
  restarting: 4503,
});

/** @typedef {"lobby" | "gathering" | "call" | "presentation" | "clarifying" | "push_back" | "return" | "closing" | "debrief" | "ended"} Phase */

/** @typedef {"leader" | "co_leader" | "member"} Role */

/** @typedef {"here" | "away" | "left" | "waiting" | "absent"} Line */

/** @typedef {"none" | "invited" | "accepted" | "stayed"} ReturnState */

/** @typedef {"held" | "waits" | "gone_on"} Hold */

/** @typedef {"alone" | "door" | "driving" | "recording"} Tick */

/** @typedef {"psychosomatic" | "physical_and_psychological" | "difficult_interaction" | "third_party" | "mental_health" | "noncompliance" | "heartsink" | "multiple_referrals" | "demanding" | "child_abuse" | "drug_seeking" | "life_threatening" | "dying" | "bereavement"} CaseKind */

/**
 * How high a seat's picture stands on this page, in pixels of the screen.
 * @typedef {{ seat: string, height: number }} Tile
 */

/**
 * A relay with its short-lived credential, as RTCPeerConnection takes it.
 * @typedef {{ urls: string[], username: string, credential: string }} IceServer
 */

/**
 * `order`: leaders first, the others as they came; `hand`: the rank in the queue from 1, or 0; `slow`: their line.
 * `paused` and `ticks` are for the leaders and oneself.
 * @typedef {{ seat: string, name: string, initials: string, role: Role, order: number, line: Line, slow: boolean, microphone: boolean, camera: boolean, paused: boolean, ticks: Tick[], hand: number }} Seat
 */

/**
 * Somebody at the door, in the order of coming. `new_device`: their link was used in another browser before.
 * @typedef {{ seat: string, since_ms: number, new_device: boolean, ticks: Tick[] }} Knock
 */

/** @typedef {{ seat: string, follow_up: boolean }} CaseOffer */

/**
 * A raised hand as leaders see it: since when, and whether they have spoken in this case.
 * @typedef {{ seat: string, since_ms: number, spoken: boolean }} Waiting
 */

/** @typedef {{ leader: string, member: string }} Aside */

/**
 * A case that is closed; `noted`: leaders have said its kinds.
 * @typedef {{ number: number, follow_up: boolean, kinds: CaseKind[], noted: boolean }} Case
 */

/**
 * The presenter's audio packets since push_back began.
 * @typedef {{ received: number, forwarded: number }} Guard
 */

/**
 * Whose track the transceiver `mid` carries, '' nobody's; `pause`: which line keeps the picture back, '' none;
 * `turn`: by how many degrees the page turns the picture clockwise.
 * @typedef {{ mid: string, kind: "audio" | "video", seat: string, pause: "" | "line" | "theirs", turn: 0 | 90 | 180 | 270 }} Slot
 */

/** @typedef {{ seat: string, text: string, at_ms: number }} Text */

/** @typedef {{ type: "heartbeat" }} UpHeartbeat */

/** @typedef {{ type: "offer", sdp: string }} UpOffer */

/**
 * The pictures that this page shows now; a seat without a tile is out of sight, or not wanted.
 * @typedef {{ type: "tiles", tiles: Tile[] }} UpTiles
 */

/** @typedef {{ type: "move", id: string, phase: Phase }} UpMove */

/** @typedef {{ type: "take_back", id: string }} UpTakeBack */

/** @typedef {{ type: "settle_presenter", id: string, seat: string }} UpSettlePresenter */

/** @typedef {{ type: "close_case", id: string }} UpCloseCase */

/** @typedef {{ type: "raise_hand", id: string }} UpRaiseHand */

/** @typedef {{ type: "lower_hand", id: string, seat: string }} UpLowerHand */

/** @typedef {{ type: "ask_return", id: string }} UpAskReturn */

/** @typedef {{ type: "accept_return", id: string }} UpAcceptReturn */

/** @typedef {{ type: "stay_back", id: string }} UpStayBack */

/**
 * `paused`: someone came in, and both are off.
 * @typedef {{ type: "devices", id: string, microphone: boolean, camera: boolean, paused: boolean }} UpDevices
 */

/**
 * What is true of the place one sits in.
 * @typedef {{ type: "attest", id: string, ticks: Tick[] }} UpAttest
 */

/**
 * Somebody at the door, or '' for everybody but those on a new device.
 * @typedef {{ type: "admit", id: string, seat: string }} UpAdmit
 */

/** @typedef {{ type: "remove", id: string, seat: string }} UpRemove */

/** @typedef {{ type: "set_target", id: string, phase: Phase, minutes: number }} UpSetTarget */

/** @typedef {{ type: "set_cases", id: string, cases: number }} UpSetCases */

/** @typedef {{ type: "offer_case", id: string, follow_up: boolean }} UpOfferCase */

/** @typedef {{ type: "withdraw_case", id: string }} UpWithdrawCase */

/** @typedef {{ type: "note_case", id: string, number: number, kinds: CaseKind[], follow_up: boolean }} UpNoteCase */

/** @typedef {{ type: "wait", id: string }} UpWait */

/** @typedef {{ type: "go_on", id: string }} UpGoOn */

/** @typedef {{ type: "set_chat", id: string, open: boolean }} UpSetChat */

/**
 * `seat`: on the technical line, whom the one who keeps it answers; else ''.
 * @typedef {{ type: "write", id: string, place: "chat" | "line" | "leaders", seat: string, text: string }} UpWrite
 */

/** @typedef {{ type: "take_aside", id: string, seat: string }} UpTakeAside */

/** @typedef {{ type: "end_aside", id: string }} UpEndAside */

/**
 * Whether the other leaders alone hear me.
 * @typedef {{ type: "to_leaders", id: string, on: boolean }} UpToLeaders
 */

/** @typedef {{ type: "leave", id: string }} UpLeave */

/**
 * In a line test: how often one's own picture is to come back from now on.
 * @typedef {{ type: "send_back", pictures: number }} UpSendBack
 */

/** @typedef {{ type: "welcome", seat: string, heartbeat_ms: number, ice_servers: IceServer[] }} DownWelcome */

/**
 * The whole room as one seat may see it; `can` names the commands, `moves` the phases it may send now.
 *
 * `stopped_ms`: when the clock stopped, 0 while it runs. `hold`: '' while the presenter is here, or no case is on.
 * `waits`: I am at the door. `door`, `queue`, `to_leaders` and `closed` are for leaders; of `offers` and `asides`
 * members have their own. `keeper` answers the technical line. `next_at`: the next session, ISO 8601, or ''.
 * `unsaved`, for leaders: the database has been away for a while.
 * @typedef {{ type: "room", seq: number, now_ms: number, phase: Phase, phase_started_ms: number, stopped_ms: number, target_s: number, case: number, cases: number, most_cases: number, presenter: string, presenter_shown: boolean, follow_up: boolean, return_state: ReturnState, asks_return: boolean, hold: Hold | "", seats: Seat[], hands: string[], queue: Waiting[], heard: boolean, waits: boolean, door: Knock[], offers: CaseOffer[], closed: Case[], chat: "closed" | "open" | "rests", asides: Aside[], to_leaders: string[], keeper: string, next_at: string, moves: Phase[], can: string[], can_take_back: Phase | "", guard: Guard, unsaved: boolean }} DownRoom
 */

/** @typedef {{ type: "ack", id: string }} DownAck */

/**
 * `id` is that of the refused command, or '' where there was none.
 * @typedef {{ type: "refused", id: string, code: string }} DownRefused
 */

/** @typedef {{ type: "answer", sdp: string }} DownAnswer */

/** @typedef {{ type: "slots", slots: Slot[] }} DownSlots */

/** @typedef {{ type: "speaking", seats: string[] }} DownSpeaking */

/**
 * What was written: `whole` in place of all that the page has of this place, else after it. `seat`: whose technical
 * line it is, else ''. It lives in the pages and in the node's memory, nowhere else.
 * @typedef {{ type: "texts", place: "chat" | "line" | "leaders", seat: string, lines: Text[], whole: boolean }} DownTexts
 */

/** @typedef {{ type: "heartbeat" }} DownHeartbeat */

/** @typedef {UpHeartbeat | UpOffer | UpTiles | UpMove | UpTakeBack | UpSettlePresenter | UpCloseCase | UpRaiseHand | UpLowerHand | UpAskReturn | UpAcceptReturn | UpStayBack | UpDevices | UpAttest | UpAdmit | UpRemove | UpSetTarget | UpSetCases | UpOfferCase | UpWithdrawCase | UpNoteCase | UpWait | UpGoOn | UpSetChat | UpWrite | UpTakeAside | UpEndAside | UpToLeaders | UpLeave | UpSendBack} Up */

/** @typedef {DownWelcome | DownRoom | DownAck | DownRefused | DownAnswer | DownSlots | DownSpeaking | DownTexts | DownHeartbeat} Down */

/**
 * @returns {UpHeartbeat}
 */
export const heartbeat = () => ({ type: "heartbeat" });

/**
 * @param {string} sdp
 * @returns {UpOffer}
 */
export const offer = (sdp) => ({ type: "offer", sdp });

/**
 * @param {Tile[]} tiles
 * @returns {UpTiles}
 */
export const tiles = (tiles) => ({ type: "tiles", tiles });

/**
 * @param {string} id
 * @param {Phase} phase
 * @returns {UpMove}
 */
export const move = (id, phase) => ({ type: "move", id, phase });

/**
 * @param {string} id
 * @returns {UpTakeBack}
 */
export const takeBack = (id) => ({ type: "take_back", id });

/**
 * @param {string} id
 * @param {string} seat
 * @returns {UpSettlePresenter}
 */
export const settlePresenter = (id, seat) => ({ type: "settle_presenter", id, seat });

/**
 * @param {string} id
 * @returns {UpCloseCase}
 */
export const closeCase = (id) => ({ type: "close_case", id });

/**
 * @param {string} id
 * @returns {UpRaiseHand}
 */
export const raiseHand = (id) => ({ type: "raise_hand", id });

/**
 * @param {string} id
 * @param {string} seat
 * @returns {UpLowerHand}
 */
export const lowerHand = (id, seat) => ({ type: "lower_hand", id, seat });

/**
 * @param {string} id
 * @returns {UpAskReturn}
 */
export const askReturn = (id) => ({ type: "ask_return", id });

/**
 * @param {string} id
 * @returns {UpAcceptReturn}
 */
export const acceptReturn = (id) => ({ type: "accept_return", id });

/**
 * @param {string} id
 * @returns {UpStayBack}
 */
export const stayBack = (id) => ({ type: "stay_back", id });

/**
 * @param {string} id
 * @param {boolean} microphone
 * @param {boolean} camera
 * @param {boolean} paused
 * @returns {UpDevices}
 */
export const devices = (id, microphone, camera, paused) => ({ type: "devices", id, microphone, camera, paused });

/**
 * @param {string} id
 * @param {Tick[]} ticks
 * @returns {UpAttest}
 */
export const attest = (id, ticks) => ({ type: "attest", id, ticks });

/**
 * @param {string} id
 * @param {string} seat
 * @returns {UpAdmit}
 */
export const admit = (id, seat) => ({ type: "admit", id, seat });

/**
 * @param {string} id
 * @param {string} seat
 * @returns {UpRemove}
 */
export const remove = (id, seat) => ({ type: "remove", id, seat });

/**
 * @param {string} id
 * @param {Phase} phase
 * @param {number} minutes
 * @returns {UpSetTarget}
 */
export const setTarget = (id, phase, minutes) => ({ type: "set_target", id, phase, minutes });

/**
 * @param {string} id
 * @param {number} cases
 * @returns {UpSetCases}
 */
export const setCases = (id, cases) => ({ type: "set_cases", id, cases });

/**
 * @param {string} id
 * @param {boolean} follow_up
 * @returns {UpOfferCase}
 */
export const offerCase = (id, follow_up) => ({ type: "offer_case", id, follow_up });

/**
 * @param {string} id
 * @returns {UpWithdrawCase}
 */
export const withdrawCase = (id) => ({ type: "withdraw_case", id });

/**
 * @param {string} id
 * @param {number} number
 * @param {CaseKind[]} kinds
 * @param {boolean} follow_up
 * @returns {UpNoteCase}
 */
export const noteCase = (id, number, kinds, follow_up) => ({ type: "note_case", id, number, kinds, follow_up });

/**
 * @param {string} id
 * @returns {UpWait}
 */
export const wait = (id) => ({ type: "wait", id });

/**
 * @param {string} id
 * @returns {UpGoOn}
 */
export const goOn = (id) => ({ type: "go_on", id });

/**
 * @param {string} id
 * @param {boolean} open
 * @returns {UpSetChat}
 */
export const setChat = (id, open) => ({ type: "set_chat", id, open });

/**
 * @param {string} id
 * @param {"chat" | "line" | "leaders"} place
 * @param {string} seat
 * @param {string} text
 * @returns {UpWrite}
 */
export const write = (id, place, seat, text) => ({ type: "write", id, place, seat, text });

/**
 * @param {string} id
 * @param {string} seat
 * @returns {UpTakeAside}
 */
export const takeAside = (id, seat) => ({ type: "take_aside", id, seat });

/**
 * @param {string} id
 * @returns {UpEndAside}
 */
export const endAside = (id) => ({ type: "end_aside", id });

/**
 * @param {string} id
 * @param {boolean} on
 * @returns {UpToLeaders}
 */
export const toLeaders = (id, on) => ({ type: "to_leaders", id, on });

/**
 * @param {string} id
 * @returns {UpLeave}
 */
export const leave = (id) => ({ type: "leave", id });

/**
 * @param {number} pictures
 * @returns {UpSendBack}
 */
export const sendBack = (pictures) => ({ type: "send_back", pictures });

/**
 * The message down that a frame holds.
 * @param {string} text
 * @returns {Down}
 */
export const parse = (text) => JSON.parse(text);
