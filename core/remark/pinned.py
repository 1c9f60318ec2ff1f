"""Hunks that a new round must leave as they are. Pure.

A candidate of the round keeps a pinned hunk where it makes the same change, or leaves the lines of the
source alone. To change them in another way is to take back what the user has accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.repo.hunks import Span, changed_spans, split_lines
from core.repo.patch import select_hunks
from core.types import HunkId, Patch, RelPath


@dataclass(frozen=True, slots=True)
class Pin:
    """Lines ``span.old_from:span.old_to`` of the source become ``lines``; a file that is made, deleted
    or binary is pinned as a whole, and has no span."""

    path: RelPath
    span: Span | None
    lines: tuple[bytes, ...]
    after: bytes | None


def pins_of(patch: Patch, kept: Sequence[HunkId]) -> tuple[Pin, ...]:
    """The pins of some hunks of a patch. Raises PatchError for a hunk that it does not have."""
    pins: list[Pin] = []
    for change in select_hunks(patch, frozenset(kept)).changes:
        if change.before is None or change.after is None or b"\0" in change.before + change.after:
            pins.append(Pin(change.path, None, (), change.after))
            continue
        old, new = split_lines(change.before), split_lines(change.after)
        for span in changed_spans(old, new):
            lines = tuple(new[span.new_from : span.new_to])
            pins.append(Pin(change.path, span, lines, change.after))
    return tuple(pins)


def broken_pin(patch: Patch, pins: Sequence[Pin]) -> Pin | None:
    """The first pin that a patch against the same source does not keep."""
    changes = {change.path: change for change in patch.changes}
    for pin in pins:
        change = changes.get(pin.path)
        if change is None:
            continue  # the lines are left alone
        if pin.span is None or change.before is None or change.after is None:
            if change.after != pin.after:
                return pin
            continue
        new = split_lines(change.after)
        touching = [
            span
            for span in changed_spans(split_lines(change.before), new)
            if _touch(span, pin.span) and not _keeps(span, new, pin)
        ]
        if touching:
            return pin
    return None


def _touch(span: Span, pinned: Span) -> bool:
    if pinned.old_from == pinned.old_to:
        return span.old_from <= pinned.old_from <= span.old_to
    return span.old_from < pinned.old_to and pinned.old_from < span.old_to


def _keeps(span: Span, new: Sequence[bytes], pin: Pin) -> bool:
    """Whether a change that reaches over the pinned lines makes the pinned change, too."""
    assert pin.span is not None, "looked at before"
    if span.old_from > pin.span.old_from or span.old_to < pin.span.old_to:
        return False
    made, wanted = tuple(new[span.new_from : span.new_to]), pin.lines
    last = len(made) - len(wanted)
    return any(made[at : at + len(wanted)] == wanted for at in range(last + 1))
