// @ts-check
/** The page before the room: how I look and sound, whether I am alone, and in. */

import { capture, DEVICES } from "./capture.js";
import { chime } from "./chime.js";
import { choices, choose } from "./choices.js";
import { Level } from "./level.js";
import { all, icon, mark, one, show, write } from "./page.js";
import { Preferences } from "./preferences.js";

/** @typedef {import("./capture.js").Device} Device */

/** Louder than this, a few times in a row, is a voice. */
const HEARD = 0.3;

class JoinPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.session = form.dataset.session ?? "";
    const before = choices(this.session);
    this.preferences = new Preferences();
    this.wanted = { microphone: before?.microphone ?? true, camera: before?.camera ?? true };
    /** @type {Partial<Record<Device, MediaStreamTrack>>} */
    this.tracks = {};
    this.loud = 0;
    this.level = new Level((level) => this.drawLevel(level));
    this.listen();
  }

  async start() {
    await this.open(DEVICES.filter((device) => this.wanted[device]));
  }

  listen() {
    for (const button of all("[data-toggle]")) button.addEventListener("click", () => this.toggle(/** @type {Device} */ (button.dataset.toggle)));
    for (const select of this.selects) select.addEventListener("change", () => this.pick(select));
    one("[data-chime]").addEventListener("click", () => chime(this.preferences.now.speaker));
    one("[data-listen]").addEventListener("click", () => this.enter(false));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.addEventListener("change", () => this.drawTicks(false));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.drawSelects());
  }

  get selects() {
    return /** @type {HTMLSelectElement[]} */ (all("select[data-device]"));
  }

  /** @param {Device[]} devices */
  async open(devices) {
    const { tracks, trouble } = await capture(devices, this.preferences.now);
    for (const device of devices) {
      this.tracks[device]?.stop();
      this.tracks[device] = tracks[device];
      tracks[device]?.addEventListener("ended", () => this.draw(device, "gone"));
      this.draw(device, trouble[device] ?? "");
    }
    await this.drawSelects();
  }

  /** @param {Device} device @param {string} trouble */
  draw(device, trouble) {
    const on = this.wanted[device] && this.tracks[device]?.readyState === "live";
    const button = one(`[data-toggle="${device}"]`);
    button.setAttribute("aria-pressed", String(on));
    icon(button, on ? device : `${device}-off`);
    for (const words of all(`[data-trouble^="${device}_"]`)) show(words, words.dataset.trouble === `${device}_${trouble}`);
    if (device === "microphone") this.level.listen(on ? this.tracks.microphone : undefined);
    else this.drawPicture(on);
  }

  /** @param {boolean} on */
  drawPicture(on) {
    const video = /** @type {HTMLVideoElement} */ (one("[data-preview]"));
    video.muted = true;
    video.srcObject = on && this.tracks.camera ? new MediaStream([this.tracks.camera]) : null;
    if (on) video.play().catch(() => undefined);
    show(video, on);
  }

  /** @param {Device} device */
  async toggle(device) {
    const live = this.tracks[device]?.readyState === "live";
    this.wanted[device] = !(this.wanted[device] && live);
    if (this.wanted[device]) return this.open([device]);
    this.tracks[device]?.stop();
    this.draw(device, "");
  }

  /** @param {HTMLSelectElement} select */
  pick(select) {
    const device = /** @type {Device} */ (select.dataset.device);
    this.preferences.set({ [device]: select.value });
    this.wanted[device] = true;
    return this.open([device]);
  }

  async drawSelects() {
    const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    for (const select of this.selects) {
      const device = /** @type {Device} */ (select.dataset.device);
      const kind = device === "microphone" ? "audioinput" : "videoinput";
      const known = found.filter((other) => other.kind === kind && other.label);
      const current = this.tracks[device]?.getSettings().deviceId ?? this.preferences.now[device];
      select.replaceChildren(...known.map((other) => new Option(other.label, other.deviceId, false, other.deviceId === current)));
      show(/** @type {Element} */ (select.closest(".field")), known.length > 0);
    }
  }

  /** @param {number} level */
  drawLevel(level) {
    const bars = all("[data-level] i");
    bars.forEach((bar, index) => mark(bar, "on", level > index / bars.length));
    this.loud = level > HEARD ? Math.min(this.loud + 1, 5) : this.loud;
    const on = this.tracks.microphone?.readyState === "live" && this.wanted.microphone;
    const name = !on ? "silent" : this.loud >= 3 ? "heard" : "speak";
    write(one("[data-level-words]"), one(`[data-level-${name}]`).textContent ?? "");
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    this.enter(true);
  }

  /** @param {boolean} withDevices false: only listen */
  enter(withDevices) {
    if (this.drawTicks(true)) return;
    const on = (/** @type {Device} */ device) => withDevices && this.wanted[device] && this.tracks[device]?.readyState === "live";
    choose(this.session, { microphone: on("microphone"), camera: on("camera") });
    for (const device of DEVICES) this.tracks[device]?.stop();
    location.assign(this.form.action);
  }

  /** Mark what is not ticked yet, once one wanted to go in. @param {boolean} asked @returns {boolean} whether something is missing */
  drawTicks(asked) {
    const boxes = /** @type {HTMLInputElement[]} */ (all("[data-tick]"));
    const missing = boxes.filter((box) => !box.checked);
    const error = one("[data-ticks-error]");
    if (!asked && error.hidden) return missing.length > 0;
    for (const box of boxes) box.setAttribute("aria-invalid", String(!box.checked));
    show(error, missing.length > 0);
    if (asked) missing[0]?.focus();
    return missing.length > 0;
  }
}

/** The doors open while one waits. @param {string} opensAt */
function wait(opensAt) {
  const ms = new Date(opensAt).getTime() - Date.now();
  if (ms < 24 * 3_600_000) setTimeout(() => location.reload(), Math.max(ms, 0) + 1_000);
}

const form = document.querySelector("form[data-session]");
const early = document.querySelector("[data-opens-at]");
if (form instanceof HTMLFormElement) new JoinPage(form).start();
else if (early instanceof HTMLElement) wait(early.dataset.opensAt ?? "");
