// @ts-check
/** The room's page: joins the socket, the media and what is drawn. The truth is the server's last `room`. */

import { Announcer } from "./announce.js";
import { Awake } from "./awake.js";
import { Bar } from "./bar.js";
import { choices, forget } from "./choices.js";
import { Circle } from "./circle.js";
import { Devices } from "./devices.js";
import { Dialogs } from "./dialogs.js";
import { familiar, hearsApart, silenced } from "./facts.js";
import { farewell } from "./farewell.js";
import { Frame } from "./frame.js";
import { Gauge } from "./gauge.js";
import { Heart } from "./heart.js";
import { id } from "./id.js";
import { Keys } from "./keys.js";
import { Media } from "./media.js";
import { Newest } from "./newest.js";
import { Notice } from "./notice.js";
import { Options } from "./options.js";
import { mark, one } from "./page.js";
import { Pickers } from "./pickers.js";
import { Preferences } from "./preferences.js";
import * as up from "./protocol.js";
import { Repair } from "./repair.js";
import { Socket } from "./socket.js";
import { Sound } from "./sound.js";
import { Tiles } from "./tiles.js";
import { Trouble } from "./trouble.js";
import { Uplink } from "./uplink.js";
import { Words } from "./words.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./protocol.js").Down} Down
 * @typedef {import("./protocol.js").Phase} Phase
 */

const RECONNECT_WORDS_AFTER_MS = 700;

class RoomPage {
  /** @param {HTMLElement} element @param {import("./choices.js").Choices} chosen */
  constructor(element, chosen) {
    this.element = element;
    this.session = element.dataset.session ?? "";
    this.me = "";
    /** @type {Room | null} */
    this.room = null;
    this.newest = new Newest((room) => this.draw(room));
    this.words = new Words();
    this.notice = new Notice(this.words);
    this.circle = new Circle(this.words);
    this.heart = new Heart(this.words);
    this.bar = new Bar(this.words);
    this.dialogs = new Dialogs(this.words);
    this.frame = new Frame(this.words, this.dialogs, (message) => this.send(message));
    this.announcer = new Announcer(this.words);
    this.awake = new Awake();
    this.preferences = new Preferences();
    this.sound = new Sound(this.preferences);
    this.devices = new Devices(this.session, chosen, this.preferences);
    this.socket = new Socket(element.dataset.socket ?? "", element.dataset.node ?? "");
    this.media = new Media(this.devices, this.socket);
    this.repair = new Repair(this.devices);
    this.trouble = new Trouble(this.socket, this.media);
    this.gauge = new Gauge(() => this.media.peer);
    this.uplink = new Uplink(this.gauge, this.media.sending, this.devices);
    this.tiles = new Tiles(this.preferences, (message) => this.socket.send(message));
    this.pickers = new Pickers(this.devices, this.preferences);
    this.options = new Options(this.preferences, this.gauge, this.notice, this.words);
    /** @type {MediaStream | null} */
    this.ownPicture = null;
    this.lostTimer = 0;
    this.isNew = false;
    this.listen();
  }

  async start() {
    this.bar.drawDevices(this.devices.mine, null, "");
    setInterval(() => this.tick(), 1_000);
    this.awake.hold();
    this.socket.open();
    await this.devices.start();
  }

