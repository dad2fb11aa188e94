// @ts-check
/** What a line test sends instead of a face and a voice: a drawn picture that moves, and a soft tone. */

const WIDTH = 320;
const HEIGHT = 180;
const FRAME_MS = 66;
const SPOTS = 24;
const TONE_HZ = 180;
const SYLLABLES_HZ = 4;

/** Both tracks, and how to end them. */
export class Drawn {
  constructor() {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    this.brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.turn = 0;
    this.draw();
    this.timer = setInterval(() => this.draw(), FRAME_MS);
    this.picture = canvas.captureStream(1000 / FRAME_MS).getVideoTracks()[0];
    this.context = new AudioContext();
    this.voice = voice(this.context);
  }

  async start() {
    await this.context.resume();
  }

  /** Much of it changes from frame to frame, so that it weighs as much as it may. */
  draw() {
    this.turn += 1;
    this.brush.fillStyle = "grey";
    this.brush.fillRect(0, 0, WIDTH, HEIGHT);
    for (let spot = 0; spot < SPOTS; spot++) {
      const angle = spot * 2.4 + this.turn * (0.05 + spot / 300);
      const size = 8 + ((spot * 7 + this.turn) % 24);
      this.brush.fillStyle = `hsl(${(spot * 47 + this.turn * 5) % 360} 60% ${30 + ((spot * 13 + this.turn * 3) % 50)}%)`;
      this.brush.fillRect(WIDTH * (0.45 + 0.45 * Math.cos(angle)), HEIGHT * (0.42 + 0.42 * Math.sin(angle * 1.3)), size, size);
    }
  }

  stop() {
    clearInterval(this.timer);
    this.picture.stop();
    this.voice.stop();
    void this.context.close();
  }
}

/** A tone that rises and falls as syllables do, or the encoder takes it for silence. @param {AudioContext} context */
function voice(context) {
  const tone = new OscillatorNode(context, { type: "sawtooth", frequency: TONE_HZ });
  const syllables = new OscillatorNode(context, { frequency: SYLLABLES_HZ });
  const depth = new GainNode(context, { gain: 0.1 });
  const gain = new GainNode(context, { gain: 0.15 });
  const out = new MediaStreamAudioDestinationNode(context);
  syllables.connect(depth).connect(gain.gain);
  tone.connect(gain).connect(out);
  tone.start();
  syllables.start();
  return out.stream.getAudioTracks()[0];
}
