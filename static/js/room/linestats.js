// @ts-check
/** What a connection has carried so far, and what it carried between two looks. */

/**
 * Counters since the connection began; bytes are those of RTP with its headers, a picture's without them: padding is
 * counted there, and what was sent twice is no picture either.
 * @typedef {{
 *   at_ms: number, upBytes: number, downBytes: number, pictureUpBytes: number, pictureDownBytes: number,
 *   voiceSent: number, voiceLostUp: number, voiceReceived: number, voiceLost: number, rtt_ms: number, jitter_ms: number,
 * }} Look
 */

/** @param {RTCPeerConnection} peer @returns {Promise<Look>} */
export async function look(peer) {
  const rows = [...(await peer.getStats()).values()];
  const of = (/** @type {string} */ type, kind = "") => rows.filter((row) => row.type === type && (!kind || row.kind === kind));
  return {
    at_ms: performance.now(),
    upBytes: sum(of("outbound-rtp"), (row) => row.bytesSent + (row.headerBytesSent ?? 0)),
    downBytes: sum(of("inbound-rtp"), (row) => row.bytesReceived + (row.headerBytesReceived ?? 0)),
    pictureUpBytes: sum(of("outbound-rtp", "video"), (row) => row.bytesSent - (row.retransmittedBytesSent ?? 0)),
    pictureDownBytes: sum(of("inbound-rtp", "video"), (row) => row.bytesReceived),
    voiceSent: sum(of("outbound-rtp", "audio"), (row) => row.packetsSent),
    voiceLostUp: sum(of("remote-inbound-rtp", "audio"), (row) => row.packetsLost),
    voiceReceived: sum(of("inbound-rtp", "audio"), (row) => row.packetsReceived),
    voiceLost: sum(of("inbound-rtp", "audio"), (row) => row.packetsLost),
    rtt_ms: 1000 * most([...of("candidate-pair").filter(inUse).map((row) => row.currentRoundTripTime), ...of("remote-inbound-rtp", "video").map((row) => row.roundTripTime)]),
    jitter_ms: 1000 * most(of("inbound-rtp", "audio").filter((row) => row.packetsReceived).map((row) => row.jitter)),
  };
}

/**
 * Rates in bits per second, losses in percent. The voice that was lost up is missing down as well.
 * @param {Look} before
 * @param {Look} after
 */
export function between(before, after) {
  const seconds = (after.at_ms - before.at_ms) / 1000;
  const grown = (/** @type {keyof Look} */ name) => Math.max(0, after[name] - before[name]);
  const lostUp = share(grown("voiceLostUp"), grown("voiceSent"));
  const lost = grown("voiceReceived") ? share(grown("voiceLost"), grown("voiceLost") + grown("voiceReceived")) : 1;
  return {
    up_bps: ((8 * grown("upBytes")) / seconds) * (1 - lostUp),
    down_bps: (8 * grown("downBytes")) / seconds,
    pictureUp_bps: (8 * grown("pictureUpBytes")) / seconds,
    pictureDown_bps: (8 * grown("pictureDownBytes")) / seconds,
    loss_pct: 100 * Math.max(lostUp, lostUp < 1 ? (lost - lostUp) / (1 - lostUp) : lost),
    rtt_ms: after.rtt_ms,
    jitter_ms: after.jitter_ms,
  };
}

/** @typedef {ReturnType<typeof between>} Span */

/** @param {any[]} rows @param {(row: any) => number | undefined} value */
const sum = (rows, value) => rows.reduce((total, row) => total + (value(row) ?? 0), 0);

/** @param {(number | undefined)[]} values */
const most = (values) => Math.max(0, ...values.map((value) => value ?? 0));

/** @param {number} part @param {number} whole */
const share = (part, whole) => (whole > 0 ? Math.min(1, part / whole) : 0);

/** Firefox says `selected`. @param {any} row */
const inUse = (row) => row.selected ?? (row.nominated && row.state === "succeeded");
