"""What a repository says about itself: ``greenbar.toml``, or ``[tool.greenbar]`` in pyproject.toml.

Everything is optional; ``None`` and empty strings stand for what is not said. A key that we do not know
is an error: a misspelt one would be passed over in silence otherwise.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.types import Remedy

OWN_FILE: Final = "greenbar.toml"
PYPROJECT: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class SetUpSettings:
    """``[setup]``: what to install. The first five replace what would be found otherwise."""

    requirements: tuple[str, ...] | None = None
    """Requirement files, relative to the repository's root."""
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    packages: tuple[str, ...] | None = None
    """Requirement specifiers."""
    editable: bool | None = None
    """Whether the project itself is installed."""
    commands: tuple[str, ...] | None = None
    """Shell commands, run after the rest."""
    python: str = ""
    """A minor version: ``3.11``."""

    @property
    def names_packages(self) -> bool:
        """Whether it says what to install for Python, be it nothing."""
        said = (self.requirements, self.groups, self.extras, self.packages, self.editable)
        return any(value is not None for value in said)


@dataclass(frozen=True, slots=True)
class TestSettings:
    """``[tests]``: how the tests are run."""

    __test__ = False

    language: str = ""
    command: str = ""
    format: str = ""
    results: str = ""
    image: str = ""
    """The container image in which ``command`` finds its programs."""
    programs: tuple[str, ...] | None = None
    """What ``command`` needs of this computer, where the sandbox is no container."""
    preload: bool | None = None
    """Whether workers import what the tests need ahead of their runs."""
    no_preload: tuple[str, ...] | None = None
    """Packages that only the runs themselves import."""
    timeout: float = 0.0
    """Seconds that one test may take before it counts as hanging."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """``[search]``: ceilings under the user's own, and how to search; zeros say nothing."""

    seconds: float = 0.0
    tokens: int = 0
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class RepositorySettings:
    setup: SetUpSettings = field(default_factory=SetUpSettings)
    tests: TestSettings = field(default_factory=TestSettings)
    search: SearchSettings = field(default_factory=SearchSettings)


def read_settings(root: Path) -> RepositorySettings:
    """The settings of the repository (or private copy) at ``root``; its own file wins.

    Raises UsageError that names the file and the key at fault.
    """
    own = root / OWN_FILE
    if own.is_file():
        return parse_settings(_load(own), OWN_FILE)
    try:
        project = tomllib.loads((root / PYPROJECT).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return RepositorySettings()  # the file's own readers will complain
    tool = project.get("tool")
    table = tool.get("greenbar") if isinstance(tool, dict) else None
    return RepositorySettings() if table is None else parse_settings(table, f"{PYPROJECT}, tool.greenbar")


_Section = type[SetUpSettings] | type[TestSettings] | type[SearchSettings]


def parse_settings(table: object, place: str) -> RepositorySettings:
    """Check a parsed table; ``place`` names its file in errors. Raises UsageError."""
    sections = _table(table, place, "", ("setup", "tests", "search"))
    setup = _section(sections, "setup", SetUpSettings, place)
    tests = _section(sections, "tests", TestSettings, place)
    said: dict[str, object] = {}
    for name, value in setup.items():
        match name:
            case "python":
                said[name] = _text(value, place, "setup.python")
            case "editable":
                said[name] = _flag(value, place, "setup.editable")
            case _:
                said[name] = _texts(value, place, f"setup.{name}")
    run: dict[str, object] = {}
    for name, value in tests.items():
        match name:
            case "preload":
                run[name] = _flag(value, place, "tests.preload")
            case "no_preload" | "programs":
                run[name] = _texts(value, place, f"tests.{name}")
            case "timeout":
                run[name] = _seconds(value, place, "tests.timeout")
            case _:
                run[name] = _text(value, place, f"tests.{name}")
    return RepositorySettings(
        SetUpSettings(**said),  # type: ignore[arg-type]
        TestSettings(**run),  # type: ignore[arg-type]
        _search(_section(sections, "search", SearchSettings, place), place),
    )


def _search(table: Mapping[str, object], place: str) -> SearchSettings:
    tokens = table.get("tokens", 0)
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
        raise _wrong(place, "search.tokens is not a number of tokens")
    return SearchSettings(
        _seconds(table["seconds"], place, "search.seconds") if "seconds" in table else 0.0,
        tokens,
        _text(table.get("strategy", ""), place, "search.strategy"),
    )


def _load(path: Path) -> object:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path.name, f"cannot be read: {error}") from error


def _section(
    sections: Mapping[str, object],
    name: str,
    kind: _Section,
    place: str,
) -> Mapping[str, object]:
    return _table(sections.get(name, {}), place, name, tuple(entry.name for entry in fields(kind)))


def _table(value: object, place: str, key: str, known: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(place, f"{key or 'greenbar'} is not a table")
    for name in value:
        if name not in known:
            full = f"{key}.{name}" if key else name
            raise _wrong(place, f"{full} is no setting; known are {', '.join(known)}")
    return value


def _text(value: object, place: str, key: str) -> str:
    if not isinstance(value, str):
        raise _wrong(place, f"{key} is not a text in quotes")
    return value


def _texts(value: object, place: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise _wrong(place, f"{key} is not a list of texts")
    return tuple(value)


def _flag(value: object, place: str, key: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, f"{key} is neither true nor false")
    return value


def _seconds(value: object, place: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise _wrong(place, f"{key} is not a number of seconds above zero")
    return float(value)


def _wrong(place: str, clause: str) -> UsageError:
    return UsageError("settings.wrong", f"{place}: {clause}.", (Remedy("Run again", action="run_tests"),))
