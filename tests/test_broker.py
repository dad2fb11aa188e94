"""The queue of files: every message arrives once and whole, however many write while the worker reads."""

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.simple import SimpleQueue

WRITERS, EACH = 4, 200
LONG = "x" * 200_000
Opened = Callable[[], AbstractContextManager[SimpleQueue]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Opens the queue of this test's folder, over a connection of its own."""
    folder = str(tmp_path)
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": str(tmp_path / "control")}

    @contextmanager
    def opened() -> Iterator[SimpleQueue]:
        with (
            Connection(
                "filesystem://localhost", transport="balint.broker:Transport", transport_options=options
            ) as line,
            line.SimpleQueue(tmp_path.name) as queue,  # kombu remembers a name's binding as long as the process lives
        ):
            yield queue

    return opened


def write(opened: Opened, writer: int) -> None:
    with opened() as queue:
        for number in range(EACH):
            queue.put([writer, number])


def read(opened: Opened, most: int) -> list[list[int]]:
    """Writer and number of what arrives, until there are so many."""
    found: list[list[int]] = []
    until = time.monotonic() + 20
    with opened() as queue:
        while len(found) < most and time.monotonic() < until:
            with suppress(queue.Empty):
                message = queue.get_nowait()
                found.append(message.payload)
                message.ack()
    return sorted(found)


@contextmanager
def disk_of(most_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


def test_a_reader_beside_writers_gets_every_message_whole(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor(WRITERS) as writers:
        for writer in range(WRITERS):
            writers.submit(write, opened, writer)
        found = read(opened, WRITERS * EACH)

    assert found == [[writer, number] for writer in range(WRITERS) for number in range(EACH)]
    assert caplog.messages == []


def test_a_message_that_the_disk_takes_only_half_of_is_refused_and_never_read(
    opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened() as queue:
        with disk_of(len(LONG) // 2), pytest.raises(ChannelError):
            queue.put(LONG)
        queue.put([0, 1])

    assert read(opened, 1) == [[0, 1]]
    assert caplog.messages == []
    assert list(tmp_path.glob("*.msg*")) == []


@pytest.mark.parametrize("broken", [b"", b'{"body": "Wzcs', b"\xff"])
def test_a_broken_message_is_dropped_and_stops_nobody(
    opened: Opened,
    tmp_path: Path,
    broken: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / f"0_broken.{tmp_path.name}.msg").write_bytes(broken)
    with opened() as queue:
        queue.put([0, 1])

    assert read(opened, 1) == [[0, 1]]
    assert caplog.messages == ["a broken message of the queue was dropped"]
    assert list(tmp_path.glob("*.msg*")) == []
