"""Tests of a task held back at random, to see who passes the rest of them without being right. Pure.

A case is what can be left out: a line of a JSON file with one value a line that a test file names, an
entry of a literal list of ``parametrize``, or a test function. The judge gets all of them, in files of
their own beside those that the engine sees, whose ids so do not change.
"""

from __future__ import annotations

import ast
import json
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from core.bench.values import BenchTask
from core.search.splice import FunctionNode, parse_quietly
from core.types import RelPath

_TESTS: Final = ("test_*.py", "*_test.py")
_BESIDE: Final = "held_out_"


@dataclass(frozen=True, slots=True)
class _Case:
    """Line ``number`` of a data file, or the function (and entry) of a test file; all from 0."""

    path: RelPath
    number: int
    entry: int = -1


def hide_tests(task: BenchTask, share: float, rng: random.Random) -> BenchTask | None:
    """The task with ``share`` (0 to 1) of its cases for the judge alone; at least one stays, and one
    goes. ``None`` where it has too few."""
    tests = {path: text for path, text in task.files.items() if _is_test(path)}
    data = {path: text for path, text in task.files.items() if _is_data(path, text, tests.values())}
    cases = [*_lines(data)]
    for path, text in tests.items():
        if not any(PurePosixPath(name).name in text for name in data):
            cases += _functions(path, text)
    if len(cases) < 2:
        return None
    kept_count = min(max(1, math.ceil(len(cases) * (1 - share))), len(cases) - 1)
    kept = set(rng.sample(cases, kept_count))
    gone = [case for case in cases if case not in kept]
    changes = {path: _without_lines(text, path, gone) for path, text in data.items()}
    changes |= {path: _without_functions(text, path, gone) for path, text in tests.items()}
    return replace(
        task, files={**task.files, **changes}, held_out={**task.held_out, **_beside(tests, data)}
    )


def _is_test(path: RelPath) -> bool:
    return any(fnmatchcase(PurePosixPath(path).name, pattern) for pattern in _TESTS)


def _is_data(path: RelPath, text: str, tests: Iterable[str]) -> bool:
    """Whether it has a JSON value on each line, and a test names it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not path.endswith((".json", ".jsonl")) or len(lines) < 2:
        return False
    try:
        for line in lines:
            json.loads(line)
    except ValueError:
        return False
    return any(PurePosixPath(path).name in test for test in tests)


def _lines(data: Mapping[RelPath, str]) -> Iterable[_Case]:
    for path, text in data.items():
        for number, line in enumerate(text.splitlines()):
            if line.strip():
                yield _Case(path, number)


def _functions(path: RelPath, text: str) -> Iterable[_Case]:
    try:
        tree = parse_quietly(text)
    except SyntaxError:
        return
    for number, node in enumerate(_test_nodes(tree)):
        entries = _entries(node)
        if entries is None:
            yield _Case(path, number)
        else:
            yield from (_Case(path, number, place) for place in range(len(entries.elts)))


def _test_nodes(tree: ast.Module) -> list[FunctionNode]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")
    ]


def _entries(node: FunctionNode) -> ast.List | None:
    """The literal list of its only ``parametrize``."""
    lists = [
        decorator.args[1]
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func).endswith("parametrize")
        and len(decorator.args) > 1
    ]
    return lists[0] if len(lists) == 1 and isinstance(lists[0], ast.List) else None


def _without_lines(text: str, path: RelPath, gone: Iterable[_Case]) -> str:
    numbers = {case.number for case in gone if case.path == path}
    lines = text.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines) if number not in numbers)


def _without_functions(text: str, path: RelPath, gone: Iterable[_Case]) -> str:
    mine = [case for case in gone if case.path == path]
    if not mine:
        return text
    tree = parse_quietly(text)
    away: set[int] = set()
    for number, node in enumerate(_test_nodes(tree)):
        entries = _entries(node)
        places = {case.entry for case in mine if case.number == number}
        if entries is not None:
            entries.elts = [e for place, e in enumerate(entries.elts) if place not in places]
            if not entries.elts:
                away.add(id(node))
        elif places:
            away.add(id(node))
    for parent in ast.walk(tree):
        body = getattr(parent, "body", None)
        if isinstance(body, list):
            left = [node for node in body if id(node) not in away]
            parent.body = left or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _beside(tests: Mapping[RelPath, str], data: Mapping[RelPath, str]) -> dict[RelPath, str]:
    """All cases, in files beside their own."""
    found = {_named(path): text for path, text in data.items()}
    for path, text in tests.items():
        for name in data:
            short = PurePosixPath(name).name
            text = text.replace(short, f"{_BESIDE}{short}")
        found[str(PurePosixPath(path).with_name(f"test_{_BESIDE}{PurePosixPath(path).stem}.py"))] = text
    return found


def _named(path: RelPath) -> RelPath:
    place = PurePosixPath(path)
    return str(place.with_name(f"{_BESIDE}{place.name}"))
