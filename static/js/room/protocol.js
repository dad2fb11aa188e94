// Written by `manage.py protocol_js` from sessions/protocol.py. Change that file, not this one.
// Up is client to server, down is server to client.

export const HEARTBEAT_MS = 4000;
export const AWAY_AFTER_MS = 8000;
export const AUDIO_SLOTS = 5;
export const VIDEO_SLOTS = 15;

/** Why a socket was closed. */
export const CLOSE = Object.freeze({
  malformed: 4400,
  not_logged_in: 4401,
  not_yours: 4403,
  lost: 4408,
  newer_tab: 4409,
  over: 4410,
  elsewhere: 4421,
  busy: 4423,
  too_fast: 4429,
  restarting: 4503,
});

/** @typedef {"lobby" | "gathering" | "call" | "presentation" | "clarifying" | "push_back" | "return" | "closing" | "debrief" | "ended"} Phase */

/** @typedef {"leader" | "co_leader" | "member"} Role */

/** @typedef {"here" | "away" | "absent"} Line */

/** @typedef {"none" | "invited" | "accepted" | "stayed"} ReturnState */

/**
 * How high a seat's picture stands on this page, in pixels of the screen.
 * @typedef {{ seat: string, height: number }} Tile
 */

/**
 * A relay with its short-lived credential, as RTCPeerConnection takes it.
 * @typedef {{ urls: string[], username: string, credential: string }} IceServer
 */

/**
 * `order`: leaders first, the others as they came; `hand`: the rank in the queue from 1, or 0.
 * @typedef {{ seat: string, name: string, initials: string, role: Role, order: number, line: Line, microphone: boolean, camera: boolean, hand: number }} Seat
 */

/**
 * The presenter's audio packets since push_back began.
 * @typedef {{ received: number, forwarded: number }} Guard
 */

/**
 * Whose track the transceiver `mid` carries, '' nobody's; `pause`: which line keeps the picture back, '' none;
    `turn`: by how many degrees the page turns the picture clockwise.
 * @typedef {{ mid: string, kind: "audio" | "video", seat: string, pause: "" | "line" | "theirs", turn: 0 | 90 | 180 | 270 }} Slot
 */

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

/** @typedef {{ type: "devices", id: string, microphone: boolean, camera: boolean }} UpDevices */

/** @typedef {{ type: "leave", id: string }} UpLeave */

/**
 * In a line test: how often one's own picture is to come back from now on.
 * @typedef {{ type: "send_back", pictures: number }} UpSendBack
 */

/** @typedef {{ type: "welcome", seat: string, heartbeat_ms: number, ice_servers: IceServer[] }} DownWelcome */

/**
 * The whole room as one seat may see it; `can` names the commands, `moves` the phases it may send now.
 * @typedef {{ type: "room", seq: number, now_ms: number, phase: Phase, phase_started_ms: number, target_s: number, case: number, presenter: string, return_state: ReturnState, asks_return: boolean, seats: Seat[], hands: string[], heard: boolean, moves: Phase[], can: string[], can_take_back: Phase | "", guard: Guard }} DownRoom
 */

/** @typedef {{ type: "ack", id: string }} DownAck */

/**
 * `id` is that of the refused command, or '' where there was none.
 * @typedef {{ type: "refused", id: string, code: string }} DownRefused
 */

/** @typedef {{ type: "answer", sdp: string }} DownAnswer */

/** @typedef {{ type: "slots", slots: Slot[] }} DownSlots */

/** @typedef {{ type: "speaking", seats: string[] }} DownSpeaking */

/** @typedef {{ type: "heartbeat" }} DownHeartbeat */

/** @typedef {UpHeartbeat | UpOffer | UpTiles | UpMove | UpTakeBack | UpSettlePresenter | UpCloseCase | UpRaiseHand | UpLowerHand | UpAskReturn | UpAcceptReturn | UpStayBack | UpDevices | UpLeave | UpSendBack} Up */

/** @typedef {DownWelcome | DownRoom | DownAck | DownRefused | DownAnswer | DownSlots | DownSpeaking | DownHeartbeat} Down */

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
 * @returns {UpDevices}
 */
export const devices = (id, microphone, camera) => ({ type: "devices", id, microphone, camera });

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
