"""Run a room node: the rooms' WebSocket and their media in one process, and no page.

daphne has no ASGI lifespan: the node is started by the server's ready callable, in the server's own event loop.
"""

import asyncio
import ipaddress
import signal
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept
from daphne.server import Server, twisted_loop  # first: it installs the reactor
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions.node import RoomNode
from sessions.routing import application
from sessions.sfu import MediaNode
from sessions.sockets import CountedSocket
from sessions.turn import Relay
from sessions.wire import MAX_SDP_MESSAGE_BYTES


def listening_host(host: str, told: str) -> str:
    """Where media are waited for: at `host`, but never at this machine's own address when browsers are told another."""
    away = ipaddress.ip_address(told)
    if away.is_loopback or host not in ("127.0.0.1", "::1", "localhost"):
        return host
    return "0.0.0.0" if away.version == 4 else "::"  # noqa: S104  MEDIA_ADDRESS asks for it


def compressed(offers: list[Any]) -> PerMessageDeflateOfferAccept | None:
    """RFC 7692: what the room says resembles what it said before, and on a narrow line it stands before voices."""
    offer = next((each for each in offers if isinstance(each, PerMessageDeflateOffer)), None)
    return PerMessageDeflateOfferAccept(offer, max_message_size=MAX_SDP_MESSAGE_BYTES) if offer else None


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.ROOM_PORT, help="TCP port of the WebSocket")
        parser.add_argument("--media-port", type=int, default=settings.MEDIA_PORT, help="UDP and TCP port of the media")
        parser.add_argument("--media-address", default=settings.MEDIA_ADDRESS, help="address that browsers are told")
        parser.add_argument("--name", default="", help="stays the same over a restart; default host name and port")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["name"] or f"{socket.gethostname()}:{options['port']}"
        media_host = listening_host(options["host"], options["media_address"])
        media = MediaNode(media_host, options["media_port"], options["media_address"])
        node = RoomNode(name, settings.ROOM_URL, media, Relay(settings.TURN_URLS, settings.TURN_SECRET))
        process = RoomProcess(node, options["host"], options["port"])
        if fault := process.run():
            raise CommandError(fault)


class RoomProcess:
    """The server around a node. SIGTERM or SIGINT has everything written, then ends; so does a fault at the start."""

    def __init__(self, node: RoomNode, host: str, port: int) -> None:
        self.node, self.port = node, port
        self.fault = ""
        self.server = Server(
            application(node),
            endpoints=[f"tcp:port={port}:interface={host}"],
            signal_handlers=False,
            websocket_max_message_size=MAX_SDP_MESSAGE_BYTES,
            websocket_max_frame_size=MAX_SDP_MESSAGE_BYTES,
            ready_callable=self._ready,
            server_name="balint",
            verbosity=0,
        )

    def run(self) -> str:
        """Serve until asked to stop; '' or a sentence that says why it could not begin."""
        self.server.run()
        if not self.server.listening_addresses:
            return f"Port {self.port} is in use. Choose another one with --port."
        return self.fault

    def _ready(self) -> None:
        sockets = self.server.ws_factory
        sockets.protocol, sockets.on_cut = CountedSocket, self.node.count
        sockets.setProtocolOptions(
            failByDrop=False,  # say 1009 to who sends too much
            perMessageCompressionAccept=compressed,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.add_signal_handler(number, self._stop)
        self._starting = twisted_loop.create_task(self._start())

    async def _start(self) -> None:
        try:
            await self.node.start()
        except OSError as error:
            self.fault = f"The media port cannot be opened ({error.strerror}). Choose another one with --media-port."
            self.server.stop()
            return
        sys.stdout.write(f"Room node {self.node.name} is ready.\n")
        sys.stdout.flush()

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.remove_signal_handler(number)
        self._stopping = twisted_loop.create_task(self._end())

    async def _end(self) -> None:
        await self.node.stop()
        await asyncio.sleep(0)  # the last frames reach their transports
        self.server.stop()
