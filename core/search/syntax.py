"""Proposer: files that do not parse. Small edits around the place that the parser names, no model.

The candidates are edits of one or two characters on the named line and the two before it (the
parser often notices one line late): a colon, a bracket or quote added or removed, ``=`` against
``==``, indentation one step in or out. The idea, repair by the smallest edit that makes a program
parse again, is that of Aho and Peterson, "A minimum distance error-correcting parser for
context-free languages" (SIAM J. Comput., 1972); trying edits and asking the parser suits a language whose
grammar changes with each release.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import PurePosixPath
from typing import Final

from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.search.splice import parse_quietly

LINES_BACK: Final = 2
ENDINGS: Final = (":", ")", "]", "}", "):", ")]", "))", '"', "'", '")', "')", ",")
_MARKS: Final = re.compile(r"[()\[\]{}:,'\"=]")
_WORD_ENDS: Final = re.compile(r"\w+|[)\]}]")
_PAIRS: Final = (("(", ")"), ("[", "]"), ("{", "}"))
STEP: Final = "    "


class SyntaxProposer:
    """Works only where a suspect file does not parse; quick and then quiet."""

    name = "syntax"
    needs_model = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield every small edit after which the file parses."""
        for path, source in task.sources.items():
            if not path.endswith(".py"):
                continue
            line = error_line(source)
            if line is None:
                continue
            seen: set[str] = set()
            for number, title, text in repairs(source, line):
                if text not in seen and error_line(text) is None:
                    seen.add(text)
                    yield Draft(f"{PurePosixPath(path).name}:{number} {title}", {path: text})


def error_line(source: str) -> int | None:
    """The line (from 1) on which the parser gives up, or ``None`` where the source parses."""
    try:
        parse_quietly(source)
    except SyntaxError as error:
        return error.lineno or 1
    except ValueError:
        return 1
    return None


def repairs(source: str, line: int) -> Iterator[tuple[int, str, str]]:
    """``(line, title, whole new text)`` for each small edit at ``line`` and those just before it."""
    lines = source.split("\n")
    line = min(max(line, 1), len(lines))
    for number in range(line, max(line - LINES_BACK - 1, 0), -1):
        old = lines[number - 1]
        for title, new in _line_repairs(old):
            if new != old:
                yield number, title, "\n".join([*lines[: number - 1], new, *lines[number:]])
    without = [*lines[: line - 1], *lines[line:]]
    yield line, "delete the line", "\n".join(without)


def _line_repairs(old: str) -> Iterator[tuple[str, str]]:
    code, comment = _split_comment(old)
    body = code.rstrip()
    for ending in ENDINGS:
        yield f"add {ending} at the end", body + ending + comment
    for match in _MARKS.finditer(body):
        at = match.start()
        yield f"remove {match.group()}", body[:at] + body[at + 1 :] + comment
    for at in sorted({match.end() for match in _WORD_ENDS.finditer(body)}, reverse=True):
        for closer in _missing(body):
            yield f"add {closer}", body[:at] + closer + body[at:] + comment
    yield "change = to ==", re.sub(r"(?<![=!<>])=(?!=)", "==", body, count=1) + comment
    yield "change == to =", body.replace("==", "=", 1) + comment
    yield "indent", STEP + old
    if old.startswith(STEP):
        yield "take the indentation one step back", old[len(STEP) :]
    for wrong, right in (("else if ", "elif "), ("!", "not "), ("&&", "and"), ("||", "or"), (";", "")):
        if wrong in body:
            yield (
                f"change {wrong.strip()} to {right.strip() or 'nothing'}",
                body.replace(wrong, right, 1) + comment,
            )


def _missing(body: str) -> list[str]:
    """Closing marks that the line has too few of."""
    missing = [closer for opener, closer in _PAIRS if body.count(opener) > body.count(closer)]
    return missing + [quote for quote in "\"'" if body.count(quote) % 2]


def _split_comment(line: str) -> tuple[str, str]:
    """The code of a line and its comment with the space before it; quotes are respected roughly."""
    at = line.find("#")
    if at < 0 or line[:at].count('"') % 2 or line[:at].count("'") % 2:
        return line, ""
    code = line[:at].rstrip()
    return code, line[len(code) :]
