// @ts-check
/** The page before the room: how I look and sound, whether I am alone, and in. */

import { choices, choose } from "./choices.js";
import { Mirror } from "./mirror.js";
import { all, one, show } from "./page.js";
import { Preferences } from "./preferences.js";
import { Tryout } from "./tryout.js";

class JoinPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.session = form.dataset.session ?? "";
    const before = choices(this.session);
    const preferences = new Preferences();
    this.mirror = new Mirror(preferences, { microphone: before?.microphone ?? true, camera: before?.camera ?? true });
    new Tryout(this.mirror, preferences);
    one("[data-listen]").addEventListener("click", () => this.enter(false));
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("change", () => this.drawTicks(false));
  }

  start() {
    return this.mirror.start();
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    this.enter(true);
  }

  /** @param {boolean} withDevices false: only listen */
  enter(withDevices) {
    if (this.drawTicks(true)) return;
    const wanted = withDevices ? this.mirror.wanted : { microphone: false, camera: false };
    const ticks = all("[data-tick]").map((box) => /** @type {import("./protocol.js").Tick} */ (box.dataset.tick));
    choose(this.session, { ...wanted, ticks });
    this.mirror.stop();
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

const form = document.querySelector("form[data-session]");
if (form instanceof HTMLFormElement) new JoinPage(form).start();
