// @ts-check
/** What the node forwards. */

/** Opus, and VP8 with its retransmission. @param {RTCRtpTransceiver} transceiver */
export function prefer(transceiver) {
  const { kind } = transceiver.receiver.track;
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  transceiver.setCodecPreferences(codecs.filter((codec) => /\/(opus|vp8|rtx)$/i.test(codec.mimeType)));
}
