// @ts-check
/** Of rooms that come faster than anybody can look, the newest: each is whole. One that comes alone is drawn at once. */

/** @typedef {import("./protocol.js").DownRoom} Room */

const APART_MS = 25;

export class Newest {
  /** @param {(room: Room) => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.drawnAt = -APART_MS;
    this.timer = 0;
    /** @type {Room | null} */
    this.waiting = null;
  }

  /** @param {Room} room */
  take(room) {
    this.waiting = room;
    if (this.timer) return;
    const wait = this.drawnAt + APART_MS - performance.now();
    if (wait > 0) this.timer = setTimeout(() => this.show(), wait);
    else this.show();
  }

  /** What waits, now. */
  show() {
    clearTimeout(this.timer);
    this.timer = 0;
    const room = this.waiting;
    this.waiting = null;
    if (!room) return;
    this.draw(room);
    this.drawnAt = performance.now();
  }
}
