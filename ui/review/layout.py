"""Diff layout: from file diffs to the rows that a view paints. Pure; imports no Qt.

The same rows serve both modes: *unified* has one text a row, *side by side* pairs the n-th removed
line of a change with its n-th added line. Unchanged parts between hunks are folds that carry the
name of the function they end in; an opened fold gives its lines. Changed words of a pair come from
a longest-common-subsequence comparison of word tokens (difflib; Ratcliff and Obershelp).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from core.types import FileDiff, Hunk, HunkId

Spans = tuple[tuple[int, int], ...]
"""Half-open character ranges."""

_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
_MAX_COMPARED: Final = 400
"""Longer lines are shown as changed as a whole."""
_ALIKE: Final = 0.35
"""Below this similarity, marking words would only confuse."""
TAB: Final = "    "


class Kind(Enum):
    FILE = "file"
    NOTE = "note"
    HUNK = "hunk"
    FOLD = "fold"
    CONTEXT = "context"
    CHANGE = "change"


class Side(NamedTuple):
    """One side of a row. ``number`` is the line from 1, 0 where there is no line."""

    number: int = 0
    text: str = ""
    changed: bool = False
    other: str | None = None
    """The line that this one is paired with, for :func:`changed_words`."""


_NOTHING: Final = Side()


class Row(NamedTuple):
    """One painted row. In unified mode only one side of a CHANGE row is filled."""

    kind: Kind
    file: int
    hunk: HunkId = ""
    old: Side = _NOTHING
    new: Side = _NOTHING
    text: str = ""
    """Words of FILE, NOTE, HUNK and FOLD rows."""
    fold: int = -1
    """Number of a fold within its file."""


class Note(Enum):
    """What a NOTE row says; the view has the words."""

    BINARY = "binary"
    LOCKED = "locked"
    CONFIRMED = "confirmed"
    EMPTY = "empty"


def lay_out(
    files: Sequence[FileDiff], side_by_side: bool, opened: Set[tuple[int, int]] = frozenset()
) -> Iterator[Row]:
    """The rows of ``files``, locked files first. ``opened`` holds (file, fold) pairs to show whole."""
    for number in in_order(files):
        yield from _file_rows(number, files[number], side_by_side, opened)


def in_order(files: Sequence[FileDiff]) -> list[int]:
    """Numbers of ``files`` in the order in which they are shown: locked ones first."""
    return sorted(range(len(files)), key=lambda number: not files[number].locked)


def _file_rows(
    number: int, file: FileDiff, side_by_side: bool, opened: Set[tuple[int, int]]
) -> Iterator[Row]:
    yield Row(Kind.FILE, number, text=file.path)
    if file.locked:
        note = Note.CONFIRMED if file.confirmed else Note.LOCKED
        yield Row(Kind.NOTE, number, text=note.value)
    if file.binary:
        yield Row(Kind.NOTE, number, text=Note.BINARY.value)
        return
    if not file.hunks:
        yield Row(Kind.NOTE, number, text=Note.EMPTY.value)
        return
    before = split_lines(file.before)
    old = new = 1
    for place, hunk in enumerate(file.hunks):
        old_start, new_start = _starts(hunk)
        yield from _fold(number, place, before, old, old_start, new - old, opened, hunk.section)
        yield Row(Kind.HUNK, number, hunk.id, text=hunk.section)
        yield from _hunk_rows(number, hunk, old_start, new_start, side_by_side)
        old, new = old_start + hunk.old_count, new_start + hunk.new_count
    yield from _fold(number, len(file.hunks), before, old, len(before) + 1, new - old, opened, "")


def _starts(hunk: Hunk) -> tuple[int, int]:
    """First lines of a hunk; with a count of 0, unified diff names the line before."""
    return (
        hunk.old_start + (hunk.old_count == 0),
        hunk.new_start + (hunk.new_count == 0),
    )


def _fold(
    number: int,
    place: int,
    before: Sequence[str],
    first: int,
    end: int,
    shift: int,
    opened: Set[tuple[int, int]],
    section: str,
) -> Iterator[Row]:
    """Unchanged old lines ``first`` to ``end`` (exclusive); the new side is ``shift`` further on."""
    count = end - first
    if count <= 0:
        return
    if count > 1 and (number, place) not in opened:
        yield Row(Kind.FOLD, number, old=Side(first), new=Side(count), text=section, fold=place)
        return
    for line in range(first, min(end, len(before) + 1)):
        text = before[line - 1]
        yield Row(Kind.CONTEXT, number, "", Side(line, text), Side(line + shift, text), fold=place)


def _hunk_rows(number: int, hunk: Hunk, old: int, new: int, side_by_side: bool) -> Iterator[Row]:
    removed: list[Side] = []
    added: list[Side] = []

    def changes() -> Iterator[Row]:
        yield from _change_rows(number, hunk.id, removed, added, side_by_side)
        removed.clear()
        added.clear()

    for line in hunk.lines:
        sign, text = line[:1], _shown(line[1:])
        if sign == "-":
            if added:
                yield from changes()
            removed.append(Side(old, text, True))
            old += 1
        elif sign == "+":
            added.append(Side(new, text, True))
            new += 1
        elif sign == "\\":
            continue
        else:
            yield from changes()
            yield Row(Kind.CONTEXT, number, hunk.id, Side(old, text), Side(new, text))
            old, new = old + 1, new + 1
    yield from changes()


def _change_rows(
    number: int, hunk: HunkId, removed: list[Side], added: list[Side], side_by_side: bool
) -> Iterator[Row]:
    for place in range(min(len(removed), len(added))):
        old, new = removed[place], added[place]
        removed[place], added[place] = old._replace(other=new.text), new._replace(other=old.text)
    if not side_by_side:
        for side in removed:
            yield Row(Kind.CHANGE, number, hunk, old=side)
        for side in added:
            yield Row(Kind.CHANGE, number, hunk, new=side)
        return
    for place in range(max(len(removed), len(added))):
        yield Row(
            Kind.CHANGE,
            number,
            hunk,
            removed[place] if place < len(removed) else _NOTHING,
            added[place] if place < len(added) else _NOTHING,
        )


@lru_cache(maxsize=2048)
def changed_words(old: str, new: str) -> tuple[Spans, Spans]:
    """The ranges in which two lines differ; empty where they have too little in common.

    Asked for at painting, for the rows in sight: over a whole long diff it would take seconds.
    """
    if len(old) > _MAX_COMPARED or len(new) > _MAX_COMPARED:
        return (), ()
    old_tokens, new_tokens = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, old_tokens, new_tokens, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (), ()
    old_at, new_at = _offsets(old_tokens), _offsets(new_tokens)
    old_spans, new_spans = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if b > a:
            old_spans.append((old_at[a], old_at[b]))
        if d > c:
            new_spans.append((new_at[c], new_at[d]))
    return tuple(old_spans), tuple(new_spans)


def _offsets(tokens: Sequence[str]) -> list[int]:
    offsets = [0]
    for token in tokens:
        offsets.append(offsets[-1] + len(token))
    return offsets


def split_lines(text: str) -> list[str]:
    """Lines as an editor counts them (``\\n``, ``\\r\\n``), without their ends, tabs made visible."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [_shown(line) for line in lines]


