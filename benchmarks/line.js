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
  const Line = window.WebSocket;
  window.WebSocket = class extends Line {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "slots") slots = message.slots;
      });
    }
  };
  const live = () => peers.filter((peer) => peer.connectionState === "connected").at(-1);
  const words = () =>
    Object.fromEntries(
      [...document.querySelectorAll("[data-seats] [data-seat]")].map((seat) => [
        seat.dataset.seat,
        seat.querySelector("[data-word]")?.textContent ?? "",
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
  window.measured = () => {
    const all = seen;
    seen = [];
    return all;
  };
})();
