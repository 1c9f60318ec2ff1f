"""Proposer: small changes to suspect lines of languages that we have no parser for; needs no model.

The operators are those that mutation testing found to stand for most real faults (Offutt et al., "An
experimental determination of sufficient mutant operators", TOSEM 1996: relational, arithmetic and
logical operators, constants), done to text: the compiler and the tests throw out what makes no sense.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import PurePosixPath
from typing import Final

from core.search.base import AskModel, Draft, FixTask, TriedSoFar

SLICE: Final = 16
"""Drafts between two turns of the event loop."""
MOST_LINES: Final = 60

_SWAPS: Final = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
    "===": ("!==",),
    "!==": ("===",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("/",),
    "+=": ("-=", "="),
    "-=": ("+=", "="),
    "*=": ("+=",),
    "++": ("--",),
    "--": ("++",),
    "&": ("|",),
    "|": ("&",),
    "<<": (">>",),
    ">>": ("<<",),
}
_WORDS: Final = {
    "true": ("false",),
    "false": ("true",),
    "min": ("max",),
    "max": ("min",),
    "Min": ("Max",),
    "Max": ("Min",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "shift": ("pop",),
    "pop": ("shift",),
    "push": ("unshift",),
    "continue": ("break",),
    "break": ("continue",),
}
_TOKEN: Final = re.compile(
    r"""//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`"""
    r"""|(?P<number>\b\d+\b(?!\.))|(?P<word>[A-Za-z_$][\w$]*)"""
    r"""|(?P<operator>===|!==|=>|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*]=|[-+*/%<>&|])"""
)
_KEYWORDS: Final = ("return", "if", "else", "for", "while", "const", "let", "var", "func", "range")
_ENDS: Final = (")", "]", ";", ",", "")
_PLUS_ONE: Final = re.compile(r"\s*[+-]\s*1\b")
_CONDITION: Final = re.compile(r"^(\s*(?:\}\s*else\s+)?(?:if|while)\s*\(?)(.+?)(\)?\s*\{.*)$")


class LineProposer:
    """Changes one place of one suspect line; silent for Python, which has a proposer of its own."""

    name = "lines"
    needs_model = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield every change of the most suspicious line, then of the next."""
        if task.language.is_python:
            return
        made = 0
        for suspect in task.suspects[:MOST_LINES]:
            source = task.sources.get(suspect.path)
            if source is None:
                continue
            lines = source.split("\n")
            if suspect.line > len(lines):
                continue
            line = lines[suspect.line - 1]
            for title, text in changes(line):
                edited = [*lines[: suspect.line - 1], *([] if text is None else [text])]
                name = PurePosixPath(suspect.path).name
                whole = "\n".join([*edited, *lines[suspect.line :]])
                yield Draft(f"{name}:{suspect.line} {title}", {suspect.path: whole})
                made += 1
                if made % SLICE == 0:
                    await asyncio.sleep(0)


def changes(line: str) -> Iterator[tuple[str, str | None]]:
    """``(title, new line)`` for each change of a line; ``None`` removes it."""
    for match in _TOKEN.finditer(line):
        head, tail = line[: match.start()], line[match.end() :]
        if operator := match["operator"]:
            for other in _SWAPS.get(operator, ()):
                yield f"{operator} to {other}", f"{head}{other}{tail}"
            if operator in "+-" and (one := _PLUS_ONE.match(line[match.start() :])):
                yield f"without {one[0].strip()}", f"{head.rstrip()}{line[match.start() + one.end() :]}"
        elif number := match["number"]:
            for near in (int(number) + 1, int(number) - 1):
                yield f"{number} to {near}", f"{head}{near}{tail}"
        elif word := match["word"]:
            for other in _WORDS.get(word, ()):
                yield f"{word} to {other}", f"{head}{other}{tail}"
            for step in ("- 1", "+ 1") if _is_value(head, word, tail) else ():
                yield f"{word} {step}", f"{head}{word} {step}{tail}"
    if found := _CONDITION.match(line):
        yield "the opposite condition", f"{found[1]}!({found[2]}){found[3]}"
    if line.rstrip().endswith(";") or re.match(r"^\s*[\w.]+(?:\(.*\)|\+\+|--| [-+*]?= .*)$", line):
        yield "removed", None


def _is_value(head: str, word: str, tail: str) -> bool:
    """Whether a name stands where a number could: behind a bracket, a comma or an operator and before
    a closing bracket, a comma or the end."""
    before, after = head.rstrip()[-1:], tail.lstrip()[:1]
    return word not in _KEYWORDS and before in ("<", ">", "=", "(", "[", ",") and after in _ENDS
