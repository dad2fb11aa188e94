// @ts-check
/** What the browser counts on my line, read once a second. */

const EVERY_MS = 1_000;

/** What goes around each packet below RTP: IPv4 and UDP. */
const AROUND_BYTES = 28;

/**
 * One look. What a browser does not count is null.
 * `carriedBytes` went up and came down since the connection began; `roomBps` is what my line could carry up, as far as the browser knows;
 * `lost` is the share of my packets that did not arrive, `tripMs` the way there and back.
 * @typedef {{ peer: RTCPeerConnection, carriedBytes: number, roomBps: number | null, lost: number | null, tripMs: number | null }} Reading
 */

export class Gauge extends EventTarget {
  /** Events: `reading` (detail: Reading), while there is a connection. @param {() => RTCPeerConnection | null} peerNow */
  constructor(peerNow) {
    super();
    this.peerNow = peerNow;
    setInterval(() => this.read(), EVERY_MS);
  }

  async read() {
    const peer = this.peerNow();
    if (peer?.connectionState !== "connected") return;
    const stats = await peer.getStats().catch(() => null); // it may be closed meanwhile
    if (!stats || peer !== this.peerNow()) return;
    this.dispatchEvent(new CustomEvent("reading", { detail: readingOf(peer, [...stats.values()]) }));
  }
}

/** @param {RTCPeerConnection} peer @param {any[]} stats @returns {Reading} */
function readingOf(peer, stats) {
  const pairs = stats.filter(({ type }) => type === "candidate-pair");
  const told = stats.filter(({ type }) => type === "remote-inbound-rtp");
  return {
    peer,
    carriedBytes: sum(pairs.map(carried)),
    roomBps: most(pairs.map((pair) => pair.availableOutgoingBitrate)),
    lost: most(told.map((report) => report.fractionLost)),
    tripMs: inMs(most([...told.map((report) => report.roundTripTime), ...pairs.map((pair) => (pair.nominated ? pair.currentRoundTripTime : undefined))])),
  };
}

/** @param {any} pair */
function carried({ bytesSent = 0, bytesReceived = 0, packetsSent = 0, packetsReceived = 0 }) {
  return bytesSent + bytesReceived + (packetsSent + packetsReceived) * AROUND_BYTES;
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @param {(number | undefined)[]} values @returns {number | null} */
function most(values) {
  const known = values.filter((value) => value !== undefined);
  return known.length ? Math.max(...known) : null;
}

/** @param {number | null} seconds */
const inMs = (seconds) => (seconds === null ? null : seconds * 1_000);
