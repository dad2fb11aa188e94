"""PURE: the relay for whom nothing but TLS reaches us, and its short-lived credentials.

The relay knows the secret and no users: a name says when it expires, its password is the name signed with the secret
(draft-uberti-behave-turn-rest-00, section 2.2).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from sessions.protocol import IceServer

# The doors' quarter of an hour, the longest session, and overtime. A page that keeps its socket is given no other
# credential, and may need this one for an ICE restart in the last minute. Every welcome brings a new one.
CREDENTIAL_S = 6 * 3600
SEAT_CHARS = 16


@dataclass(frozen=True)
class Relay:
    """`urls` as browsers take them, "turns:turn.example.org:443?transport=tcp"; none: there is no relay."""

    urls: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)

    def offered_to(self, seat: str, now_s: float) -> tuple[IceServer, ...]:
        """For `Welcome.ice_servers`. `now_s` is the time of day, in seconds since 1970."""
        if not self.urls:
            return ()
        username = f"{int(now_s) + CREDENTIAL_S}:{self._name(seat)}"
        return (IceServer(self.urls, username, password(self.secret, username)),)

    def _name(self, seat: str) -> str:
        """The same for all connections of a seat, for the relay's quota; it leads nobody to the seat."""
        return hmac.new(self.secret.encode(), f"seat {seat}".encode(), hashlib.sha256).hexdigest()[:SEAT_CHARS]


NO_RELAY = Relay()


def password(secret: str, username: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
