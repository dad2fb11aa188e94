"""A room's media server: a passthrough SFU. Packets are forwarded, never decoded; nothing is stored.

    node = MediaNode(host="127.0.0.1", port=8002, announced="127.0.0.1")
    await node.start()
    room = node.open("name", on_slots, on_speaking)
    answer = await room.join(member, offer)
    room.hear(frozenset({member}))

Up is from a member to the node, down from the node to a member. A member is an opaque string.
"""

from sessions.sfu.echo import EchoRoom
from sessions.sfu.floors import Apart
from sessions.sfu.node import MediaNode
from sessions.sfu.room import MediaRoom
from sessions.sfu.sdp import Refused
from sessions.sfu.slot import SlotMap
from sessions.sfu.tally import Counters

__all__ = ["Apart", "Counters", "EchoRoom", "MediaNode", "MediaRoom", "Refused", "SlotMap"]
