"""Plain text in pieces that are small enough to be laid out one by one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

LONGEST: Final = 4000
"""Characters of one piece; laying one out takes a few milliseconds."""


def pieces(text: str, longest: int = LONGEST) -> Iterator[str]:
    """``text``, cut at the ends of lines where there are any, else between words."""
    while len(text) > longest:
        cut = text.rfind("\n", longest // 2, longest)
        if cut < 0:
            cut = text.rfind(" ", longest // 2, longest)
        if cut < 0:
            cut = longest
        yield text[:cut]
        text = text[cut:].removeprefix("\n").removeprefix(" ")
    yield text
