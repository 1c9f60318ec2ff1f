"""Cuts Markdown into parts as it streams in: runs of prose, and blocks of code. Pure; linear in the text.

A part that is over is never looked at again; only the open one, the last, grows. So a long answer costs
what is new in it. Markdown is cut where a parser would end a block: at fences, and at blank lines that no
list goes on behind. A part that grows beyond a bound is cut all the same, a table with its head again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ui.conversation.pieces import LONGEST

SMALL: Final = 1200
"""Characters up to which runs of prose are kept together, so that they can be selected as one."""
_FENCE: Final = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$")
_GOES_ON: Final = re.compile(r"^(?:[ \t]|[-*+] |\d+[.)] |>)")
_TABLE_RULE: Final = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")


@dataclass(slots=True)
class Part:
    """``text`` is Markdown, or of code the code itself; ``info`` is what stands behind the fence."""

    is_code: bool
    text: str = ""
    info: str = ""
    closed: bool = False


class Splitter:
    """Feed it text; ``parts`` are all parts so far, the last of them open until :meth:`finish`."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._tail = ""
        self._fence = ""
        self._indent = ""
        self._blank = False

    def feed(self, text: str) -> None:
        lines = (self._tail + text).split("\n")
        for line in lines[:-1]:
            self._line(self._cut(line))
        self._tail = self._cut(lines[-1])

    def _cut(self, line: str) -> str:
        """The end of a line that is too long for one part; what comes before it is shown as it is."""
        while len(line) > LONGEST:
            at = line.rfind(" ", 1, LONGEST) + 1 or LONGEST
            self._add(line[:at])
            self._close()
            line = line[at:]
        return line

    def finish(self) -> None:
        """Nothing more comes."""
        if self._tail:
            self._line(self._tail)
        self._tail = ""
        self._close()

    @property
    def tail(self) -> str:
        """The line that has no end yet, unless it is about to be a fence."""
        is_fence = self._tail.lstrip().startswith(self._fence or ("```", "~~~"))
        return "" if is_fence else self._tail.removeprefix(self._indent if self._fence else "")

    # --- inner -------------------------------------------------------------------------------------

    def _line(self, line: str) -> None:
        if self._fence:
            if self._ends(line):
                self._fence = ""
                self._close()
            else:
                self._add(line.removeprefix(self._indent) + "\n", is_code=True)
            return
        if opening := _FENCE.match(line):
            self._close()
            self._indent, self._fence = opening[1], opening[2]
            self.parts.append(Part(True, info=opening[3].strip()))
            self._blank = False
            return
        if not line.strip():
            self._blank = True
            if self._open() is not None:
                self._add("\n")
            return
        opened = self._open()
        if opened is not None and self._blank and not _GOES_ON.match(line) and len(opened.text) > SMALL:
            self._close()
        self._blank = False
        self._add(f"{line}\n")
        self._bound()

    def _ends(self, line: str) -> bool:
        stripped = line.strip()
        return stripped.startswith(self._fence) and not stripped.strip(self._fence[0])

    def _open(self) -> Part | None:
        return self.parts[-1] if self.parts and not self.parts[-1].closed else None

    def _add(self, text: str, *, is_code: bool = False) -> None:
        part = self._open()
        if part is None or part.is_code is not (is_code or bool(self._fence)):
            self._close()
            part = Part(is_code or bool(self._fence))
            self.parts.append(part)
        part.text += text

    def _close(self) -> None:
        part = self._open()
        if part is not None:
            part.closed = True
            if not part.is_code and not part.text.strip():
                self.parts.pop()

    def _bound(self) -> None:
        """A part that has no end is cut; the rows of a table go on under its head."""
        part = self._open()
        if part is None or len(part.text) <= LONGEST:
            return
        lines = part.text.strip().split("\n")
        head = "\n".join(lines[:2]) + "\n" if len(lines) > 2 and _TABLE_RULE.match(lines[1]) else ""
        self._close()
        if head and "|" in lines[-1]:
            self.parts.append(Part(False, head))


def split(text: str) -> list[Part]:
    """A whole text at once."""
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.parts
