"""The set of ``greenbar bench clarify``: tasks whose request can be read in several ways, in TOML. Pure.

A task is a module, a request, tests that every reading passes, and for each reading the module as it
then should be with checks that only this reading passes. One reading is what the user means: its checks
are the held-out tests, and its module is what the simulated user knows. A task with one reading leaves
nothing to ask. docs/bench/README.md has the format.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from core.bench.entries import BadEntry, word
from core.bench.values import BenchTask
from core.errors import UsageError
from core.parsing import parse_expression
from core.search.splice import parse_quietly
from core.types import RelPath

AMBIGUOUS: Final = "ambiguous"
PLAIN: Final = "unambiguous"
FLOWS: Final = ("fix", "words")
"""Code with a mistake, or something that nobody has written yet."""
HELD_OUT: Final = "test_held_out.py"

_RAISES: Final = """\
def raises(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return True
    return False


"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the request could mean: in words, as code, and as checks, each an expression."""

    name: str
    says: str
    code: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClarifyTask:
    """``path`` is the module; ``visible`` are checks that every reading passes, and ``code`` does not."""

    id: str
    flow: str
    request: str
    path: RelPath
    code: str
    visible: tuple[str, ...]
    readings: tuple[Reading, ...]
    truth: str

    @property
    def is_ambiguous(self) -> bool:
        return len(self.readings) > 1

    @property
    def meant(self) -> Reading:
        return next(reading for reading in self.readings if reading.name == self.truth)

    def tests(self, checks: tuple[str, ...]) -> str:
        """A test module with a test for each of ``checks``."""
        return _test_module(self.path, self.code, checks)


def read_clarify(path: Path) -> tuple[ClarifyTask, ...]:
    """The tasks of a file, or of every ``.toml`` of a folder. Raises UsageError that names the
    file at fault."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    tasks: list[ClarifyTask] = []
    for file in files:
        try:
            entries = tomllib.loads(file.read_text("utf-8")).get("task", [])
            tasks += [_task(entry) for entry in entries]
        except (OSError, ValueError, BadEntry) as error:
            raise UsageError("bench.bad_entry", f"{file}: {error}.") from error
    if not tasks:
        raise UsageError("bench.empty", f"There is no task in {path}.")
    names = [task.id for task in tasks]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError("bench.twice", f"Two tasks in {path} are called {twice}.")
    return tuple(tasks)


def bench_task(task: ClarifyTask) -> BenchTask:
    """The task as a bench attempts it."""
    return BenchTask(
        id=task.id,
        kind=AMBIGUOUS if task.is_ambiguous else PLAIN,
        files={
            task.path: task.code,
            f"test_{PurePosixPath(task.path).name}": task.tests(task.visible),
        },
        held_out={HELD_OUT: task.tests(task.meant.checks)},
        right={task.path: task.meant.code},
    )


def _task(entry: Mapping[str, Any]) -> ClarifyTask:
    name = word(entry, "id", needed=True)
    request = word(entry, "request", needed=True)
    told = entry.get("readings")
    if not isinstance(told, dict) or not told:
        raise BadEntry(f"{name} has no readings")
    readings = tuple(
        Reading(
            key,
            word(said, "says"),
            word(said, "code", needed=True),
            _checks(said, "checks"),
        )
        for key, said in told.items()
    )
    truth = word(entry, "truth", needed=True)
    flow = word(entry, "flow", needed=True)
    if truth not in told or flow not in FLOWS:
        raise BadEntry(f"{name}: there is no reading {truth!r}, or no flow {flow!r}")
    return ClarifyTask(
        id=name,
        flow=flow,
        request=request,
        path=word(entry, "path", needed=True),
        code=word(entry, "code", needed=True).replace("{request}", request),
        visible=_checks(entry, "visible"),
        readings=readings,
        truth=truth,
    )


def _checks(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """One expression a line."""
    lines = tuple(line for line in word(entry, key, needed=True).splitlines() if line.strip())
    for line in lines:
        try:
            parse_expression(line)
        except SyntaxError as error:
            raise BadEntry(f"{line!r} is no expression") from error
    return lines


def _test_module(path: RelPath, code: str, checks: tuple[str, ...]) -> str:
    used = {
        node.id
        for check in checks
        for node in ast.walk(parse_expression(check))
        if isinstance(node, ast.Name)
    }
    names = ", ".join(name for name in _defined(code) if name in used)
    head = f"from {PurePosixPath(path).stem} import {names}\n\n\n"
    if "raises" in used:
        head += _RAISES
    tests = (f"def test_{number}():\n    assert {check}\n" for number, check in enumerate(checks, 1))
    return head + "\n\n".join(tests)


def _defined(code: str) -> Iterator[str]:
    """Names that a module gives to others, imported ones as well."""
    for node in parse_quietly(code).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)
