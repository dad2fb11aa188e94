// @ts-check
/** How much has come into a sheet that is not open: a number beside the tool that opens it. */

import { one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownTexts} Texts
 * @typedef {import("./protocol.js").Text} Text
 * @typedef {import("./side.js").Sides} Sides
 */

export class Unread {
  /** @param {Sides} sides @param {string} sheet */
  constructor(sides, sheet) {
    this.sides = sides;
    this.sheet = sheet;
    this.count = one(`[data-${sheet}-count]`);
    this.n = 0;
  }

  /** @param {Texts} texts @param {string} me @returns {Text | undefined} the newest that another one wrote and I do not see */
  hear({ lines, whole }, me) {
    if (whole) this.n = 0;
    const news = whole || this.sides.opened === this.sheet ? [] : lines.filter((line) => line.seat !== me);
    this.n += news.length;
    return news.at(-1);
  }

  draw() {
    if (this.sides.opened === this.sheet) this.n = 0;
    show(this.count, this.n > 0);
    write(this.count, String(this.n));
  }
}
