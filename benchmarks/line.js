// What a page receives, looked at ten times a second; `measured()` hands over what was seen since it was asked last.
(() => {
  const peers = [];
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...args) {
      super(...args);
      peers.push(this);
    }
  };
  let slots = [];
  const commanded = new Map();
  const acknowledged = [];
  const Line = window.WebSocket;
  window.WebSocket = class extends Line {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "slots") slots = message.slots;
        if (message.type === "ack") acknowledged.push(Date.now() - (commanded.get(message.id) ?? 0));
      });
    }
    send(data) {
      super.send(data);
      const { id } = JSON.parse(data);
      if (id) commanded.set(id, Date.now());
    }
  };
  const live = () => peers.filter((peer) => peer.connectionState === "connected").at(-1);
  const words = () =>
    Object.fromEntries(
      [...document.querySelectorAll("[data-seats] [data-seat]")].map((seat) => [
        seat.dataset.seat,
        seat.querySelector("[data-pause]:not([hidden]) [data-long]")?.textContent ?? "",
      ]),
    );
  let seen = [];
  const look = async () => {
    const rows = [...((await live()?.getStats()) ?? new Map()).values()].filter(({ type }) => type === "inbound-rtp");
    const seats = Object.fromEntries(slots.map(({ mid, seat }) => [mid, seat]));
    const audio = {};
    const video = {};
    for (const row of rows) {
      const seat = seats[row.mid];
      if (!seat) continue;
      if (row.kind === "audio") {
        audio[seat] = [row.totalSamplesReceived, row.concealedSamples, row.silentConcealedSamples, row.packetsReceived];
      } else {
        video[seat] = [row.framesDecoded ?? 0, row.frameHeight ?? 0];
      }
    }
    seen.push({ at: Date.now() / 1000, audio, video, words: words() });
  };
  setInterval(look, 100);
  window.acknowledged = () => acknowledged.splice(0);
  window.dialled = () => peers.length;
  window.sent = async () => {
    const rows = [...((await live()?.getStats()) ?? new Map()).values()];
    const sum = (type, kind, field) => rows.filter((row) => row.type === type && row.kind === kind).reduce((all, row) => all + (row[field] ?? 0), 0);
    return {
      frames: sum("outbound-rtp", "video", "framesSent"),
      voice: sum("outbound-rtp", "audio", "packetsSent"),
      lost: sum("remote-inbound-rtp", "audio", "packetsLost"),
    };
  };
  window.measured = () => {
    const all = seen;
    seen = [];
    return all;
  };
})();