  listen() {
    on(this.socket, "down", (message) => this.hear(message));
    on(this.socket, "lost", ({ tooFast }) => this.lost(tooFast));
    on(this.socket, "final", (reason) => this.leaveFor(reason));
    on(this.media.receiving, "pictures", () => this.showPictures());
    on(this.preferences, "change", () => this.wishesChanged());
    on(this.uplink, "change", () => this.uplinkChanged());
    on(this.media, "state", (runs) => this.notice.set("media", runs ? "" : "media_lost"));
    on(this.sound, "change", () => this.notice.set("sound", this.sound.blocked ? "blocked" : ""));
    on(this.devices, "change", () => this.devicesChanged());
    on(this.devices, "trouble", ({ device, why }) => this.deviceTrouble(device, why));
    document.addEventListener("click", (event) => this.click(event));
    this.keys = new Keys((act) => this.act(act), () => this.dialogs.isOpen || this.socket.stopped);
    document.addEventListener("visibilitychange", () => document.hidden || this.inSight());
    window.addEventListener("pagehide", () => this.devices.stop());
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  /** @param {Down} message */
  hear(message) {
    if (message.type === "welcome") this.welcome(message);
    if (message.type === "room") this.newest.take(familiar(message));
    else this.newest.show(); // what comes now may be about it
    if (message.type === "answer") this.answer(message.sdp);
    if (message.type === "slots") this.slots(message.slots);
    if (message.type === "speaking") this.speaking(message.seats);
    if (message.type === "refused") this.notice.refused(message.code);
    if (message.type === "refused" && message.code === "bad_sdp") this.media.refused();
    this.frame.hear(message, this.me);
  }

  /** @param {import("./protocol.js").DownWelcome} message */
  welcome({ seat, ice_servers }) {
    this.me = seat;
    this.media.iceServers = [...ice_servers];
    clearTimeout(this.lostTimer);
    this.notice.set("line", "");
    mark(this.element, "lost", false);
    mark(this.element, "connected", true);
    this.socket.send(up.attest(id(), this.devices.choices.ticks ?? []));
    this.isNew = true;
  }

  /**
   * I am inside: at once, or when a leader has let me in. A node that still has my media says so in the first slots.
   * @param {import("./protocol.js").Slot[]} slots
   */
  slots(slots) {
    if (this.isNew) this.comeIn(slots.length > 0);
    this.isNew = false;
    this.media.receiving.assign(slots);
    this.showPictures();
  }

  /** @param {boolean} joined */
  comeIn(joined) {
    this.sendDevices();
    this.tiles.forget();
    this.media.begin(joined);
  }

  /** @param {string} sdp */
  async answer(sdp) {
    await this.media.answer(sdp);
    this.sound.play(this.media.receiving.voices);
  }

  /** @param {Room} room */
  draw(room) {
    if (this.room && silenced(this.room) === this.me && !silenced(room) && room.return_state !== "accepted") this.notice.heardAgain();
    this.room = room;
    mark(this.element, "phase", room.phase);
    mark(this.element, "waits", room.waits);
    mark(this.element, "seq", room.seq);
    mark(this.element, "guardReceived", room.guard.received);
    mark(this.element, "guardForwarded", room.guard.forwarded);
    this.circle.draw(room, this.me);
    this.tiles.watch();
    this.heart.draw(room, this.me);
    this.bar.draw(room, this.me);
    this.bar.drawDevices(this.devices.mine, room, this.me);
    this.frame.draw(room, this.me);
    this.sound.quieten(hearsApart(room, this.me));
    this.announcer.tell(room, this.me);
    if (room.phase === "ended") this.leaveFor("over");
  }

  tick() {
    this.trouble.look(this.room?.waits ?? false);
    if (!this.room) return;
    if (!("lost" in this.element.dataset)) this.heart.tick(this.room, this.me); // without a line nobody knows the time
    this.circle.draw(this.room, this.me);
    this.tiles.watch();
    this.bar.draw(this.room, this.me);
    this.frame.tick();
  }

  /** @param {string[]} seats */
  speaking(seats) {
    if (!this.room) return;
    this.circle.drawSpeaking(seats, this.room);
    this.heart.hear(seats, this.room, this.me);
  }

  /** Without the room's word nobody knows whose picture a slot carries: better none than on another's chair. */
  showPictures() {
    const stream = this.mirror();
    const unsure = this.isNew || "lost" in this.element.dataset;
    const theirs = unsure || this.preferences.now.voicesOnly ? [] : this.media.receiving.pictures;
    this.circle.pictures = new Map(theirs);
    if (stream) this.circle.pictures.set(this.me, { stream, turn: 0, pause: this.uplink.rests ? "rests" : "" });
    if (this.room) this.circle.draw(this.room, this.me);
  }

  wishesChanged() {
    this.media.receiving.stills.forget();
    this.showPictures();
  }

  uplinkChanged() {
    this.notice.set("uplink", this.uplink.rests ? "uplink" : "");
    this.showPictures();
  }

  /** My own picture: one stream as long as the camera is the same. @returns {MediaStream | null} */
  mirror() {
    const camera = this.devices.tracks.camera ?? null;
    if (camera !== (this.ownPicture?.getVideoTracks()[0] ?? null)) this.ownPicture = camera && new MediaStream([camera]);
    return this.ownPicture;
  }

  devicesChanged() {
    this.bar.drawDevices(this.devices.mine, this.room, this.me);
    this.showPictures();
    this.notice.set("someone", this.devices.before ? "someone" : "");
    this.sendDevices();
  }

  /** @param {import("./capture.js").Device} device @param {string} why */
  deviceTrouble(device, why) {
    const mendable = why !== "insecure";
    this.notice.set(device, why && mendable ? `${device}_${why}` : "");
    this.notice.set("insecure", mendable ? "" : `${device}_${why}`);
  }

  sendDevices() {
    if (!this.room || this.room.waits) return; // said anew on coming in
    const { microphone, camera, someone } = this.devices.mine;
    this.socket.send(up.devices(id(), microphone, camera, someone));
  }

  /** @param {boolean} tooFast */
  lost(tooFast) {
    mark(this.element, "connected", false);
    clearTimeout(this.lostTimer);
    const say = () => this.sayLost(tooFast ? "line_slow" : "line_lost");
    this.lostTimer = setTimeout(say, tooFast ? 0 : RECONNECT_WORDS_AFTER_MS);
  }

  /** A frozen room must not look like a silent one. @param {string} words */
  sayLost(words) {
    this.notice.set("line", words);
    mark(this.element, "lost", true);
    this.speaking([]);
    this.showPictures();
  }

  /** @param {MouseEvent} event */
  click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button === this.bar.next && this.bar.isEcho(event)) return;
    if ("closes" in button.dataset) this.dialogs.close();
    else if (button.dataset.opens) this.dialogs.open(button.dataset.opens);
    else if (button.dataset.toggles) this.frame.toggle(button.dataset.toggles, button);
    else if (button.dataset.type) this.offer(button.dataset);
    else this.act(button.dataset.act ?? "", button);
  }

  /** @param {DOMStringMap} data of a button drawn from an offer */
  offer(data) {
    const { type, phase } = data;
    this.dialogs.close();
    this.frame.offer(data);
    if (type === "move") this.send(up.move(id(), /** @type {Phase} */ (phase)));
    if (type === "close_case") this.send(up.closeCase(id()));
    if (type === "raise_hand" || type === "lower_hand") this.act("hand");
    if (type === "ask_return") this.send(up.askReturn(id()));
    if (type === "accept_return") this.send(up.acceptReturn(id()));
    if (type === "stay_back") this.send(up.stayBack(id()));
  }

  /** @param {string} act @param {HTMLElement | null} [button] */
  act(act, button = null) {
    const seat = button?.dataset.seat ?? "";
    this.frame.act(act, button);
    if (act === "hand") this.send(this.room?.hands.includes(this.me) ? up.lowerHand(id(), this.me) : up.raiseHand(id()));
    if (act === "microphone" && !(this.room && silenced(this.room) === this.me)) this.devices.toggle("microphone");
    if (act === "camera") this.devices.toggle("camera");
    if (act === "someone") this.devices.someoneCameIn();
    if (act === "keys") this.dialogs.open("keys");
    if (act === "take_back") this.takeBack();
    if (act === "lower") this.send(up.lowerHand(id(), seat));
    if (act === "settle") this.settle(seat);
    if (act === "end") this.send(up.move(id(), "ended"));
    if (act === "hear") this.sound.start();
    if (act === "mend_microphone") this.devices.mend("microphone");
    if (act === "mend_camera") this.devices.mend("camera");
    if (act === "close_trouble") this.trouble.close();
    if (act === "all_pictures") this.preferences.set({ voicesOnly: false, saveData: false });
    if (act === "leave") this.leave();
    if (act === "use_here" || act === "reload") location.reload();
  }

  /** After a call or another page, sound may stand still. */
  inSight() {
    if (this.socket.stopped) return;
    this.awake.hold();
    this.sound.start();
  }

  takeBack() {
    this.send(up.takeBack(id()));
    this.dialogs.close();
  }

  /** @param {string} seat */
  settle(seat) {
    this.send(up.settlePresenter(id(), seat));
    this.dialogs.close();
  }

  /** @param {import("./protocol.js").Up} message */
  send(message) {
    this.notice.refused("");
    const sent = this.socket.send(message);
    if (!sent) this.sayLost("line_lost");
    return sent;
  }

  leave() {
    this.socket.send(up.leave(id()));
    forget(this.session);
    this.leaveFor("left");
  }

  /** @param {string} reason */
  leaveFor(reason) {
    if (reason === "over" || reason === "removed") forget(this.session);
    this.socket.stop();
    this.media.close();
    this.sound.stop();
    this.devices.stop();
    this.awake.release();
    farewell(reason);
  }
}

/** @param {EventTarget} target @param {string} type @param {(detail: any) => void} then */
const on = (target, type, then) => target.addEventListener(type, (event) => then(event instanceof CustomEvent ? event.detail : undefined));

function begin() {
  const element = one("[data-room]");
  const chosen = choices(element.dataset.session ?? "");
  if (!chosen) location.replace(element.dataset.join ?? "/");
  else if (!("RTCPeerConnection" in window)) farewell("unable");
  else new RoomPage(element, chosen).start();
}

begin();
