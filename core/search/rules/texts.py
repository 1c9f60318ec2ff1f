"""Texts and numbers that a test wanted otherwise: the literal from which the difference comes.

TBar (ISSTA 2019), section 2, FP9 (mutate literal). Only what differs between the actual and the
expected value is carried over, and only into a literal that holds it: no result of a test is written
into the code.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from typing import Final

from core.parsing import literal
from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble

_EQUAL: Final = re.compile(r"^(?:AssertionError: )?(?:assert )?(.+?) == (.+?)$")
FUNCTIONS: Final = 6
LITERALS: Final = 40
TELLING: Final = 3
"""Characters, with what is around them, that show where a difference comes from, unless they are all of
a literal: single letters are in every other text."""
EDITS: Final = 3
"""A text that differs in more places did not come from one wrong literal."""


def different_text(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``assert 'Hallo' == 'Hello'``: mend a literal that holds what differs."""
    pair = compared(trouble)
    if pair is None:
        return
    actual, expected = pair
    if isinstance(actual, str) and isinstance(expected, str):
        changes = _changes(actual, expected)
        for rank, (spot, literal) in enumerate(_literals(scene, str)):
            for old, new in changes:
                assert isinstance(literal.value, str)
                telling = len(old) >= TELLING or old == literal.value
                if old and telling and literal.value.count(old) == 1:
                    text = repr(literal.value.replace(old, new))
                    yield from spot.replace(literal, text, 0.9 / (1 + 0.05 * rank))
    elif isinstance(actual, (int, float)) and isinstance(expected, (int, float)):
        for rank, (spot, literal) in enumerate(_literals(scene, (int, float))):
            for text in _numbers(literal.value, actual, expected):
                yield from spot.replace(literal, text, 0.6 / (1 + 0.08 * rank))


def compared(trouble: Trouble) -> tuple[object, object] | None:
    """The two sides of a failed equation, where the message shows both as literals."""
    if trouble.kind != "AssertionError":
        return None
    found = _EQUAL.match(trouble.text.split("\n", 1)[0])
    if found is None:
        return None
    try:
        return literal(found[1]), literal(found[2])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _changes(actual: str, expected: str) -> list[tuple[str, str]]:
    """What to replace in a literal: each difference alone, and with more and more around it."""
    matcher = difflib.SequenceMatcher(None, actual, expected, autojunk=False)
    edits = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    if not 0 < len(edits) <= EDITS:
        return []
    found: dict[tuple[str, str], None] = {}
    for _, i, j, k, m in edits:
        for more in range(6):
            for left, right in ((more, more), (more, 0), (0, more)):
                low, high = max(0, i - left), j + right
                before, after = expected[max(0, k - left) : k], expected[m : m + right]
                if actual[low:i] == before and actual[j:high] == after:
                    found[actual[low:high], expected[max(0, k - left) : m + right]] = None
    return list(found)


def _numbers(value: object, actual: float, expected: float) -> Iterator[str]:
    """The literal moved by the difference, or by the ratio, of what came out and what was wanted."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    moved = value + (expected - actual)
    yield repr(round(moved, 10) if isinstance(moved, float) else moved)
    if actual and value:
        scaled = value * expected / actual
        if scaled == int(scaled):
            yield repr(int(scaled))


def _literals(scene: Scene, kinds: type | tuple[type, ...]) -> Iterator[tuple[Spot, ast.Constant]]:
    """Literals of the suspect functions and of the modules' own statements, the most suspicious first."""
    seen: set[int] = set()
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    for spot in scene.suspect_functions(FUNCTIONS):
        for node in ast.walk(spot.statement):
            if isinstance(node, ast.Constant) and type(node.value) in wanted and id(node) not in seen:
                seen.add(id(node))
                statement = _statement_of(spot, node)
                if statement is not None and not _is_docstring(statement):
                    yield Spot(spot.path, statement, scene, spot.share), node
                if len(seen) >= LITERALS:
                    return
    for path, tree in scene.trees.items():
        for statement in tree.tree.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                for node in ast.walk(statement):
                    if isinstance(node, ast.Constant) and type(node.value) in wanted:
                        seen.add(id(node))
                        yield Spot(path, statement, scene, 0.8), node
            if len(seen) >= 3 * LITERALS:
                return


def _statement_of(spot: Spot, node: ast.AST) -> ast.stmt | None:
    parents = spot.tree.ancestors(node)
    found = next((parent for parent in parents if isinstance(parent, (ast.stmt, ast.JoinedStr))), None)
    return found if isinstance(found, ast.stmt) else None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


RULES: Final[tuple[Rule, ...]] = (different_text,)
