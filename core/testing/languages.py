"""Languages are files: what a language file says, as values. Pure, but for reading our own files.

A language file (``resources/languages/*.toml``, described in docs/languages.md) says how a repository
is recognised, what its tests need, how they are run and how their results are read. Nothing else of
Greenbar knows a language by its name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from core.errors import UsageError
from core.sandbox.base import PYTHON, Archive, Toolchain


class Framework(StrEnum):
    """What the in-sandbox worker does with the tests."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    COMMAND = "command"


class ResultFormat(StrEnum):
    """How a command's results are read; one parser each in ``core/sandbox/inside``."""

    NODE = "node"
    GO = "go"
    JEST = "jest"
    JUNIT = "junit"
    TAP = "tap"


@dataclass(frozen=True, slots=True)
class Mention:
    """Files by name or path, as patterns of fnmatch, in which a regular expression is found."""

    files: tuple[str, ...]
    contains: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """How a repository is recognised: one of ``files`` is at its root (where any are named), a
    file matches ``tests``, one each of ``when``, and none ``unless``. Of several languages the one with
    the most such tests wins, then the highest ``priority``."""

    tests: Mention | None = None
    files: tuple[str, ...] = ()
    when: tuple[Mention, ...] = ()
    unless: tuple[Mention, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """``commands`` install what the tests need where all files of ``when`` are at the root and the
    first of them matches ``contains``. ``inputs`` are the files that the outcome depends on."""

    when: tuple[str, ...]
    commands: tuple[str, ...]
    contains: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """How a test file is altered so that its tests must fail: ``pattern`` is replaced by ``replace``,
    and the first text of ``prepend`` whose condition is found in the file is put before its first
    line. ``{nonce}`` stands for a word made for the run."""

    pattern: str = ""
    replace: str = ""
    prepend: tuple[tuple[str, str], ...] = ()
    """Pairs of a regular expression and a text."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a suite is run, and how its results are read. Commands are for ``/bin/sh``, in the working
    tree; their placeholders are explained in docs/languages.md."""

    run: str
    format: ResultFormat
    chosen: str = ""
    """The command for chosen tests; empty where there is none: then the whole suite runs."""
    fail_fast: str = ""
    """An option that ends the run at the first failure."""
    results: str = ""
    """Where the command writes its results, where it cannot be told a place."""
    interrupt: str = "KILL"
    """The signal that ends a test process which hangs; one that makes it say where is best."""
    start: str = ""
    """What a worker does once before its first run."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables; ``$GREENBAR_ENV`` and others of the worker are expanded in their values."""
    frames: str = ""
    """A regular expression for stack frames, with the groups ``path``, ``line`` and ``function``."""
    test_names: str = ""
    """A regular expression (group 1) for the names of tests in a test file, where results name
    packages and not files."""
    control: Control = Control()


@dataclass(frozen=True, slots=True)
class Language:
    """One language file. ``name`` is stable, ``title`` is for people, ``kind`` is what the language
    itself is called in a fence (```` ```go ````)."""

    name: str
    title: str
    kind: str
    framework: Framework
    detection: Detection = Detection()
    toolchain: Toolchain = PYTHON
    set_up: tuple[SetUpStep, ...] = ()
    command: Command | None = None
    extensions: tuple[str, ...] = (".py",)
    test_files: tuple[str, ...] = ()
    """Names or paths of test files and of what decides how tests run, as patterns of fnmatch."""
    powers: tuple[str, ...] = ()
    """Regular expressions for what no fix needs and a cheat may: leaving the process, the framework."""
    functions: str = ""
    """A regular expression (group 1) for the line on which a function begins."""

    @property
    def is_python(self) -> bool:
        return self.kind == "python"

    @property
    def spoken(self) -> str:
        """The language without its framework: ``Python`` of ``Python with pytest``."""
        return self.title.partition(" with ")[0]


PYTEST: Final = Language("python-pytest", "Python with pytest", "python", Framework.PYTEST)


def shipped() -> tuple[Language, ...]:
    """The languages that come with Greenbar, highest priority first."""
    return read_languages(files("resources").joinpath("languages"))


def read_languages(folder: Traversable) -> tuple[Language, ...]:
    """Every language file of ``folder``, highest priority first. Raises UsageError."""
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    found = [parse_language(text, f"{name}.toml", texts) for name, text in texts.items()]
    return tuple(sorted(found, key=lambda language: (-language.detection.priority, language.name)))


def parse_language(text: str, source: str, others: Mapping[str, str] = MappingProxyType({})) -> Language:
    """The language that a file's ``text`` describes; what it does not say comes from the one of
    ``others`` (texts by name) that it ``extends``. Raises UsageError naming ``source``."""
    try:
        table = tomllib.loads(text)
        base = table.pop("extends", "")
        return _language({**tomllib.loads(others[base]), **table} if base else table)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise UsageError(
            "language.file", f"The language file {source} cannot be used.", (), f"{error!r}"
        ) from error


def _language(table: dict[str, Any]) -> Language:
    command = table.pop("command", None)
    values: dict[str, Any] = {
        "framework": Framework(table.pop("framework")),
        "detection": _detection(table.pop("detection", {})),
        "toolchain": _toolchain(table.pop("toolchain", {"name": PYTHON.name})),
        "set_up": tuple(SetUpStep(**_tuples(step)) for step in table.pop("set_up", [])),
        "command": None if command is None else _command(command),
    }
    language = Language(**values, **_tuples(table))
    if (language.framework is Framework.COMMAND) != (language.command is not None):
        raise ValueError("a [command] is needed for the framework command, and for no other")
    for pattern in _patterns(language):
        re.compile(pattern)
    return language


def _detection(table: dict[str, Any]) -> Detection:
    tests = table.pop("tests", None)
    return Detection(
        tests=None if tests is None else Mention(**_tuples(tests)),
        when=tuple(Mention(**_tuples(entry)) for entry in table.pop("when", [])),
        unless=tuple(Mention(**_tuples(entry)) for entry in table.pop("unless", [])),
        **_tuples(table),
    )


def _toolchain(table: dict[str, Any]) -> Toolchain:
    archives = tuple(Archive(**archive) for archive in table.pop("archives", []))
    return Toolchain(**_tuples(table), archives=archives)


def _command(table: dict[str, Any]) -> Command:
    control = table.pop("control", {})
    prepend = tuple((entry["if"], entry["text"]) for entry in control.pop("prepend", []))
    env = tuple(table.pop("env", {}).items())
    return Command(
        env=env,
        format=ResultFormat(table.pop("format")),
        control=Control(**control, prepend=prepend),
        **table,
    )


def _patterns(language: Language) -> Iterator[str]:
    yield from (language.functions, *language.powers)
    detection = language.detection
    yield from (
        entry.contains for entry in (detection.tests, *detection.when, *detection.unless) if entry
    )
    yield from (step.contains for step in language.set_up)
    if command := language.command:
        yield from (command.frames, command.test_names, command.control.pattern)
        yield from (condition for condition, _ in command.control.prepend)


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def first_line(language: Language) -> dict[str, Any]:
    """What a worker is told before all else, in JSON's types."""
    return {"framework": language.framework.value, "command": _message(language)}


def _message(language: Language) -> dict[str, Any] | None:
    command = language.command
    if command is None:
        return None
    message = {
        field.name: getattr(command, field.name) for field in fields(command) if field.name != "control"
    }
    control = command.control
    return {
        **message,
        "control": {
            "pattern": control.pattern,
            "replace": control.replace,
            "prepend": [list(pair) for pair in control.prepend],
        },
        "test_files": list(language.test_files),
    }
