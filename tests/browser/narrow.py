"""A narrow line: what one page sends to the room node goes through a relay that carries only so many bits a second.

The page is told the relay's port in place of the node's; all else is real, and nobody needs to be root.
"""

import select
import socket
import threading
import time
from collections import deque

from playwright.sync_api import Page

from tests.browser.devices import wait_until

QUEUE_S = 0.4  # a home router holds so much back before it drops
LOOPBACK = "127.0.0.1"

DETOUR = """
((relay) => {
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    setRemoteDescription({ type, sdp }) {
      window.testNodePort = Number(/a=candidate:.* udp \\d+ \\S+ (\\d+) typ host/i.exec(sdp)[1]);
      const udp = sdp.replace(/a=candidate:.* tcp .*\\r\\n/gi, "");
      const detour = udp.replaceAll(` ${window.testNodePort} typ`, ` ${relay} typ`);
      return super.setRemoteDescription({ type, sdp: detour });
    }
  };
})
"""


def bound() -> socket.socket:
    way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    way.bind((LOOPBACK, 0))
    return way


class NarrowLine(threading.Thread):
    """The line of one page. `up_bps` may change at any time; None carries everything. The way down is not narrowed."""

    def __init__(self) -> None:
        super().__init__()
        self.up_bps: int | None = None
        self._near, self._far = bound(), bound()
        self._page = self._node = (LOOPBACK, 0)
        self._queue: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._over = False

    def stand_before(self, page: Page) -> None:
        """Before the page's first navigation."""
        page.add_init_script(f"{DETOUR}({self._near.getsockname()[1]})")

    def lead_on(self, page: Page) -> None:
        """To the node that answered the page."""
        wait_until(page, "the node has answered", lambda: page.evaluate("() => 'testNodePort' in window"))
        self._node = (LOOPBACK, page.evaluate("() => window.testNodePort"))

    def run(self) -> None:
        while not self._over:
            ready, _, _ = select.select([self._near, self._far], [], [], 0.005)
            if self._near in ready:
                data, self._page = self._near.recvfrom(65_536)
                self._enter(data, time.monotonic())
            if self._far in ready:
                self._near.sendto(self._far.recv(65_536), self._page)
            self._leave(time.monotonic())

    def _enter(self, data: bytes, now: float) -> None:
        takes_s = len(data) * 8 / self.up_bps if self.up_bps else 0.0
        leaves_at = max(now, self._free_at) + takes_s
        if leaves_at - now <= QUEUE_S:
            self._free_at = leaves_at
            self._queue.append((leaves_at, data))

    def _leave(self, now: float) -> None:
        while self._queue and self._queue[0][0] <= now:
            data = self._queue.popleft()[1]
            if self._node[1]:
                self._far.sendto(data, self._node)

    def end(self) -> None:
        self._over = True
        self.join()
        self._near.close()
        self._far.close()
