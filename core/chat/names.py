"""What can be mentioned with ``@``, and what a mention means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from core.types import Name, NameKind, NodeId, RelPath

MOST_FOUND: Final = 12
_MENTION: Final = re.compile(r"(?<![\w@])@([^\s@`]+)")
_CLOSING: Final = ".,;:!?)]}'\""


def mentions_in(text: str) -> tuple[str, ...]:
    """What stands behind each ``@``, without the signs that end a sentence, each once."""
    found = (_without_end(match[1]) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def _without_end(name: str) -> str:
    """The bracket that ends a test's parameters belongs to it."""
    while name and name[-1] in _CLOSING and not (name[-1] == "]" and "[" in name):
        name = name[:-1]
    return name


def file_name(path: RelPath) -> Name:
    folder = str(PurePosixPath(path).parent)
    return Name(NameKind.FILE, path, "" if folder == "." else folder)


def name_of_test(node_id: NodeId) -> Name:
    return Name(NameKind.TEST, node_id, node_id.partition("::")[0])


def find_names(text: str, names: Iterable[Name], most: int = MOST_FOUND) -> tuple[Name, ...]:
    """Of ``names`` those like ``text``, best first: that are called so, begin so, have a part that begins
    so, hold it; shorter ones before longer ones. A path is known by its last part as well."""
    wanted = text.lower()
    ranked: list[tuple[int, int, str, Name]] = []
    for name in names:
        rank = _rank(wanted, name.mention.lower())
        if rank is not None:
            ranked.append((rank, len(name.mention), name.mention, name))
    ranked.sort(key=lambda entry: entry[:3])
    return tuple(name for *_, name in ranked[:most])


def _rank(wanted: str, mention: str) -> int | None:
    if wanted not in mention:
        return None
    if not wanted:
        return mention.count("/")
    last = re.split(r"[/:]", mention)[-1]
    if wanted in (mention, last, last.partition(".")[0]):
        return 0
    if last.startswith(wanted):
        return 1
    if mention.startswith(wanted) and ("::" not in mention or "::" in wanted):
        return 2
    if any(part.startswith(wanted) for part in re.split(r"[\W_]+", last)):
        return 3
    return 4 if wanted in last else 5


def meant_tests(mention: str, tests: Sequence[NodeId]) -> tuple[NodeId, ...]:
    """The tests that a mention names: one, those of a class or a file, or one by its bare name."""
    exact = [t for t in tests if t == mention or t.startswith((f"{mention}::", f"{mention}["))]
    if exact:
        return tuple(exact)
    bare = [t for t in tests if t.rpartition("::")[2].partition("[")[0] == mention]
    return tuple(bare)
