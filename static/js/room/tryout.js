// @ts-check
/** Trying voice and line: the buttons, and what they have to say. */

import { Echo } from "./echo.js";
import { LineTest, NoTest } from "./linetest.js";
import { one, show, write } from "./page.js";

/**
 * @typedef {import("./mirror.js").Mirror} Mirror
 * @typedef {import("./preferences.js").Preferences} Preferences
 * @typedef {import("./linetest.js").Measured} Measured
 */

export class Tryout {
  /** @param {Mirror} mirror @param {Preferences} preferences */
  constructor(mirror, preferences) {
    this.root = one("[data-tryout]");
    this.mirror = mirror;
    this.preferences = preferences;
    this.opens = false;
    this.echo = new Echo((state) => this.drawEcho(state));
    this.echoButton = /** @type {HTMLButtonElement} */ (one("[data-echo]"));
    this.lineButton = /** @type {HTMLButtonElement} */ (one("[data-line-test]"));
    this.echoButton.addEventListener("click", () => this.speak());
    this.lineButton.addEventListener("click", () => this.testLine());
  }

  async speak() {
    if (this.echo.recorder) return this.echo.stop();
    if (this.opens) return;
    this.opens = true;
    const microphone = await this.mirror.microphone().finally(() => (this.opens = false));
    if (!microphone) return this.drawEcho("closed");
    await this.echo.run(microphone, this.preferences.now.speaker);
  }

  /** @param {string} state */
  drawEcho(state) {
    write(one("[data-echo-words]"), words("echo", state));
    write(one("[data-echo-label]"), words("echo", state === "listening" ? "stop" : state === "closed" ? "start" : "again"));
    this.echoButton.ariaDisabled = String(state === "playing");
  }

  async testLine() {
    if (this.lineButton.ariaDisabled === "true") return;
    this.lineButton.ariaDisabled = "true";
    show(one("[data-line-result]"), false);
    show(one("[data-line-call]"), false);
    const test = new LineTest(this.root.dataset.socket ?? "", (stage, done) => this.drawLine(stage, done));
    try {
      await this.keep(await test.run());
      show(one("[data-line-run]"), false);
    } catch (error) {
      this.drawFailure(error instanceof NoTest ? error.message : "unreachable");
    } finally {
      show(one("[data-line-result]"), true); // the former one, where this test failed
      this.lineButton.ariaDisabled = "false";
    }
  }

  /** @param {string} word @param {number} done */
  drawLine(word, done) {
    show(one("[data-line-run]"), true);
    const bar = /** @type {HTMLProgressElement} */ (one("[data-line-progress]"));
    bar.value = done;
    write(one("[data-line-words]"), words("line", word));
  }

  /** @param {string} why */
  drawFailure(why) {
    this.drawLine(why, 0);
    show(one("[data-line-call]"), why === "unreachable");
  }

  /** The verdict comes from the server, in words. @param {Measured} measured */
  async keep(measured) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.root.dataset.csrf ?? "" });
    for (const [name, value] of Object.entries(measured)) body.set(name, String(name === "loss_pct" ? value : Math.round(value)));
    const reply = await fetch(this.root.dataset.lineUrl ?? "", { method: "POST", body }).catch(() => null);
    if (!reply?.ok) throw new NoTest("unsaved");
    one("[data-line-result]").innerHTML = await reply.text();
  }
}

/** @param {string} of @param {string} say */
function words(of, say) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`[data-words-of="${of}"]`));
  return template.content.querySelector(`[data-say="${say}"]`)?.textContent ?? "";
}
