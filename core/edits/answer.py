"""Find the code in a model's answer: fenced blocks and search/replace blocks. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.:/ -]*)[ \t]*$")
_SEARCH = re.compile(r"^[ \t]*<{5,9}\s*SEARCH\b.*$")
_DIVIDER = re.compile(r"^[ \t]*={5,9}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,9}\s*REPLACE\b.*$")
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
    search: str
    replace: str
    path: str = ""


Block: TypeAlias = CodeBlock | SearchReplace


def parse_answer(answer: str) -> tuple[Block, ...]:
    """Blocks in the order of the answer; prose is left out. A fence that is never closed ends with the
    answer (it was cut by a stop sequence or by its limit)."""
    lines = answer.replace("\r\n", "\n").split("\n")
    if any(_SEARCH.match(line) for line in lines):
        return _search_replace(lines)
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
    for index, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not closing and fence:
            closing, body = fence[1], []
            path = _path_near(fence[2], lines[index - 1] if index else "")
        elif (
            closing
            and fence
            and fence[1][0] == closing[0]
            and len(fence[1]) >= len(closing)
            and not fence[2]
        ):
            blocks.append(CodeBlock("\n".join(body) + "\n", path))
            closing = ""
        elif closing:
            body.append(line)
    if closing and any(line.strip() for line in body):
        blocks.append(CodeBlock("\n".join(body).rstrip() + "\n", path))
    return tuple(b for b in blocks if isinstance(b, CodeBlock) and b.code.strip())


def _search_replace(lines: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    path, search, replace, state = "", list[str](), list[str](), "outside"
    for index, line in enumerate(lines):
        if _SEARCH.match(line):
            search, replace, state = [], [], "search"
            for back in lines[max(0, index - 2) : index]:
                path = _path_near("", back) or path
        elif state == "search" and _DIVIDER.match(line):
            state = "replace"
        elif state == "replace" and _REPLACE.match(line):
            blocks.append(SearchReplace("\n".join(search), "\n".join(replace), path))
            state = "outside"
        elif state == "search":
            search.append(line)
        elif state == "replace":
            replace.append(line)
    if state == "replace" and replace:
        while replace and (not replace[-1].strip() or _FENCE.match(replace[-1])):
            replace.pop()
        blocks.append(SearchReplace("\n".join(search), "\n".join(replace), path))
    return tuple(blocks)


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
