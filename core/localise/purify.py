"""A failing test of several checks, taken apart: those that held count as passing tests. Pure.

Source: J. Xuan, M. Monperrus, "Test case purification for improving fault localization", FSE 2014,
section 3: where a test stops at its fifth check, what only the four before it executed is innocent of the
failure, and a spectrum that counts it as failing ranks it beside the fault. Theirs cuts the test into
several and runs them; ours keeps apart, in one run, what each line of the test executed.

Only lines that do nothing but check are taken out, and of these only those that share no variable of
the test with the failing one: what an assignment, a plain call or a check of the same object ran may
have brought about the state that the failing check complains of.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeAlias

from core.localise.statements import FileMap, Statement
from core.testing.base import Coverage
from core.types import NodeId, RelPath, TestResult

Parts: TypeAlias = Mapping[NodeId, Mapping[int, Mapping[RelPath, frozenset[int]]]]
"""What failing tests executed, by lines of their own functions."""
MOST_CHECKS: Final = 40
"""Of one test; more of them would outvote all passing tests."""


def purified(
    coverage: Coverage,
    parts: Parts,
    failures: Sequence[TestResult],
    tests: Mapping[RelPath, FileMap],
) -> Coverage:
    """The coverage with the checks of failing tests that held as passing tests of their own, by ids that
    no test has. A test that does not say where it failed stays as it is."""
    found = dict(coverage)
    for failure in failures:
        own = parts.get(failure.node_id)
        if own is None:
            continue
        file, failed = _failed_at(failure, own, tests)
        if file is None:
            continue
        state = _state(file, min(failed))
        held = [
            line
            for line in own
            if line not in failed and _is_check(file, line, failed) and not _touches(file, line, state)
        ]
        rest: dict[RelPath, frozenset[int]] = {}
        for line, files in own.items():
            if line in held:
                continue
            for path, lines in files.items():
                rest[path] = rest.get(path, frozenset()) | lines
        found[failure.node_id] = rest
        for line in held[-MOST_CHECKS:]:
            found[f"{failure.node_id} line {line}"] = own[line]
    return found


def _failed_at(
    failure: TestResult, own: Mapping[int, object], tests: Mapping[RelPath, FileMap]
) -> tuple[FileMap | None, frozenset[int]]:
    """The file of the test's function, and the lines of the statement in it that failed."""
    name = failure.node_id.split("[", 1)[0].rpartition("::")[2]
    for frame in failure.frames:
        file = tests.get(frame.path)
        if file is not None and frame.function == name and frame.line in own:
            statement = file.at(frame.line)
            if statement is not None:
                return file, frozenset(range(statement.first, statement.last + 1))
    return None, frozenset()


def _state(file: FileMap, failed: int) -> frozenset[str]:
    """The test's variables, parameters included, that the failing statement reads, and those that may
    hold on to them or be held by them."""
    statement = file.at(failed)
    if statement is None:
        return frozenset()
    own = [s for s in file.statements if s.function == statement.function]
    local = {name for s in own for name in s.uses.writes}
    local |= file.arguments.get(statement.function, frozenset())
    # Of the test's own object single attributes count.
    local -= {"self", "cls"}
    state = set(statement.uses.reads & local)
    state |= {name for name in statement.uses.reads if name.startswith("self.") and _is_data(name)}
    tied = [_variables(s, local) for s in own if s.first < failed and not _judges(s)]
    while True:
        more = {name for names in tied if names & state for name in names}
        if more <= state:
            return frozenset(state)
        state |= more


def _variables(statement: Statement, local: Collection[str]) -> frozenset[str]:
    """Those of a statement that binds or calls: each may hold on to the others from then on."""
    uses = statement.uses
    named = uses.reads | uses.writes
    return frozenset(n for n in named if n in local or (n.startswith("self.") and _is_data(n)))


def _is_data(name: str) -> bool:
    return not name.partition(".")[2].lower().startswith(("assert", "fail"))


def _touches(file: FileMap, line: int, state: frozenset[str]) -> bool:
    statement = file.at(line)
    return statement is not None and bool(statement.uses.reads & state)


def _is_check(file: FileMap, line: int, failed: frozenset[int]) -> bool:
    """Whether a line of a test only judges: an assertion of the language, of unittest, or a block that
    expects an error and that the failure has nothing to do with."""
    statement = file.at(line)
    if statement is None:
        return False
    if _judges(statement):
        return True
    block = statement
    if not _expects_an_error(file, block):
        around = file.at(statement.within) if statement.within else None
        if around is None or not _expects_an_error(file, around):
            return False
        block = around
    return block.first not in failed and not any(_within(file, n, block) for n in failed)


def _judges(statement: Statement) -> bool:
    match statement.node:
        case ast.Assert():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))):
            return name.lower().startswith("assert")
        case _:
            return False


def _expects_an_error(file: FileMap, statement: Statement) -> bool:
    """``with raises(…):``, also by a name that the module has for it."""
    node = statement.node
    if not isinstance(node, (ast.With, ast.AsyncWith)) or len(node.items) != 1:
        return False
    wanted = node.items[0].context_expr
    if isinstance(wanted, ast.Name):
        bound = [s.node for s in file.statements if not s.function and wanted.id in s.uses.writes]
        return any(isinstance(s, ast.Assign) and _is_raises(s.value) for s in bound)
    return _is_raises(wanted)


def _is_raises(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return "raises" in name.lower()
        case _:
            return False


def _within(file: FileMap, line: int, block: Statement) -> bool:
    statement = file.at(line)
    return statement is not None and statement.within == block.first
