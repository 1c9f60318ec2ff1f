"""Refused hunks in a prompt: what not to propose again, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.context.prompt import CHARACTERS_PER_TOKEN, Section, fence, render
from core.types import Refusal

SHARE: Final = 0.15
"""Of a prompt."""
WORTH: Final = 7
_LINES: Final = 12


def refused_section(refusals: Sequence[Refusal], tokens: int) -> Section:
    """The hunks for a prompt of ``tokens``, newest last; where there are too many the newest count."""
    room, kept = int(tokens * SHARE * CHARACTERS_PER_TOKEN), []
    for refusal in reversed(refusals):
        text = _told(refusal)
        if len(text) > room:
            break
        room -= len(text) + 1
        kept.append(text)
    if not kept:
        return Section("", required=False)
    return Section(
        render("refused", refused=fence("\n".join(reversed(kept)), "diff")), required=False, worth=WORTH
    )


def _told(refusal: Refusal) -> str:
    lines = [f"# {refusal.path}", *refusal.lines[:_LINES]]
    if refusal.reason:
        lines.append(f"# refused because: {refusal.reason}")
    return "\n".join(lines)
