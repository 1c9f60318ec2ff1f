"""Prompt assembly under a token budget, stable parts first. Pure, but for reading our own prompt files.

A server's prefix cache serves a prompt as far as it equals an earlier one, so what changes least
(the instruction, the source) comes first and what changes most (the failure) last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from string import Template
from typing import Final

CHARACTERS_PER_TOKEN: Final = 3.5
"""A cautious estimate for source code with the tokenizers of current code models."""

_LEFT_OUT: Final = "[left out]"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a prompt. Where the budget is short, optional parts go first, those of least ``worth``
    before others and of equal ones the last, then required ones are cut in the middle."""

    text: str
    required: bool = True
    worth: int = 0


def estimate_tokens(text: str) -> int:
    """Tokens of a text, by its length."""
    return ceil(len(text) / CHARACTERS_PER_TOKEN)


def assemble(sections: Sequence[Section], tokens: int) -> str:
    """Join sections, in their order, into at most about ``tokens`` tokens."""
    kept = [section for section in sections if section.text.strip()]
    while estimate_tokens(_join(kept)) > tokens:
        optional = [i for i, section in enumerate(kept) if not section.required]
        if not optional:
            break
        kept.pop(min(optional, key=lambda i: (kept[i].worth, -i)))
    excess = estimate_tokens(_join(kept)) - tokens
    if excess > 0 and kept:
        longest = max(range(len(kept)), key=lambda i: len(kept[i].text))
        room = estimate_tokens(kept[longest].text) - excess
        kept[longest] = Section(shorten(kept[longest].text, max(room, 20)))
    return _join(kept)


def shorten(text: str, tokens: int) -> str:
    """Whole lines from the start and the end of a text, with a mark between; one long line is cut."""
    if estimate_tokens(text) <= tokens:
        return text
    room = int(tokens * CHARACTERS_PER_TOKEN)
    head, tail = text[: room * 2 // 3], text[-(room // 3) :]
    head = head[: head.rfind("\n")] if "\n" in head else head
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail else tail
    return f"{head}\n{_LEFT_OUT}\n{tail}"


def fence(text: str, language: str = "") -> str:
    """A block that nothing inside the text can close: repository text is data, never instruction."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def named(path: str) -> str:
    """The name of a file as it may stand outside of a fence: on one line, and marked where it could be
    read as words."""
    if re.fullmatch(r"[\w./+-]+", path):
        return path
    words = re.sub(r"[`\x00-\x1f\x7f]", " ", path).split()
    return f"`{' '.join(words)}`"


def render(name: str, **values: str) -> str:
    """Fill in ``resources/prompts/<name>.txt``. Raises KeyError for a value that is not given."""
    return Template(_read(name)).substitute(values).strip()


@cache
def _read(name: str) -> str:
    return files("resources").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")


def _join(sections: Sequence[Section]) -> str:
    return "\n\n".join(section.text.strip() for section in sections)
