"""The worker's queue as files, where there is no Redis: kombu's own transport, but no reader meets half a message."""

import logging
import time
import uuid
from pathlib import Path

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger("balint.queue")


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, object], **_: object) -> None:
        """Write beside, where nobody looks, and move the whole file into place."""
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        beside = Path(self.data_folder_out, f"{name}.part")
        try:
            beside.write_bytes(dumps(payload).encode())
            beside.replace(beside.with_suffix(""))
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise ChannelError(f"cannot add {name} to the queue") from error

    def _get(self, queue: str) -> dict[str, object]:
        """The next whole message; a broken one is gone from the folder once read: a lost hint, which stops nobody."""
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                logger.warning("a broken message of the queue was dropped")


class Transport(filesystem.Transport):
    Channel = Channel
