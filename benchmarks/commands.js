// The hands as the page shows them, looked at whenever something is drawn; its clock goes ten minutes ahead.
(() => {
  const AHEAD_MS = 600_000;
  const Clock = Date;
  window.Date = class extends Clock {
    constructor(...args) {
      super(...(args.length ? args : [Clock.now() + AHEAD_MS]));
    }
    static now() {
      return Clock.now() + AHEAD_MS;
    }
  };
  const now_s = () => (performance.timeOrigin + performance.now()) / 1000;
  let up = new Set();
  let shown = [];
  let orders = {};
  const look = () => {
    const hands = [...document.querySelectorAll("[data-seats] [data-seat]")]
      .filter((seat) => seat.querySelector("[data-hand]:not([hidden])"))
      .map((seat) => [Number(seat.querySelector("[data-rank]").textContent), seat.dataset.seat])
      .sort(([one], [other]) => one - other)
      .map(([, seat]) => seat);
    for (const seat of hands) if (!up.has(seat)) shown.push([seat, now_s()]);
    up = new Set(hands);
    orders[document.querySelector("[data-room]")?.dataset.seq] = hands;
  };
  new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
  window.shown = () => shown.splice(0);
  window.orders = () => {
    const all = orders;
    orders = {};
    return all;
  };
})();
