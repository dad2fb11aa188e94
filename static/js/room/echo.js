// @ts-check
/** An echo of the own voice. It lives in this page's memory from the first word to the last sound, and nowhere else. */

import { sendTo } from "./chime.js";

const LONGEST_MS = 5_000;

/** A quieter recording (of full scale 1) has no voice in it. */
const SILENT = 0.01;

/** @typedef {"listening" | "playing" | "silent" | "forgotten" | "impossible"} State */

export class Echo {
  /** @param {(state: State) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {MediaRecorder | null} */
    this.recorder = null;
  }

  get isListening() {
    return this.recorder?.state === "recording";
  }

  /**
   * Record a sentence, then play it.
   * @param {MediaStreamTrack} microphone
   * @param {string} speaker its id, "" the default
   */
  async run(microphone, speaker) {
    const context = new AudioContext();
    try {
      const voice = await context.decodeAudioData(await this.record(microphone));
      if (loudest(voice) < SILENT) return this.tell("silent");
      this.tell("playing");
      await play(context, voice, speaker);
      this.tell("forgotten");
    } catch {
      this.tell("impossible");
    } finally {
      this.recorder = null;
      await context.close();
    }
  }

  /** Enough was said. */
  stop() {
    if (this.isListening) this.recorder?.stop();
  }

  /** @param {MediaStreamTrack} microphone @returns {Promise<ArrayBuffer>} */
  async record(microphone) {
    const recorder = new MediaRecorder(new MediaStream([microphone]));
    this.recorder = recorder;
    /** @type {Blob[]} */
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    recorder.start();
    this.tell("listening");
    const timer = setTimeout(() => this.stop(), LONGEST_MS);
    await stopped;
    clearTimeout(timer);
    return new Blob(parts).arrayBuffer();
  }
}

/** @param {AudioBuffer} voice */
function loudest(voice) {
  return voice.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/**
 * Through an element, since only those can be sent to a chosen loudspeaker everywhere.
 * @param {AudioContext} context
 * @param {AudioBuffer} voice
 * @param {string} speaker
 */
async function play(context, voice, speaker) {
  const out = new MediaStreamAudioDestinationNode(context);
  const source = new AudioBufferSourceNode(context, { buffer: voice });
  const ended = new Promise((resolve) => source.addEventListener("ended", resolve, { once: true }));
  const audio = new Audio();
  audio.srcObject = out.stream;
  source.connect(out);
  await sendTo(audio, speaker);
  await Promise.all([context.resume(), audio.play()]);
  source.start();
  await ended;
  audio.srcObject = null;
}
