"""Where two versions of a file differ: line matching, grouping with context, enclosing function.

Pure, on bytes, so that no encoding or newline can make a difference disappear. Lines end with
``\\n`` only, as git counts them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import AnyStr

CONTEXT = 3
"""Unchanged lines around a hunk, as ``git diff`` shows them."""

_LARGE = 4_000
"""Lines of a changed middle above which difflib may take its popular-line short cut (it is quadratic)."""

_SCOPE = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Lines ``old_from:old_to`` become ``new_from:new_to`` (from 0, half open)."""

    old_from: int
    old_to: int
    new_from: int
    new_to: int


@dataclass(frozen=True, slots=True)
class RawHunk:
    """One hunk: the lines it covers with context, the spans that change, its signed lines."""

    whole: Span
    spans: tuple[Span, ...]
    lines: tuple[tuple[str, bytes], ...]
    """``(sign, line)``, removed before added; the sign is a space, ``-`` or ``+``."""


def split_lines(data: bytes) -> list[bytes]:
    """Lines with their ``\\n``; the last one may lack it. Empty data has no line."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def changed_spans(old: Sequence[AnyStr], new: Sequence[AnyStr]) -> list[Span]:
    """The differing spans in order. Common ends are cut off first: most edits are small."""
    head, tail = common_ends(old, new)
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=len(new_middle) > _LARGE)
    return [
        Span(head + old_from, head + old_to, head + new_from, head + new_to)
        for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes()
        if tag != "equal"
    ]


def common_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many entries are the same at the start, and of the rest at the end."""
    head = _common_head(old, new)
    return head, _common_head(old[head:][::-1], new[head:][::-1])


def group_spans(spans: Sequence[Span]) -> list[list[Span]]:
    """Put spans whose contexts touch into one hunk, as git does."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span.old_from - groups[-1][-1].old_to <= 2 * CONTEXT:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def with_context(group: Sequence[Span], old_lines: int) -> Span:
    """The whole hunk of a group: its spans and up to three lines of context on either side."""
    first, last = group[0], group[-1]
    before = min(CONTEXT, first.old_from)
    after = min(CONTEXT, old_lines - last.old_to)
    return Span(
        first.old_from - before, last.old_to + after, first.new_from - before, last.new_to + after
    )


def raw_hunks(before: bytes, after: bytes) -> list[RawHunk]:
    """The hunks that turn ``before`` into ``after``, in order."""
    old, new = split_lines(before), split_lines(after)
    groups = group_spans(changed_spans(old, new))
    return [_raw_hunk(group, old, new) for group in groups]


def merge_hunks(before: bytes, after: bytes, chosen: Container[int]) -> bytes:
    """``before`` with only the hunks whose numbers (from 0) are ``chosen``."""
    old, new = split_lines(before), split_lines(after)
    merged: list[bytes] = []
    at = 0
    for number, group in enumerate(group_spans(changed_spans(old, new))):
        for span in group:
            merged += old[at : span.old_from]
            taken = number in chosen
            merged += new[span.new_from : span.new_to] if taken else old[span.old_from : span.old_to]
            at = span.old_to
    return b"".join(merged + old[at:])


def _raw_hunk(group: Sequence[Span], old: Sequence[bytes], new: Sequence[bytes]) -> RawHunk:
    whole = with_context(group, len(old))
    lines: list[tuple[str, bytes]] = []
    at = whole.old_from
    for span in group:
        lines += [(" ", line) for line in old[at : span.old_from]]
        lines += [("-", line) for line in old[span.old_from : span.old_to]]
        lines += [("+", line) for line in new[span.new_from : span.new_to]]
        at = span.old_to
    lines += [(" ", line) for line in old[at : whole.old_to]]
    return RawHunk(whole, tuple(group), tuple(lines))


def enclosing_scope(lines: Sequence[str], at: int) -> str:
    """The dotted name of the function or class around line ``at`` (from 0) of a Python file.

    Found by indentation, not by parsing: the file at fault often does not parse.
    """
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at >= len(lines):
        return ""
    names: list[str] = []
    limit = _indent(lines[at]) + 1
    for line in reversed(lines[: at + 1]):
        if limit == 0:
            break
        if not line.strip() or line.lstrip()[0] in "#)]}" or _indent(line) >= limit:
            continue
        limit = _indent(line)
        if found := _SCOPE.match(line):
            names.append(found.group(1))
    return ".".join(reversed(names))


def _indent(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())


def _common_head(old: Sequence[object], new: Sequence[object]) -> int:
    count = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        count += 1
    return count
