"""Which lines changed lately: in the last commits, or not committed yet. Reads only, and not for long.

Blame is asked for committed content, which no filter of the repository's configuration has to convert;
what is not committed is found by comparing the last commit with the texts at hand.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.git import Git
from core.repo.hunks import Span, changed_spans
from core.types import RelPath

COMMITS: Final = 20
"""How far back a change counts as recent. The first commit of all changed nothing."""
MOST_FILES: Final = 40
NOT_COMMITTED: Final = 0

_ENTRY = re.compile(rb"^([0-9a-f]{40,64}) \d+ (\d+) (\d+)$", re.MULTILINE)


def recent_lines(
    root: Path, texts: Mapping[RelPath, str], seconds: float
) -> dict[RelPath, dict[int, int]]:
    """For lines (from 1) of ``texts``, how many commits ago they changed, the last one being 1; 0: not
    committed yet. Lines that are older are left out, and so is what takes longer than ``seconds``.

    Blocking. Empty where git cannot say: no commit yet, a shallow clone, git is missing.
    """
    until = time.monotonic() + seconds
    found: dict[RelPath, dict[int, int]] = {}
    try:
        commits = _git(root, until).run("rev-list", f"--max-count={COMMITS + 1}", "HEAD").decode().split()
        ages = {commit: age for age, commit in enumerate(commits[:-1], 1)}
        dirty = _names(root, until, "diff-index", "HEAD")
        changed = _names(root, until, "diff-tree", "-r", commits[-1], "HEAD") if ages else []
        for path in [path for path in dict.fromkeys((*dirty, *changed)) if path in texts][:MOST_FILES]:
            lines = _blamed(root, path, commits[-1], ages, until) if path in changed else {}
            if path in dirty:
                lines = _carried(_committed(root, path, until), texts[path].split("\n"), lines)
            if lines:
                found[path] = lines
    except (RepositoryError, _Late):
        pass
    return found


class _Late(Exception):
    """The time is up."""


def _git(root: Path, until: float) -> Git:
    left = until - time.monotonic()
    if left <= 0:
        raise _Late
    return Git(root, left)


def _names(root: Path, until: float, *command: str) -> list[RelPath]:
    """Files that a comparison of trees names, those that are gone left out."""
    kept = ("--name-only", "--diff-filter=d", "--no-renames", "-z")
    output = _git(root, until).run(command[0], *kept, *command[1:])
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _blamed(
    root: Path, path: RelPath, boundary: str, ages: Mapping[str, int], until: float
) -> dict[int, int]:
    """Ages of the lines of the committed file that are younger than ``boundary``."""
    arguments = ("--incremental", "--no-textconv", f"{boundary}..HEAD", "--", path)
    output = _git(root, until).run("blame", *arguments)
    lines: dict[int, int] = {}
    for commit, first, count in _ENTRY.findall(output):
        if age := ages.get(commit.decode()):
            lines.update(dict.fromkeys(range(int(first), int(first) + int(count)), age))
    return lines


def _committed(root: Path, path: RelPath, until: float) -> list[str]:
    data = _git(root, until).run("cat-file", "blob", f"HEAD:{path}")
    return data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


def _carried(before: list[str], now: list[str], ages: Mapping[int, int]) -> dict[int, int]:
    """Ages of the lines of ``now``: those of ``before`` where it is the same, else not committed."""
    found: dict[int, int] = {}
    old = new = 0
    for span in [*changed_spans(before, now), Span(len(before), len(before), len(now), len(now))]:
        for offset in range(span.new_from - new):
            if age := ages.get(old + offset + 1):
                found[new + offset + 1] = age
        found.update(dict.fromkeys(range(span.new_from + 1, span.new_to + 1), NOT_COMMITTED))
        old, new = span.old_to, span.new_to
    return found
