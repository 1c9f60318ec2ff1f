"""Which language a repository's tests are in: what the user says, what the repository says, what its
files look like. Reads files, changes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.repo.settings import OWN_FILE, TestSettings
from core.sandbox.base import Toolchain
from core.testing.known_commands import known_command
from core.testing.languages import PYTEST, Command, Framework, Language, Mention, ResultFormat
from core.types import RelPath, Remedy

MOST_READ: Final = 2000
"""Files looked into for one mention; a repository with more shows what it is in these."""
MOST_BYTES: Final = 200_000
_FORMATS: Final = (ResultFormat.JUNIT, ResultFormat.TAP, ResultFormat.GO, ResultFormat.JEST)
_FRAMES: Final = r"(?P<path>[^\s:()'\"]+\.\w+):(?P<line>\d+)"
"""Good enough for most stack traces: ``src/sum.rb:12``."""


def choose_language(
    root: Path,
    files: Sequence[RelPath],
    settings: TestSettings,
    languages: Sequence[Language],
    wanted: str = "",
) -> Language:
    """The language of the repository (or private copy) at ``root`` that holds ``files``.

    ``wanted`` is the user's own word, and comes first; then ``settings``; then detection; pytest
    where nothing is recognised. Raises UsageError for a name or format that does not exist.
    """
    name = wanted or settings.language
    chosen = _by_name(name, languages) if name else detect(root, files, languages)
    if settings.command and not wanted:
        return _with_command(chosen or _of_its_kind(root), settings)
    return chosen or PYTEST


def detect(root: Path, files: Sequence[RelPath], languages: Sequence[Language]) -> Language | None:
    """The language with the most test files in the repository; ``None`` where none has any."""
    best: tuple[int, int] = (0, 0)
    found: Language | None = None
    for language in languages:
        detection = language.detection
        if detection.tests is None or not _has_root_file(root, detection.files):
            continue
        if not all(_mentions(root, files, entry, 1) for entry in detection.when):
            continue
        tests = _mentions(root, files, detection.tests)
        rank = (len(tests), detection.priority)
        if tests and rank > best and not any(_mentions(root, files, e, 1) for e in detection.unless):
            best, found = rank, language
    return found


def _by_name(name: str, languages: Sequence[Language]) -> Language:
    for language in languages:
        if name == language.name:
            return language
    known = ", ".join(sorted(language.name for language in languages))
    raise UsageError(
        "language.unknown",
        f"There is no language {name}; known are {known}.",
        (Remedy("Let Greenbar choose", shell="greenbar fix PATH"),),
    )


def _of_its_kind(root: Path) -> Language:
    """What is known of a repository in which no language was found; pytest where that is nothing."""
    if (known := known_command(root)) is None:
        return PYTEST
    return replace(PYTEST, title=known.title, kind=known.kind, extensions=known.extensions)


def _with_command(base: Language, settings: TestSettings) -> Language:
    """``base`` with the repository's own command in the place of its framework."""
    try:
        format_ = ResultFormat(settings.format)
    except ValueError:
        format_ = None
    if format_ not in _FORMATS:
        known = ", ".join(entry.value for entry in _FORMATS)
        raise UsageError(
            "settings.wrong",
            f"{OWN_FILE}: tests.format must say how the results of tests.command are read: {known}.",
            (Remedy("Run again", action="run_tests"),),
        )
    known_command = base.command
    command = Command(
        run=settings.command,
        format=format_,
        results=settings.results,
        frames=known_command.frames if known_command else _FRAMES,
        test_names=known_command.test_names if known_command else "",
        env=known_command.env if known_command else (),
    )
    toolchain = base.toolchain
    if settings.image or settings.programs:
        toolchain = Toolchain("command", image=settings.image, programs=settings.programs or ())
    title = f"{base.spoken} with {settings.command}"
    return replace(
        base,
        name="command",
        title=title,
        framework=Framework.COMMAND,
        toolchain=toolchain,
        command=command,
    )


def _has_root_file(root: Path, names: Sequence[str]) -> bool:
    return not names or any((root / name).is_file() for name in names)


def _mentions(
    root: Path, files: Sequence[RelPath], mention: Mention, enough: int = MOST_READ
) -> list[RelPath]:
    found: list[RelPath] = []
    pattern = re.compile(mention.contains) if mention.contains else None
    named = (path for path in files if matches(path, mention.files))
    for read, path in enumerate(named):
        if read >= MOST_READ or len(found) >= enough:
            break
        if pattern is None or pattern.search(_text(root / path)):
            found.append(path)
    return found


def matches(path: RelPath, patterns: Sequence[str]) -> bool:
    """Whether the path, or its last part, fits one of the patterns."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(path, p) or fnmatchcase(name, p) for p in patterns)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
