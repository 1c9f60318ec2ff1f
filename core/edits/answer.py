"""Find the code in a model's answer: fenced blocks, search/replace blocks, unified diffs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from core.edits.unified import is_diff, parse_diff

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.:/ -]*)[ \t]*$")
_SEARCH = re.compile(
    r"^[ \t]*<{5,9}\s*SEARCH\b(?:\s*[:(@]?\s*(?:at\s+)?(?:lines?\s*:?\s*)?(?P<hint>\d+)\b)?.*$"
)
_DIVIDER = re.compile(r"^[ \t]*={5,9}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,9}\s*REPLACE\b.*$")
_NUMBERED = re.compile(r"^\s*(\d+) ?\|(?: (.*)|)$")
_PATH = re.compile(
    r"^[#/*\s`]*(?:(?:file|path|filename)\s*:\s*)?([\w./\\-]+\.\w{1,5})[`:\s*]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block, or the bare code of an answer without fences. ``path`` is as given, or empty."""

    code: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class SearchReplace:
    """``hint`` is the line (from 1) that the answer says it is at. ``verbatim``: each line ends with a
    newline, and blank ones at the ends count, as in a diff; elsewhere they are a model's habit."""

    search: str
    replace: str
    path: str = ""
    hint: int | None = None
    verbatim: bool = False


Block: TypeAlias = CodeBlock | SearchReplace


def last_code(answer: str) -> str:
    """The last block of code of an answer; empty where there is none."""
    return next((b.code for b in reversed(parse_answer(answer)) if isinstance(b, CodeBlock)), "")


def parse_answer(answer: str) -> tuple[Block, ...]:
    """Blocks in the order of the answer; prose is left out. A fence that is never closed ends with the
    answer (it was cut by a stop sequence or by its limit)."""
    lines = answer.replace("\r\n", "\n").split("\n")
    if any(_SEARCH.match(line) for line in lines):
        return _search_replace(lines)
    if is_diff(lines) and not any(_FENCE.match(line) for line in lines):
        return _of_diff(lines, "")
    blocks = _fenced(lines)
    if blocks:
        return blocks
    bare = _bare_code(lines)
    return (CodeBlock(bare),) if bare else ()


def is_divider(line: str) -> bool:
    """Whether a line parts what is searched for from what replaces it."""
    return _DIVIDER.match(line) is not None


def _fenced(lines: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    path, closing, body = "", "", list[str]()
    declared = False
    for index, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not closing and fence:
            closing, body = fence[1], []
            declared = fence[2].strip().lower() in ("diff", "patch", "udiff")
            path = _path_near(fence[2], lines[index - 1] if index else "")
        elif (
            closing
            and fence
            and fence[1][0] == closing[0]
            and len(fence[1]) >= len(closing)
            and not fence[2]
        ):
            blocks += _block(body, path, declared)
            closing = ""
        elif closing:
            body.append(line)
    if closing and any(line.strip() for line in body):
        blocks += _block("\n".join(body).rstrip().split("\n"), path, declared)
    return tuple(b for b in blocks if not isinstance(b, CodeBlock) or b.code.strip())


def _block(body: list[str], path: str, declared: bool) -> tuple[Block, ...]:
    if is_diff(body, declared=declared):
        return _of_diff(body, path)
    return (CodeBlock("\n".join(body) + "\n", path),)


def _of_diff(lines: list[str], path: str) -> tuple[Block, ...]:
    return tuple(
        SearchReplace(*hunk.texts, hunk.path, hunk.hint, verbatim=True)
        for hunk in parse_diff(lines, path)
    )


def _search_replace(lines: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    path, search, replace, state = "", list[str](), list[str](), "outside"
    hint: int | None = None
    for index, line in enumerate(lines):
        if begun := _SEARCH.match(line):
            search, replace, state = [], [], "search"
            hint = int(begun["hint"]) if begun["hint"] else None
            for back in lines[max(0, index - 2) : index]:
                path = _path_near("", back) or path
        elif state == "search" and _DIVIDER.match(line):
            state = "replace"
        elif state == "replace" and _REPLACE.match(line):
            blocks.append(_edit(search, replace, path, hint))
            state = "outside"
        elif state == "search":
            search.append(line)
        elif state == "replace":
            replace.append(line)
    if state == "replace" and replace:
        while replace and (not replace[-1].strip() or _FENCE.match(replace[-1])):
            replace.pop()
        blocks.append(_edit(search, replace, path, hint))
    return tuple(blocks)


def _edit(search: list[str], replace: list[str], path: str, hint: int | None) -> SearchReplace:
    """An edit, without the line numbers that a model has copied from what it was shown."""
    numbers, plain = _without_numbers(search)
    if numbers:
        hint = numbers[0]
        # Lines that the model has added have no number.
        search, replace = plain, [_NUMBERED.sub(r"\2", line) for line in replace]
    return SearchReplace("\n".join(search), "\n".join(replace), path, hint)


def _without_numbers(lines: list[str]) -> tuple[list[int], list[str]]:
    """The numbers and the rest of lines that all have one, rising; else no numbers and the lines."""
    found = [_NUMBERED.match(line) for line in lines if line.strip()]
    numbers = [int(match[1]) for match in found if match]
    if not numbers or len(numbers) < len(found) or numbers != sorted(set(numbers)):
        return [], lines
    return numbers, [_NUMBERED.sub(r"\2", line) for line in lines]


def _path_near(info: str, line: str) -> str:
    for text in (info.split(" ")[-1].split(":")[-1], line):
        found = _PATH.match(text)
        if found and ("/" in found[1] or "." in found[1]):
            return found[1]
    return ""


def _bare_code(lines: list[str]) -> str:
    """From the first line that starts a definition to the last line that belongs to it."""
    starts = [
        i for i, line in enumerate(lines) if re.match(r"^[ \t]*(?:async def |def |class |@\w)", line)
    ]
    if not starts:
        return ""
    first = starts[0]
    indent = len(lines[first]) - len(lines[first].lstrip())
    kept = [lines[first]]
    for line in lines[first + 1 :]:
        inside = not line.strip() or len(line) - len(line.lstrip()) > indent
        if not inside and not re.match(r"^[ \t]*(?:async def |def |class |@\w|#|\)|\])", line):
            break
        kept.append(line)
    return "\n".join(kept).rstrip() + "\n"
