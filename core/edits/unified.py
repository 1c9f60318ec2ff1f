"""Unified diffs as models write them, whose line numbers are wrong or missing, as edits to make. Pure.

Models count lines badly, so numbers are a hint at most and each hunk is found by its text, as Aider does
(P. Gauthier, "Unified diffs make GPT-4 Turbo 3X less lazy", 2023).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_HUNK: Final = re.compile(r"^@@(?:\s*-\d+(?:,\d+)?\s+\+(\d+)(?:,\d+)?\s*@@)?")
"""The number is that of the new file, which is where a hunk belongs once those before it are applied."""
_HEADER: Final = re.compile(r"^(?:diff |index [0-9a-f]|new file mode|deleted file mode|similarity )")
_PATH: Final = re.compile(r"^(?:---|\+\+\+) (?:[abiwco]/)?([^\t\n]+?)\s*(?:\t.*)?$")
_NO_NEWLINE: Final = "\\ No newline"


@dataclass(slots=True)
class DiffHunk:
    """Lines before and after; ``hint`` is the first line's number (from 1) if the diff says one."""

    path: str
    hint: int | None = None
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def texts(self) -> tuple[str, str]:
        """Both sides, each line ended by a newline."""
        return "".join(f"{line}\n" for line in self.before), "".join(f"{line}\n" for line in self.after)

    @property
    def changes(self) -> bool:
        return self.before != self.after


def is_diff(lines: Sequence[str], *, declared: bool = False) -> bool:
    """Whether lines are a unified diff. ``declared``: somebody has said so, so signs are enough."""
    if any(a.startswith("--- ") and b.startswith("+++ ") for a, b in pairwise(lines)):
        return True
    signed = any(line[:1] in ("+", "-") for line in lines)
    return signed and (declared or any(_HUNK.match(line) for line in lines))


def parse_diff(lines: Sequence[str], path: str = "") -> tuple[DiffHunk, ...]:
    """The hunks of a diff in order; ``path`` is the file until the diff names one."""
    hunks = [DiffHunk(path)]
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        previous = lines[number - 1] if number else ""
        is_old = line.startswith("--- ") and following.startswith("+++ ")
        is_new = line.startswith("+++ ") and previous.startswith("--- ")
        if is_old or is_new:
            found = _PATH.match(line)
            if found and found[1] != "/dev/null":
                path = found[1]
            hunks.append(DiffHunk(path))
        elif hunk := _HUNK.match(line):
            hunks.append(DiffHunk(path, int(hunk[1]) if hunk[1] else None))
        elif _HEADER.match(line):
            hunks.append(DiffHunk(path))
        elif not line.startswith(_NO_NEWLINE):
            _take(hunks[-1], line)
    return tuple(hunk for hunk in hunks if hunk.changes)


def _take(hunk: DiffHunk, line: str) -> None:
    sign, text = line[:1], line[1:]
    if sign == "-":
        hunk.before.append(text)
    elif sign == "+":
        hunk.after.append(text)
    else:
        # Some models leave out the blank before a line that stays.
        kept = text if sign == " " else line
        hunk.before.append(kept)
        hunk.after.append(kept)
