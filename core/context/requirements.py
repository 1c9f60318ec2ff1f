"""The ledger's part of a prompt: short, the same from question to question, and fenced. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.context.prompt import CHARACTERS_PER_TOKEN, Section, fence, render

SHARE: Final = 0.12
"""Of a prompt."""
WORTH: Final = 6


def requirements_section(texts: Sequence[str], tokens: int) -> Section:
    """The lines for a prompt of ``tokens``, in their order; where there are too many the newest count,
    for they are about the task at hand. Empty without any."""
    room, kept = int(tokens * SHARE * CHARACTERS_PER_TOKEN), []
    for text in reversed(texts):
        line = f"- {text}"
        if len(line) > room:
            break
        room -= len(line) + 1
        kept.append(line)
    if not kept:
        return Section("", required=False)
    lines = fence("\n".join(reversed(kept)))
    return Section(render("requirements", requirements=lines), required=False, worth=WORTH)
