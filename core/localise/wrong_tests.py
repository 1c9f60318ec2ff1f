"""Failing tests that look wrong themselves, and why. They are never edited; the user is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from core.localise.crash_site import crash_site, kind_of
from core.localise.expectations import Expectation, documented, expectations
from core.types import NodeId, Outcome, RelPath, TestReport, TestResult

_NO_NAME: Final = re.compile(r"name '([^']+)' is not defined")


class Contradiction(NamedTuple):
    """What a failing test expects of a call, and what somebody else does whom the code obeys."""

    call: str
    """The function by the name that it is imported by: ``calc.add(2, 3)``."""
    expected: object
    other: object
    by: str
    """Who expects ``other``: the id of a test that passes, or *the docstring of add*."""
    passes: bool
    """Whether that is a test."""


class _Met(NamedTuple):
    """What is expected of a call, by whom."""

    value: object
    by: str
    passes: bool = False


def wrong_tests(
    baseline: TestReport, sources: Mapping[RelPath, str], is_locked: Callable[[RelPath], bool]
) -> dict[NodeId, str]:
    """For each failing test that looks wrong, why, as a clause."""
    found = {r.node_id: why for r in _red(baseline) if (why := _own_fault(r, sources, is_locked))}
    for node_id, one in contradictions(baseline, sources, is_locked).items():
        how = "which passes" if one.passes else "which the code keeps"
        says = f"it expects {one.call} to be {one.expected!r}, but {one.by}, {how}, expects {one.other!r}"
        found.setdefault(node_id, says)
    return found


def contradictions(
    baseline: TestReport, sources: Mapping[RelPath, str], is_locked: Callable[[RelPath], bool]
) -> dict[NodeId, Contradiction]:
    """The failing tests that contradict a test that passes, or a docstring that the code keeps."""
    red = _red(baseline)
    found: dict[NodeId, Contradiction] = {}
    by_id = baseline.by_id()
    wanted: dict[NodeId, list[Expectation]] = {}
    for path in dict.fromkeys(_file_of(r.node_id) for r in red if r.outcome is Outcome.FAILED):
        wanted |= _by_test(path, baseline, sources)
    failed = [n for n in wanted if by_id[n].outcome is Outcome.FAILED]
    functions = {_function_of(one) for node_id in failed for one in wanted[node_id]}
    for path in dict.fromkeys(_file_of(r.node_id) for r in baseline.results):
        # Files that do not name any of the functions need no parsing.
        if functions and any(function in sources.get(path, "") for function in functions):
            wanted |= _by_test(path, baseline, sources)
    met = {
        one.call: _Met(one.value, node_id, passes=True)
        for node_id, expected in wanted.items()
        if by_id[node_id].outcome is Outcome.PASSED
        for one in expected
    }
    said = _Docstrings(sources, is_locked)
    for node_id in failed:
        if one := _contradiction(by_id[node_id], wanted[node_id], met, said):
            found[node_id] = one
    return found


def _red(baseline: TestReport) -> list[TestResult]:
    return [r for r in baseline.results if r.outcome.is_red and _file_of(r.node_id).endswith(".py")]


def _file_of(node_id: NodeId) -> RelPath:
    return node_id.split("::", 1)[0]


def _function_of(one: Expectation) -> str:
    return one.call.partition("(")[0].rpartition(".")[2]


def _own_fault(
    result: TestResult, sources: Mapping[RelPath, str], is_locked: Callable[[RelPath], bool]
) -> str:
    site = crash_site(result)
    if site is None or kind_of(result) != "NameError" or not result.frames:
        return ""
    last = result.frames[-1]
    name = _NO_NAME.search(result.message)
    # Outside the repository, the last frame in it is not where the error was raised.
    if name is None or not is_locked(last.path) or site.line != last.line or site.package:
        return ""
    if "import *" in sources.get(last.path, ""):
        return ""  # the code may lack it
    return f"it uses the name {name[1]}, which {last.path} does not define"


def _by_test(
    path: RelPath, baseline: TestReport, sources: Mapping[RelPath, str]
) -> dict[NodeId, list[Expectation]]:
    """What each test of a file expects that ran."""
    ran = {r.node_id for r in baseline.results}
    found: dict[NodeId, list[Expectation]] = {}
    for one in expectations(sources[path]) if path in sources else ():
        node_id = f"{path}::{one.test}"
        if node_id in ran:
            found.setdefault(node_id, []).append(one)
    return found


def _contradiction(
    result: TestResult, wanted: list[Expectation], met: Mapping[str, _Met], said: _Docstrings
) -> Contradiction | None:
    for one in wanted:
        other = met.get(one.call) or said.that_holds(one, result)
        if other is not None and other.value != one.value:
            return Contradiction(one.call, one.value, other.value, other.by, other.passes)
    return None


class _Docstrings:
    """What docstrings say that calls give; each module is read once, when it is asked about."""

    def __init__(self, sources: Mapping[RelPath, str], is_locked: Callable[[RelPath], bool]) -> None:
        self._sources = sources
        self._is_locked = is_locked
        self._modules: dict[str, dict[str, object]] = {}

    def that_holds(self, one: Expectation, result: TestResult) -> _Met | None:
        """What is said of the call, where the code does just that."""
        module, _, function = one.call.partition("(")[0].rpartition(".")
        if module not in self._modules:
            self._modules[module] = self._read(module)
        says = self._modules[module]
        if one.call in says and _was(result, says[one.call]):
            return _Met(says[one.call], f"the docstring of {function}")
        return None

    def _read(self, module: str) -> dict[str, object]:
        end = f"/{module.replace('.', '/')}"
        for path in self._sources:
            name = f"/{path.removesuffix('.py').removesuffix('/__init__')}"
            if path.endswith(".py") and name.endswith(end) and not self._is_locked(path):
                return documented(self._sources[path], module) if path in self._sources else {}
        return {}


def _was(result: TestResult, value: object) -> bool:
    """Whether the failure tells that this value was compared."""
    said = f"{result.message}\n{result.traceback}"
    return any(words in said for words in (f"assert {value!r} == ", f"{value!r} != ", f"== {value!r}\n"))
