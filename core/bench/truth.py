"""Where a fault is, as the difference between a broken text and the right one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.bench.values import Lines
from core.testing.touching import changed_lines
from core.types import FileChange


def fault_lines(broken: Mapping[str, str], right: Mapping[str, str]) -> Lines:
    """The lines of ``broken`` that differ from ``right``, in the files that ``right`` names. Where
    something is missing there is no line to point at: the two around the gap count."""
    found = {path: _differing(path, broken[path], text) for path, text in right.items() if path in broken}
    return {path: lines for path, lines in found.items() if lines}


def _differing(path: str, broken: str, right: str) -> tuple[int, ...]:
    before, after = (text.encode("utf-8", "surrogateescape") for text in (broken, right))
    last = len(before.splitlines())
    lines = changed_lines(FileChange(path, before, after))
    return tuple(sorted(line for line in lines if 1 <= line <= last))
