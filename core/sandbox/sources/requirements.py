"""Requirement files: which ones are there, and what they include."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from core.sandbox.sources.found import Found
from core.sandbox.sources.reading import DEV_NAMES, TEST_NAMES

_PLACES: Final = (
    "requirements-{}.txt",
    "requirements_{}.txt",
    "{}-requirements.txt",
    "{}_requirements.txt",
    "requirements/{}.txt",
    "requirements/requirements-{}.txt",
    "requirements-{}.in",
    "requirements/{}.in",
)
_TEST_FILES: Final = ("tests/requirements.txt", "test/requirements.txt")
_PLAIN_FILES: Final = ("requirements.txt", "requirements/base.txt", "requirements/requirements.txt")
_INCLUDED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)", re.MULTILINE)


def for_tests(root: Path, *, wide: bool) -> Found:
    """Files named for tests, else (or ``wide``: and) those named for development; and the plain one
    before them."""
    special = _present(root, [*_variants(TEST_NAMES), *_TEST_FILES])
    if wide or not special:
        special += _present(root, _variants(DEV_NAMES))
    return for_the_project(root) + _of(special) if special else Found()


def for_the_project(root: Path) -> Found:
    """Files of what the project itself needs."""
    return _of(_present(root, _PLAIN_FILES)[:1])


def with_included(root: Path, names: Iterable[str]) -> Iterator[str]:
    """``names`` and every file that they include, each once, as far as they are there."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop(0)
        path = root / name
        if name in seen or not path.is_file():
            continue
        seen.add(name)
        yield name
        if path.suffix in (".txt", ".in"):
            parent = PurePosixPath(name).parent
            included = _INCLUDED.findall(path.read_text("utf-8", "replace"))
            waiting += [(parent / other).as_posix() for other in included]


def _of(files: list[str]) -> Found:
    return Found(files=tuple(files), source=tuple(files))


def _variants(words: Iterable[str]) -> list[str]:
    """Once for each place: ``test.in`` beside ``test.txt`` is what the latter was made of."""
    return [place.format(word) for place in _PLACES for word in words]


def _present(root: Path, names: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        if (root / name).is_file():
            found.setdefault(str(PurePosixPath(name).with_suffix("")), name)
    return list(found.values())
