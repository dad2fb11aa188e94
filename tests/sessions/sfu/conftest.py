from collections.abc import AsyncIterator

import pytest_asyncio

from sessions.sfu import MediaNode
from tests.sessions.sfu.call import Call


@pytest_asyncio.fixture
async def call(node: MediaNode) -> AsyncIterator[Call]:
    call = Call(node)
    yield call
    await call.close()
