"""The places in the repository that a pasted traceback or log names. Pure.

A traceback may come from another machine, or from inside a container: what counts is how a path ends.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from core.types import Reference, RelPath

MOST: Final = 40
_PYTHON: Final = re.compile(r'File "([^"\n]+)", line (\d+)')
_OTHERS: Final = re.compile(r"([A-Za-z]:)?([\w./\\+-]*[\w+-]\.[A-Za-z]\w{0,4}):(\d+)")
_NAMED: Final = re.compile(r"[\w./\\+-]*[\w+-]\.[A-Za-z]\w{0,4}\b")


class Files:
    """The files of a repository, by how their paths end."""

    def __init__(self, files: Iterable[RelPath]) -> None:
        self._all = frozenset(files)
        self._by_name: Mapping[str, list[RelPath]] = defaultdict(list)
        for path in self._all:
            self._by_name[PurePosixPath(path).name].append(path)

    def __contains__(self, path: object) -> bool:
        return path in self._all

    def find(self, said: str) -> RelPath | None:
        """The file that ``said`` means: the one that shares most of the end of its path, if only one
        does, and all of its own path or all of the file's."""
        said = said.replace("\\", "/").removeprefix("./")
        if said in self._all:
            return said
        parts = PurePosixPath(said).parts
        fitting: dict[int, list[RelPath]] = defaultdict(list)
        for path in self._by_name.get(parts[-1] if parts else "", ()):
            own = PurePosixPath(path).parts
            shared = _shared_end(parts, own)
            if shared in (len(own), len(parts)):
                fitting[shared].append(path)
        best = fitting[max(fitting)] if fitting else []
        return best[0] if len(best) == 1 else None


def frames_in(text: str, files: Files) -> tuple[Reference, ...]:
    """Lines of the repository that ``text`` names, in its order, each once."""
    return _found(text, files, (*_python(text), *_other(text)))


def places_in(text: str, files: Files) -> tuple[Reference, ...]:
    """The same, and files that are named without a line."""
    plain = ((match.start(), match[0], 0) for match in _NAMED.finditer(text))
    found = _found(text, files, (*_python(text), *_other(text), *plain))
    with_line = {reference.path for reference in found if reference.line}
    return tuple(one for one in found if one.line or one.path not in with_line)


def _python(text: str) -> Iterator[tuple[int, str, int]]:
    return ((match.start(), match[1], int(match[2][:9])) for match in _PYTHON.finditer(text))


def _other(text: str) -> Iterator[tuple[int, str, int]]:
    for match in _OTHERS.finditer(text):
        yield match.start(), (match[1] or "") + match[2], int(match[3][:9])


def _found(text: str, files: Files, said: Iterable[tuple[int, str, int]]) -> tuple[Reference, ...]:
    known: dict[str, RelPath | None] = {}
    found: dict[Reference, None] = {}
    for _, name, line in sorted(said):
        if name not in known:
            known[name] = files.find(name)
        path = known[name]
        if path is not None:
            found.setdefault(Reference(path, line))
        if len(found) >= MOST:
            break
    return tuple(found)


def _shared_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
