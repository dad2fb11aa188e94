// When the room's page can be used: it is connected, has drawn the room, and has a button to press.
(() => {
  const usable = "[data-room][data-connected][data-phase] .room__bar button:not([hidden]):enabled";
  new MutationObserver((_, observer) => {
    if (!document.querySelector(usable)) return;
    observer.disconnect();
    window.usableMs = performance.now();
  }).observe(document, { attributes: true, childList: true, subtree: true });
})();
