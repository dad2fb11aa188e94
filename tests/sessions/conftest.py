"""What tests of sessions share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from benchmarks.node import TimedNode
from tests.sessions.circle import Circle


@pytest_asyncio.fixture
async def node() -> AsyncIterator[TimedNode]:
    node = TimedNode(port=0)
    await node.start()
    yield node
    assert node.totals()["faults"] == 0
    assert node.totals()["audio_forwarded_unheard"] == 0
    await node.stop()


@pytest_asyncio.fixture
async def circle(node: TimedNode) -> AsyncIterator[Circle]:
    circle = Circle(node)
    yield circle
    await circle.close()
