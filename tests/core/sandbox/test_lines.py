"""The bounded way of a worker's lines."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.lines import LineChannel, LineTooLong, Tail


async def _all(channel: LineChannel) -> list[bytes]:
    found = []
    while (line := await channel.receive()) is not None:
        found.append(line)
    return found


@given(st.lists(st.binary(max_size=9).map(lambda data: data.replace(b"a", b"\n")), max_size=20))
def test_lines_are_the_same_however_the_bytes_are_cut(pieces: list[bytes]) -> None:
    async def main() -> list[bytes]:
        channel = LineChannel()
        for piece in pieces:
            await channel.feed(piece)
        channel.end()
        return await _all(channel)

    whole = b"".join(pieces)
    expected = whole.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert asyncio.run(main()) == expected


def test_a_writer_waits_for_its_reader() -> None:
    async def main() -> None:
        channel = LineChannel(store_bytes=10)
        writer = asyncio.create_task(channel.feed(b"0123456789\nabc\n"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not writer.done()
        assert await channel.receive() == b"0123456789"
        await writer
        assert await channel.receive() == b"abc"

    asyncio.run(main())


def test_the_end_frees_a_waiting_writer_and_loses_no_line() -> None:
    async def main() -> list[bytes]:
        channel = LineChannel(store_bytes=2)
        writer = asyncio.create_task(channel.feed(b"abc\ndef"))
        await asyncio.sleep(0)
        channel.end()
        await writer
        return await _all(channel)

    assert asyncio.run(main()) == [b"abc", b"def"]


def test_a_line_without_end_is_cut_off() -> None:
    async def main() -> None:
        channel = LineChannel(line_bytes=10)
        await channel.feed(b"0123456789")
        with pytest.raises(LineTooLong):
            await channel.feed(b"0")

    asyncio.run(main())


def test_the_tail_keeps_the_last_characters_not_bytes() -> None:
    tail = Tail(characters=3)
    for piece in ("ab", "cü", "äö"):
        tail.feed(piece.encode())
    assert tail.text == "üäö"
