"""What red tests say of where their fault lies, before any patch is tried. Pure.

Most failures say nothing of the kind, and the search finds out. But a patch of the repository's code
cannot bring the network, repair a package, or make two tests agree that contradict each other; who knows
that from the start saves the budget and the user's time. Each diagnosis names what was seen, so that the
user can judge it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.localise.crash_site import crash_site, kind_of
from core.localise.statements import imported_paths, map_file
from core.localise.wrong_tests import wrong_tests
from core.types import (
    Diagnosis,
    DiagnosisKind,
    NodeId,
    Outcome,
    RelPath,
    RunEnd,
    TestReport,
    TestResult,
)

IsLocked: TypeAlias = Callable[[RelPath], bool]
Sources: TypeAlias = Mapping[RelPath, str]

FEW: Final = 3
"""Fewer tests than that need no word on what they have in common."""
_NO_NETWORK: Final = re.compile(
    r"name resolution|Name or service not known|nodename nor servname|No address associated with hostname"
    r"|\bgaierror\b|\bgetaddrinfo\b|\bNameResolutionError\b|[Nn]etwork is unreachable|\bENETUNREACH\b"
    r"|\bEAI_AGAIN\b|\bENOTFOUND\b|dial tcp: lookup|no such host"
)
_NO_FIXTURE: Final = re.compile(r"fixture '([^']+)' not found")
_SYNTAX: Final = frozenset({"SyntaxError", "IndentationError", "TabError"})
_COMPILED: Final = (".pyx", ".pxd", ".pxi", ".c", ".cc", ".cpp", ".cxx", ".rs", ".f90", ".so", ".pyd")
_SIGNALS: Final = {"4": "SIGILL", "6": "SIGABRT", "7": "SIGBUS", "8": "SIGFPE", "11": "SIGSEGV"}
_SIGNAL: Final = re.compile(r"\(signal (\d+)\)")
_GENERATED: Final = re.compile(r"do not edit|@generated|auto-?generated|\bgenerated (?:by|from)\b", re.I)
_HEAD_LINES: Final = 12
_REACHES_OTHERWISE: Final = frozenset(
    {"subprocess", "importlib", "runpy", "os", "sys", "pathlib", "doctest"}
)
"""Imports by which a test may come to the repository's code, or to its files, without importing it."""
_TOOLS: Final = frozenset({"pytest", "_pytest", "pluggy", "hypothesis", "unittest", "mock"})
"""An error raised there is how a test fails."""
_OF_ITS_OWN: Final = frozenset({"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError"})
"""Errors that no caller can bring about."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is alike in several tests. ``words`` follow after their names: a verb is ``{s}`` or not."""

    kind: DiagnosisKind
    words: str
    aside: bool = False


class _Code:
    """The repository's files, with what is asked of one again and again."""

    def __init__(self, sources: Sources, is_locked: IsLocked) -> None:
        self.sources = sources
        self.is_locked = is_locked
        self._foreign: dict[RelPath, frozenset[str] | None] = {}

    def head(self, path: RelPath) -> str:
        return "\n".join(self.sources.get(path, "").split("\n", _HEAD_LINES)[:_HEAD_LINES])

    def foreign(self, path: RelPath) -> frozenset[str] | None:
        """What a test file imports, if it comes to no code of this repository; else ``None``."""
        if path not in self._foreign:
            self._foreign[path] = self._look_at_imports(path)
        return self._foreign[path]

    def _look_at_imports(self, path: RelPath) -> frozenset[str] | None:
        if not path.endswith(".py") or path not in self.sources:
            return None
        imports = map_file(self.sources[path]).imports
        if not imports or imports & _REACHES_OTHERWISE or any(name.startswith(".") for name in imports):
            return None
        paths = [p for p in self.sources if p.endswith(".py")]
        if any(p.rpartition("/")[2] == "conftest.py" for p in paths):
            return None
        return None if imported_paths(imports, path, paths) else imports


_Rule: TypeAlias = Callable[[TestResult, _Code], _Finding | None]


