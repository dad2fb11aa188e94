// @ts-check
/** My own microphone and camera: opened together or one by one, and in words why not. */

/** @typedef {"microphone" | "camera"} Device */
/** @typedef {"insecure" | "denied" | "none" | "in_use"} Trouble */
/** @typedef {{ microphone?: string, camera?: string, blur?: boolean }} Chosen device ids, and whether the platform shall blur what is behind me */

/** Chromium sends both layers of a picture from 640 x 360 up; 15 frames a second are enough for faces. */
const PICTURE = Object.freeze({ width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 15 } });
const VOICE = Object.freeze({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });

/** @type {ReadonlyArray<Device>} */
export const DEVICES = Object.freeze(["microphone", "camera"]);

/**
 * Open what is wanted. What cannot be opened is missing from `tracks` and named in `trouble`.
 * @param {ReadonlyArray<Device>} wanted
 * @param {Chosen} [chosen]
 * @returns {Promise<{ tracks: Partial<Record<Device, MediaStreamTrack>>, trouble: Partial<Record<Device, Trouble>> }>}
 */
export async function capture(wanted, chosen = {}) {
  const result = { tracks: {}, trouble: {} };
  if (wanted.length === 0) return result;
  try {
    Object.assign(result.tracks, byDevice(await ask(wanted, chosen)));
  } catch (error) {
    if (isGone(error, chosen)) return capture(wanted, { blur: chosen.blur });
    if (wanted.length === 1) Object.assign(result.trouble, { [wanted[0]]: troubleOf(error) });
    else for (const device of wanted) merge(result, await capture([device], chosen));
  }
  return result;
}

/** @param {{ tracks: object, trouble: object }} result @param {{ tracks: object, trouble: object }} more */
function merge(result, more) {
  Object.assign(result.tracks, more.tracks);
  Object.assign(result.trouble, more.trouble);
}

/** @param {ReadonlyArray<Device>} wanted @param {Chosen} chosen */
function ask(wanted, chosen) {
  if (!navigator.mediaDevices) throw new DOMException("no secure context", "SecurityError");
  return navigator.mediaDevices.getUserMedia({
    audio: wanted.includes("microphone") && { ...VOICE, ...only(chosen.microphone) },
    video: wanted.includes("camera") && { ...pictureOf(chosen.blur), ...only(chosen.camera) },
  });
}

/** A browser that cannot blur passes over the wish. @param {boolean} [backgroundBlur] */
export const pictureOf = (backgroundBlur = false) => ({ ...PICTURE, backgroundBlur });

/** Chromium takes the default microphone for an "ideal" other one. @param {string | undefined} id */
const only = (id) => (id ? { deviceId: { exact: id } } : {});

/** A device that was chosen and is gone is no reason to fail. @param {unknown} error @param {Chosen} chosen */
const isGone = (error, { microphone, camera }) => error instanceof DOMException && error.name === "OverconstrainedError" && Boolean(microphone || camera);

/** @param {MediaStream} stream */
function byDevice(stream) {
  const [microphone] = stream.getAudioTracks();
  const [camera] = stream.getVideoTracks();
  return { ...(microphone && { microphone }), ...(camera && { camera }) };
}

/** @param {unknown} error @returns {Trouble} */
function troubleOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "SecurityError") return "insecure";
  if (name === "NotAllowedError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "in_use";
}
