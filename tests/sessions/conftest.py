"""What tests of sessions share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from sessions.sfu import MediaNode
from tests.sessions.circle import Circle


@pytest_asyncio.fixture
async def node() -> AsyncIterator[MediaNode]:
    node = MediaNode(port=0)
    await node.start()
    yield node
    assert node.totals()["faults"] == 0
    assert node.totals()["audio_forwarded_unheard"] == 0
    await node.stop()


@pytest_asyncio.fixture
async def circle(node: MediaNode) -> AsyncIterator[Circle]:
    circle = Circle(node)
    yield circle
    await circle.close()