def diagnose(baseline: TestReport, sources: Sources, is_locked: IsLocked) -> tuple[Diagnosis, ...]:
    """What the red tests of a baseline say, that about all of them first.

    ``sources`` gives the text of the repository's files, tests included; it may be lazy.
    ``is_locked`` holds for tests and what belongs to them.
    """
    red = [result for result in baseline.results if result.outcome.is_red]
    if not red:
        return ()
    wrong = wrong_tests(baseline, sources, is_locked)
    code = _Code(sources, is_locked)
    by_finding: dict[_Finding, list[NodeId]] = {}
    for result in red:
        if why := wrong.get(result.node_id):
            finding: _Finding | None = _Finding(DiagnosisKind.TEST, f"look{{s}} wrong: {why}", aside=True)
        else:
            tried = (rule(result, code) for rule in _RULES)
            finding = next(filter(None, tried), None)
        if finding is not None:
            by_finding.setdefault(finding, []).append(result.node_id)
    single = [
        Diagnosis(f.kind, _sentence(tests, f.words), tuple(tests), f.aside)
        for f, tests in by_finding.items()
    ]
    return (*_whole(baseline, red), *single)


# --- all of them ---------------------------------------------------------------------------------


def _whole(baseline: TestReport, red: Sequence[TestResult]) -> Iterable[Diagnosis]:
    names = tuple(result.node_id for result in red)
    uncollected = [r for r in red if r.outcome is Outcome.COLLECT_ERROR]
    greens = sum(1 for result in baseline.results if result.outcome.is_green)
    cause = _shared_cause(red)
    if uncollected and len(uncollected) == len(baseline.results):
        count = "The only test file" if len(red) == 1 else f"None of {len(red)} test files"
        verb = "cannot be imported" if len(red) == 1 else "can be imported"
        why = f", for one cause: {cause}" if cause and len(red) > 1 else f": {cause}" if cause else ""
        yield Diagnosis(DiagnosisKind.COLLECTION, f"{count} {verb}{why}.", names)
    if not greens and len(red) >= FEW and baseline.end is RunEnd.FINISHED:
        sentence = "No test passes, so none can tell when a patch breaks something."
        yield Diagnosis(DiagnosisKind.NO_GREEN, sentence, names)


def _shared_cause(red: Sequence[TestResult]) -> str:
    """``ZeroDivisionError at calc.py:3`` where all share it; empty where they do not."""
    causes = set()
    for result in red:
        at = f" at {result.frames[-1].path}:{result.frames[-1].line}" if result.frames else ""
        kind = kind_of(result)
        # Bare assertions share a place only where it is a line of the code, not of each test.
        causes.add(f"{kind}{at}" if kind and at else "")
        if len(causes) > 1:
            return ""
    return causes.pop()


# --- one of them ---------------------------------------------------------------------------------


def _without_network(result: TestResult, code: _Code) -> _Finding | None:
    if result.message.startswith(("assert", "AssertionError")):
        return None  # a text about the network may be what is compared
    found = _NO_NETWORK.search(result.message) or _NO_NETWORK.search(_told(result.traceback))
    if found is None:
        return None
    return _Finding(DiagnosisKind.NETWORK, "need{s} the network, which no test has here", aside=True)


def _without_fixture(result: TestResult, code: _Code) -> _Finding | None:
    """A plugin that is not installed, or a slip of the pen; unless the repository's own code has it."""
    found = _NO_FIXTURE.search(result.message) or _NO_FIXTURE.search(result.traceback)
    if found is None:
        return None
    name = found[1]
    if any(
        f"def {name}(" in code.sources.get(path, "") for path in code.sources if not code.is_locked(path)
    ):
        return None
    words = f"need{{s}} the fixture {name}, which neither the tests nor an installed plugin of pytest has"
    return _Finding(DiagnosisKind.TEST, words, aside=True)


