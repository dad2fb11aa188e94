// @ts-check
/** How loud a microphone is, 0 to 1, many times a second. */

/** Speech near a microphone lies between these levels (dB below full scale). */
const QUIET_DB = -55;
const LOUD_DB = -15;

export class Level {
  /** @param {(level: number) => void} tell */
  constructor(tell) {
    this.tell = tell;
    this.context = new AudioContext();
    this.analyser = new AnalyserNode(this.context, { fftSize: 1024 });
    this.samples = new Float32Array(this.analyser.fftSize);
    /** @type {MediaStreamAudioSourceNode | null} */
    this.source = null;
    for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => this.context.resume());
    setInterval(() => this.measure(), 80);
  }

  /** @param {MediaStreamTrack | undefined} track */
  listen(track) {
    this.source?.disconnect();
    this.source = track ? this.context.createMediaStreamSource(new MediaStream([track])) : null;
    this.source?.connect(this.analyser);
  }

  measure() {
    if (!this.source || this.context.state !== "running") return this.tell(0);
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    const db = 10 * Math.log10(power + 1e-10);
    this.tell(Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB))));
  }
}