def _shown(line: str) -> str:
    return line.rstrip("\r\n").replace("\t", TAB)


def unified_text(files: Sequence[FileDiff], hunks: Set[HunkId] | None = None) -> str:
    """``files`` as a patch that ``git apply`` takes, whole or only the chosen ``hunks``."""
    parts: list[str] = []
    for file in files:
        chosen = [hunk for hunk in file.hunks if hunks is None or hunk.id in hunks]
        if not chosen:
            continue
        old = "/dev/null" if not file.before and file.hunks[0].old_count == 0 else f"a/{file.path}"
        new = "/dev/null" if not file.after and file.hunks[-1].new_count == 0 else f"b/{file.path}"
        parts.append(f"diff --git a/{file.path} b/{file.path}\n")
        if old == "/dev/null":
            parts.append("new file mode 100644\n")
        if new == "/dev/null":
            parts.append("deleted file mode 100644\n")
        parts.append(f"--- {old}\n+++ {new}\n")
        shift = 0
        for hunk in file.hunks:
            if hunk not in chosen:
                shift -= hunk.new_count - hunk.old_count
                continue
            section = f" {hunk.section}" if hunk.section else ""
            old_range = f"{hunk.old_start},{hunk.old_count}"
            new_range = f"{hunk.new_start + shift},{hunk.new_count}"
            parts.append(f"@@ -{old_range} +{new_range} @@{section}\n")
            parts.extend(line if line.endswith("\n") else line + "\n" for line in hunk.lines)
    return "".join(parts)
