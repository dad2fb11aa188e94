// @ts-check
/** A short soft sound, to try a loudspeaker. */

const TONES_HZ = Object.freeze([440, 660]);
const APART_S = 0.28;
const LASTS_S = 0.55;

/** Plays it once, through the loudspeaker that was chosen where the browser lets one choose; one that cannot play stays silent. @param {string} speaker its id, "" the default */
export async function chime(speaker) {
  const context = new AudioContext();
  await play(context, speaker).catch(() => undefined);
  await context.close();
}

/** @param {AudioContext} context @param {string} speaker */
async function play(context, speaker) {
  const out = new MediaStreamAudioDestinationNode(context);
  const audio = new Audio();
  audio.srcObject = out.stream;
  await sendTo(audio, speaker);
  await Promise.all([context.resume(), audio.play()]);
  const last = TONES_HZ.map((frequency, index) => tone(context, out, frequency, context.currentTime + index * APART_S)).pop();
  await new Promise((resolve) => last?.addEventListener("ended", resolve));
}

/** A loudspeaker that is gone gives way to the default. @param {HTMLMediaElement} audio @param {string} speaker */
export async function sendTo(audio, speaker) {
  if (!("setSinkId" in audio) || audio.sinkId === speaker) return;
  await audio.setSinkId(speaker).catch(() => audio.setSinkId(""));
}

/** @param {AudioContext} context @param {AudioNode} out @param {number} frequency @param {number} at in the context's seconds */
function tone(context, out, frequency, at) {
  const tone = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.2, at + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.001, at + LASTS_S - 0.05);
  tone.connect(gain).connect(out);
  tone.start(at);
  tone.stop(at + LASTS_S);
  return tone;
}
