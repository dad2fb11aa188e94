"""What tests of sessions share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from sessions.sfu import MediaNode


@pytest_asyncio.fixture
async def node() -> AsyncIterator[MediaNode]:
    node = MediaNode(port=0)
    await node.start()
    yield node
    assert node.totals()["faults"] == 0
    assert node.totals()["audio_forwarded_unheard"] == 0
    await node.stop()
