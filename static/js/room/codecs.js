// @ts-check
/** What the node forwards, and how a voice survives a line that loses. */

const VOICE = /^a=rtpmap:(\d+) opus\/48000\/2\r\n/gim;
const REDUNDANT = /^a=rtpmap:\d+ red\/48000\/2\r\n/im;

/** Opus, each packet with the one before it where the browser can (RFC 2198), and VP8 with its retransmission. @param {RTCRtpTransceiver} transceiver */
export function prefer(transceiver) {
  const { kind } = transceiver.receiver.track;
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const named = (/** @type {RegExp} */ name) => codecs.filter((codec) => name.test(codec.mimeType));
  transceiver.setCodecPreferences([...named(/\/red$/i), ...named(/\/(opus|vp8|rtx)$/i)]);
}

/** Browsers with redundancy also ask for voices that were lost, but only if their own offer is made to say so. @param {RTCPeerConnection} peer */
export async function setOffer(peer) {
  const { sdp = "" } = await peer.createOffer();
  if (peer.signalingState === "closed") return;
  const asking = sdp.replace(VOICE, "$&a=rtcp-fb:$1 nack\r\n");
  await peer.setLocalDescription({ type: "offer", sdp: REDUNDANT.test(sdp) ? asking : sdp });
}
