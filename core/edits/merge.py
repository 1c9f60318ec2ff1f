"""Two edits of one text, made together. Pure.

The merge with a common ancestor of revision control: S. Khanna, K. Kunal, B. C. Pierce, "A formal
investigation of diff3", FSTTCS 2007, section 2. Changes that touch are a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.repo.hunks import changed_spans
from core.types import RelPath

_Change = tuple[int, int, list[str]]
"""Lines ``[first:last]`` of the ancestor, and what stands there instead."""


def merge_edits(
    sources: Mapping[RelPath, str], one: Mapping[RelPath, str], other: Mapping[RelPath, str]
) -> dict[RelPath, str] | None:
    """Whole new texts with both edits made; ``None`` where they meet in a line."""
    merged = {**one, **other}
    for path in one.keys() & other.keys():
        text = merge_texts(sources.get(path, ""), one[path], other[path])
        if text is None:
            return None
        merged[path] = text
    return merged


def merge_texts(ancestor: str, one: str, other: str) -> str | None:
    """The text with the changes of both; ``None`` where a line, or a place between two, is changed by
    both, unless they do the same to it."""
    lines = ancestor.split("\n")
    changes = sorted(_changes(lines, one.split("\n")), key=_place)
    for change in _changes(lines, other.split("\n")):
        if change in changes:
            continue
        if any(change[0] <= last and first <= change[1] for first, last, _ in changes):
            return None
        changes.append(change)
    for first, last, new in sorted(changes, key=_place, reverse=True):
        lines[first:last] = new
    return "\n".join(lines)


def _place(change: _Change) -> tuple[int, int]:
    return change[0], change[1]


def _changes(old: list[str], new: list[str]) -> list[_Change]:
    return [
        (span.old_from, span.old_to, new[span.new_from : span.new_to]) for span in changed_spans(old, new)
    ]
