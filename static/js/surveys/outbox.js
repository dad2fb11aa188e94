// @ts-check
/** Answers on their way to the server: one at a time, the last word on an item wins, tried until it is saved. */

/** @typedef {{instrument: string, item: string, value: number | null}} Answer */
/** @typedef {{state: "saved" | "waiting" | "offline" | "logged_out" | "refused", words: string}} News */
/** @typedef {{status: number, body: {saved?: string, message?: string}}} Reply */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
const PATIENCE_MS = 10_000;

export class Outbox {
  /** @type {Map<string, Answer>} */
  #waiting = new Map();
  #sending = false;
  #stopped = false;
  #address;
  #token;
  #tell;

  /**
   * @param {string} address
   * @param {string} token against forged requests; the cookie is out of reach
   * @param {(news: News) => void} tell
   */
  constructor(address, token, tell) {
    this.#address = address;
    this.#token = token;
    this.#tell = tell;
  }

  get isEmpty() {
    return this.#waiting.size === 0;
  }

  /** @param {Answer} answer */
  put(answer) {
    this.#waiting.delete(answer.item);
    this.#waiting.set(answer.item, answer);
    if (this.#stopped) return;
    this.#tell({ state: "waiting", words: "" });
    if (!this.#sending) void this.#sendAll();
  }

  async #sendAll() {
    this.#sending = true;
    let pause = FIRST_PAUSE_MS;
    while (!this.isEmpty && !this.#stopped) {
      const [answer] = this.#waiting.values();
      const reply = await this.#post(answer);
      if (reply && reply.status < 500 && reply.status !== 429) {
        pause = FIRST_PAUSE_MS;
        this.#settle(answer, reply);
      } else {
        this.#tell({ state: "offline", words: "" });
        await lineOr(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    this.#sending = false;
  }

  /**
   * @param {Answer} answer
   * @returns {Promise<Reply | null>} null when the line failed
   */
  async #post(answer) {
    try {
      const response = await fetch(this.#address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.#token },
        body: JSON.stringify(answer),
        keepalive: true,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      return { status: response.status, body: isJson ? await response.json() : {} };
    } catch {
      return null;
    }
  }

  /**
   * @param {Answer} answer
   * @param {Reply} reply
   */
  #settle(answer, { status, body }) {
    const isLast = this.#waiting.get(answer.item) === answer;
    if (status === 200 || status === 400) {
      if (isLast) this.#waiting.delete(answer.item);
      if (status === 400) this.#tell({ state: "refused", words: body.message ?? "" });
      else if (this.isEmpty) this.#tell({ state: "saved", words: body.saved ?? "" });
      return;
    }
    this.#stopped = true; // logged out, sent from another tab, or closed: no repetition helps
    this.#waiting.clear();
    this.#tell({ state: status === 409 ? "refused" : "logged_out", words: body.message ?? "" });
  }
}

/**
 * Wait, but not after the line is back.
 * @param {number} pause_ms
 * @returns {Promise<void>}
 */
function lineOr(pause_ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, pause_ms);
    addEventListener("online", done);
  });
}
