"""What a refused hunk is, in a form in which another patch can be compared with it. Pure.

A hunk is the lines that it removes and adds, each with the function it is in. A patch holds the hunk
again where it removes and adds all of them, whatever else it does beside: a neighbouring change moves
the borders of hunks, and their numbers, but not these lines. Layout and comments do not count.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Sequence
from typing import Final

from core.repo.hunks import enclosing_scope, raw_hunks, split_lines
from core.repo.text import TextFile
from core.search.splice import parse_quietly
from core.types import FileChange, Hunk, Patch, Refusal

_SILENT: Final = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def marks_of(change: FileChange, number: int) -> tuple[str, ...]:
    """The marks of one hunk of a file, by its number from 0; none where there is no such hunk."""
    hunks = _marked(change)
    return hunks[number] if number < len(hunks) else ()


def holds_refused(patch: Patch, refusals: Sequence[Refusal]) -> Refusal | None:
    """The first of the refusals whose hunk is in the patch."""
    for change in patch.changes:
        wanted = [refusal for refusal in refusals if refusal.path == change.path and refusal.marks]
        if not wanted:
            continue
        there = Counter(mark for hunk in _marked(change) for mark in hunk)
        for refusal in wanted:
            if Counter(refusal.marks) <= there:
                return refusal
    return None


def signed_lines(hunk: Hunk) -> tuple[str, ...]:
    """What a hunk removes and adds, without its context."""
    return tuple(line for line in hunk.lines if line[:1] in "+-")


def _marked(change: FileChange) -> list[tuple[str, ...]]:
    if change.before is None or change.after is None:
        # A file that is made or deleted is one hunk, and is itself whatever its text.
        return [(f"{'+' if change.before is None else '-'} the file",)]
    old, new = _text_lines(change.before), _text_lines(change.after)
    python = change.path.endswith((".py", ".pyi"))
    found: list[tuple[str, ...]] = []
    for hunk in raw_hunks(change.before, change.after):
        marks: list[str] = []
        plain: list[str] = []
        for span in hunk.spans:
            for sign, lines, first, end in (
                ("-", old, span.old_from, span.old_to),
                ("+", new, span.new_from, span.new_to),
            ):
                for at in range(first, min(end, len(lines))):
                    plain.append(f"{sign} {lines[at].strip()}")
                    if code := _normal(lines[at]) if python else " ".join(lines[at].split()):
                        scope = enclosing_scope(lines, at) if python else ""
                        marks.append(f"{sign} {scope}: {code}")
        found.append(tuple(_without_moves(marks) or plain))
    return found


def _without_moves(marks: Sequence[str]) -> list[str]:
    """Lines that are removed and added alike were only moved or laid out anew."""
    removed = Counter(mark[1:] for mark in marks if mark.startswith("-"))
    added = Counter(mark[1:] for mark in marks if mark.startswith("+"))
    return [
        *(f"-{mark}" for mark in (removed - added).elements()),
        *(f"+{mark}" for mark in (added - removed).elements()),
    ]


def _text_lines(data: bytes) -> list[str]:
    file = TextFile.from_bytes(data)
    if file is not None and file.text.count("\n") == data.count(b"\n"):
        return file.text.split("\n")
    return [line.decode("utf-8", "replace").rstrip("\r\n") for line in split_lines(data)]


def _normal(line: str) -> str:
    """A line of Python without layout and comment; empty where nothing else is on it."""
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return ""
    for text in (bare, f"{bare} pass"):
        try:
            return ast.unparse(parse_quietly(text))
        except (SyntaxError, ValueError, RecursionError):
            continue
    return _by_tokens(bare)


def _by_tokens(bare: str) -> str:
    """For a line that is only a part of a statement."""
    words: list[str] = []
    try:
        tokens = tokenize.generate_tokens(io.StringIO(bare).readline)
        words.extend(token.string for token in tokens if token.type not in _SILENT)
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read up to there counts
    return " ".join(words) or " ".join(bare.split())
