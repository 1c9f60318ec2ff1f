"""Where a fault is, as the difference between a broken text and the right one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from core.bench.values import Lines


def fault_lines(broken: Mapping[str, str], right: Mapping[str, str]) -> Lines:
    """The lines of ``broken`` that differ from ``right``, in the files that ``right`` names."""
    found = {path: _differing(broken[path], text) for path, text in right.items() if path in broken}
    return {path: lines for path, lines in found.items() if lines}


def _differing(broken: str, right: str) -> tuple[int, ...]:
    """Where something is missing there is no line to point at: the two around the gap count."""
    before, after = broken.splitlines(), right.splitlines()
    lines: set[int] = set()
    for tag, start, end, _, _ in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "insert":
            lines |= {start, start + 1}
        elif tag != "equal":
            lines |= set(range(start + 1, end + 1))
    return tuple(sorted(line for line in lines if 1 <= line <= len(before)))
