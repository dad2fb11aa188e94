"""A synthetic member who knows RED and asks for lost voices, as Chromium does with our page."""

from collections.abc import Sequence

from sessions.sfu.member import LEVEL_ID, OPUS, RID_ID, Member
from sessions.sfu.red import Block, write

RED = 63


class Redundant(Member):
    def offer(self) -> str:
        plain = f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n"
        known = (f"a=rtpmap:{RED} red/48000/2", f"a=fmtp:{RED} {OPUS}/{OPUS}", f"a=rtcp-fb:{OPUS} nack")
        opus = f"a=rtpmap:{OPUS} opus/48000/2\r\n"
        both = plain.replace(f"{OPUS}\r\n", f"{OPUS} {RED}\r\n")
        return super().offer().replace(plain, both).replace(opus, opus + "".join(line + "\r\n" for line in known))

    def say(self, payload: bytes, *former: bytes, level: int = 20) -> bytes:
        """`former` are the payloads of the packets before it, oldest first. What it sends."""
        blocks = [Block(960 * (len(former) - at), each) for at, each in enumerate(former)]
        whole = write((*blocks, Block(0, payload)), OPUS)
        self.send_red(whole, level)
        return whole

    def send_red(self, whole: bytes, level: int = 20) -> None:
        source = self.sources["audio"]
        source.sequence = (source.sequence + 1) & 0xFFFF
        source.timestamp = (source.timestamp + source.step) & 0xFFFFFFFF
        self.repeat(RED, source.sequence, source.timestamp, whole, level)

    def repeat(self, payload_type: int, sequence: int, timestamp: int, payload: bytes, level: int = 20) -> None:
        """A packet under numbers of its own: one of before, late or sent again."""
        source = self.sources["audio"]
        block = self._block(source, RID_ID, bytes((LEVEL_ID << 4, level)))
        self.send_packet((payload_type, sequence, timestamp, source.ssrc), block + payload)


def chain(member: Redundant, payloads: Sequence[bytes]) -> list[bytes]:
    """Says them one after the other, each with the one before it."""
    return [member.say(each, *payloads[max(0, at - 1) : at]) for at, each in enumerate(payloads)]
