"""TCP from one address to the same ports of another: the two ends of `wire.Line.relay`.

python -m benchmarks.relay LISTEN-ADDRESS TO-ADDRESS PORT...
"""

import asyncio
import contextlib
import sys

CHUNK_BYTES = 16384


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _serve(listen: str, to: str, ports: list[int]) -> None:
    for port in ports:

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = port) -> None:
            try:
                far_reader, far_writer = await asyncio.open_connection(to, port)
            except OSError:
                writer.close()
                return
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))

        await asyncio.start_server(connected, listen, port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(sys.argv[1], sys.argv[2], [int(port) for port in sys.argv[3:]]))
