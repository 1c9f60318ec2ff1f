"""Which drafted tests are worth proposing: they say something new, and fail for what is asked. Pure.

A test has to be red on the present code for a reason of behaviour: a false assertion, an exception out
of the code under test, or the lack of the very name that is asked for. One that cannot be collected, or
that trips over itself, proves nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.request.places import Place
from core.search.splice import parse_quietly
from core.types import DroppedTest, NodeId, Outcome, ProposedTest, TestReport, TestResult

_OWN_FAULTS: Final = (
    "NameError",
    "SyntaxError",
    "IndentationError",
    "ModuleNotFoundError",
    "UnboundLocalError",
)


def prune(tests: Sequence[ProposedTest]) -> tuple[tuple[ProposedTest, ...], tuple[DroppedTest, ...]]:
    """Those that parse, say something that could be false, and say it once; the others with reasons."""
    kept: list[ProposedTest] = []
    dropped: list[DroppedTest] = []
    seen: set[str] = set()
    for test in tests:
        try:
            tree = parse_quietly(test.source)
        except SyntaxError as error:
            dropped.append(DroppedTest(test.source, f"It does not parse: {error.msg}."))
            continue
        said = _said(tree)
        if not said:
            dropped.append(DroppedTest(test.source, "It asserts nothing."))
        elif any(_is_empty(node) for node in said):
            dropped.append(DroppedTest(test.source, "It is true whatever the code does."))
        elif (key := "\n".join(sorted(map(ast.unparse, said)))) in seen:
            dropped.append(DroppedTest(test.source, "It says the same as another one."))
        else:
            seen.add(key)
            kept.append(test)
    return tuple(kept), tuple(dropped)


def sift(
    tests: Sequence[ProposedTest], results: Mapping[NodeId, TestResult], places: Sequence[Place]
) -> tuple[tuple[ProposedTest, ...], tuple[DroppedTest, ...]]:
    """Those that are red for a reason of behaviour on the present code; the others with reasons."""
    kept: list[ProposedTest] = []
    dropped: list[DroppedTest] = []
    for test in tests:
        why = why_not(results.get(test.node_id), test.path, places)
        if why:
            dropped.append(DroppedTest(test.source, why))
        else:
            kept.append(test)
    return tuple(kept), tuple(dropped)


def results_of(report: TestReport, tests: Iterable[ProposedTest]) -> dict[NodeId, TestResult]:
    """By test: its own result, the worst of its parameters, or that of a file that was not collected."""
    by_id = report.by_id()
    found: dict[NodeId, TestResult] = {}
    for test in tests:
        own = [r for n, r in by_id.items() if n == test.node_id or n.startswith(f"{test.node_id}[")]
        red = [result for result in own if result.outcome.is_red]
        if chosen := [*red, *own, *(r for n, r in by_id.items() if n == test.path)]:
            found[test.node_id] = chosen[0]
    return found


def why_not(result: TestResult | None, path: str, places: Sequence[Place]) -> str:
    """Why a test is no target, as a sentence; empty where it is one."""
    if result is None:
        return "It was not collected."
    match result.outcome:
        case Outcome.PASSED | Outcome.XPASSED:
            return "It passes on the code as it is."
        case Outcome.SKIPPED | Outcome.XFAILED:
            return "It is skipped here, so it proves nothing."
        case Outcome.COLLECT_ERROR:
            return f"It cannot be collected: {_first_line(result.message)}."
        case Outcome.TIMEOUT | Outcome.CRASHED:
            return ""
        case _:
            pass
    kind = _kind(result.message)
    if kind in ("", "AssertionError", "Failed", "NotImplementedError"):
        return ""
    names = {place.function.rpartition(".")[2] for place in places if place.function}
    names |= {place.function.split(".", 1)[0] for place in places if place.function}
    is_own = not result.frames or result.frames[-1].path == path
    if kind in ("ImportError", "AttributeError") and any(f"'{name}'" in result.message for name in names):
        return ""
    if kind == "TypeError" and any(f"{name}(" in result.message for name in names):
        return ""
    if is_own or kind in _OWN_FAULTS or kind == "ImportError":
        return f"It fails by a fault of its own: {_first_line(result.message)}."
    return ""


def _said(tree: ast.Module) -> list[ast.AST]:
    """The statements of tests that can fail: asserts, the framework's own, and expected exceptions."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found.append(node.test)
        elif isinstance(node, ast.With) and "aises" in ast.unparse(node.items[0].context_expr):
            found.append(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            found += [node] if name.startswith("assert") and name != "assertRaises" else []
    return found


def _is_empty(said: ast.AST) -> bool:
    """Whether it calls nothing, or compares a thing with itself."""
    called = [n for n in ast.walk(said) if isinstance(n, ast.Call)]
    if isinstance(said, ast.Call):
        called.remove(said)
        sides = [ast.unparse(argument) for argument in said.args]
    elif isinstance(said, ast.Compare):
        sides = [ast.unparse(said.left), *map(ast.unparse, said.comparators)]
    else:
        sides = []
    calls_code = any(not (isinstance(c.func, ast.Attribute) and c.func.attr == "approx") for c in called)
    return not calls_code or (len(sides) == 2 and sides[0] == sides[1])


def _kind(message: str) -> str:
    found = re.match(
        r"(?:E\s+)?([\w.]*(?:Error|Exception|Interrupt|Exit|Iteration|Failed))\b", message.strip()
    )
    return found[1].rpartition(".")[2] if found else ""


def _first_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return (lines[0] if lines else "no reason was given")[:160].rstrip(".")