def _unparsed(result: TestResult, code: _Code) -> _Finding | None:
    if kind_of(result) not in _SYNTAX or not result.frames:
        return None
    last = result.frames[-1]
    if map_file(code.sources.get(last.path, "")).parses:
        return None
    place = f"{last.path}:{last.line}"
    if code.is_locked(last.path):
        words = f"cannot run: {place} does not parse, and it belongs to the tests"
        return _Finding(DiagnosisKind.TEST, words, aside=True)
    return _Finding(DiagnosisKind.SYNTAX, f"cannot run: {place} does not parse")


def _crashed(result: TestResult, code: _Code) -> _Finding | None:
    found = _SIGNAL.search(result.message) if result.outcome is Outcome.CRASHED else None
    if found is None or found[1] not in _SIGNALS:
        return None
    words = f"ended {{their}} process by {_SIGNALS[found[1]]}, as compiled code does, not Python"
    return _Finding(DiagnosisKind.COMPILED, words)


def _in_compiled(result: TestResult, code: _Code) -> _Finding | None:
    site = crash_site(result)
    if site is None or not site.path.endswith(_COMPILED):
        return None
    words = f"fail{{s}} in compiled code ({site.short}); a patch counts only once it is built again"
    return _Finding(DiagnosisKind.COMPILED, words)


def _in_generated(result: TestResult, code: _Code) -> _Finding | None:
    if not result.frames or code.is_locked(result.frames[-1].path):
        return None
    last = result.frames[-1]
    if not _GENERATED.search(code.head(last.path)):
        return None
    words = (
        f"fail{{s}} in {last.path}, which says that it is generated; what changes there is lost when it "
        "is made again"
    )
    return _Finding(DiagnosisKind.GENERATED, words)


def _in_package(result: TestResult, code: _Code) -> _Finding | None:
    site = crash_site(result)
    if site is None or not site.package or site.raised or site.package in _TOOLS:
        return None
    if site.kind in _OF_ITS_OWN | _SYNTAX:
        words = f"fail{{s}} by a fault of the package {site.package} ({site.kind} at {site.short}), which"
        return _Finding(DiagnosisKind.DEPENDENCY, f"{words} is not part of this repository")
    words = f"fail{{s}} inside the package {site.package} ({site.kind or 'error'} at {site.short})"
    return _Finding(DiagnosisKind.DEPENDENCY, f"{words}: it is at fault, or what it is given")


def _beside_the_code(result: TestResult, code: _Code) -> _Finding | None:
    """A test that has nothing of the repository's own code on its imports or its traceback."""
    if result.outcome is Outcome.COLLECT_ERROR or not all(map(code.is_locked, _paths(result))):
        return None
    imports = code.foreign(result.node_id.split("::", 1)[0])
    if imports is None:
        return None
    others = sorted({name.partition(".")[0] for name in imports} - _TOOLS - sys.stdlib_module_names)
    what = f"the test itself or of {', '.join(others)}" if others else "the test itself"
    words = f"use{{s}} no code of this repository, so the fault is that of {what}"
    return _Finding(DiagnosisKind.DEPENDENCY if others else DiagnosisKind.TEST, words)


_RULES: Final[tuple[_Rule, ...]] = (
    _without_network,
    _without_fixture,
    _unparsed,
    _crashed,
    _in_compiled,
    _in_generated,
    _in_package,
    _beside_the_code,
)


def _paths(result: TestResult) -> set[RelPath]:
    return {frame.path for frame in result.frames}


# --- words ---------------------------------------------------------------------------------------


def _sentence(tests: Sequence[NodeId], words: str) -> str:
    one = len(tests) == 1
    names = tests[0] if one else f"{len(tests)} tests ({_some(tests)})"
    words = words.replace("{s}", "s" if one else "").replace("{their}", "its" if one else "their")
    return f"{names} {words}."


def _some(tests: Sequence[NodeId], most: int = 3) -> str:
    more = f" and {len(tests) - most} more" if len(tests) > most else ""
    return ", ".join(tests[:most]) + more


def _told(traceback: str) -> str:
    """The lines in which a traceback says what went wrong."""
    return "\n".join(line for line in traceback.splitlines() if line.startswith("E "))
