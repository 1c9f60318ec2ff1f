"""Keeps a model's thoughts apart where its server does not: ``<think>...</think>`` before the answer.

Pure. Models of the DeepSeek R1 and Qwen 3 families write their thoughts so; a tag may be cut at any
character between two pieces.
"""

from __future__ import annotations

from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class ThinkingSplitter:
    """Feed it an answer's pieces in order; only a tag at the very start opens thoughts."""

    def __init__(self) -> None:
        self._kept = ""
        self._inside: bool | None = None
        """``None`` until the start is known; then whether thoughts are being read."""
        self._strip = False

    def feed(self, piece: str) -> tuple[str, str]:
        """Thoughts and answer that are certain by now."""
        self._kept += piece
        thoughts = ""
        if self._inside is None:
            start = self._kept.lstrip()
            if _OPEN.startswith(start[: len(_OPEN)]) and len(start) < len(_OPEN):
                return "", ""
            self._inside = start.startswith(_OPEN)
            if self._inside:
                self._kept = start[len(_OPEN) :]
        if self._inside:
            thoughts, closed, rest = self._kept.partition(_CLOSE)
            if not closed:
                return self._hold_back(), ""
            self._inside, self._strip, self._kept = False, True, rest
        if self._strip:
            self._kept = self._kept.lstrip()
            self._strip = not self._kept
        answer, self._kept = self._kept, ""
        return thoughts, answer

    def finish(self) -> tuple[str, str]:
        """What was held back, at the end of the answer."""
        rest, self._kept = self._kept, ""
        return (rest, "") if self._inside else ("", rest)

    def _hold_back(self) -> str:
        """Thoughts, less an ending that may be the beginning of the closing tag."""
        for size in range(min(len(_CLOSE) - 1, len(self._kept)), 0, -1):
            if _CLOSE.startswith(self._kept[-size:]):
                thoughts, self._kept = self._kept[:-size], self._kept[-size:]
                return thoughts
        thoughts, self._kept = self._kept, ""
        return thoughts
