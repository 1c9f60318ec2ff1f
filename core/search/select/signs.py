"""Signs that a patch was made for the tests and not for the fault; pure, by syntax tree.

Patches that pass weak tests are often wrong in a few ways (Z. Qi, F. Long, S. Achour, M. Rinard, "An
analysis of patch plausibility and correctness for generate-and-validate patch generation systems", ISSTA
2015, section 4: most only delete functionality; E. Smith, E. Barr, C. Le Goues, Y. Brun, "Is the cure
worse than the disease? Overfitting in automated program repair", FSE 2015; S. Tan, H. Yoshida,
M. Prasad, A. Roychoudhury, "Anti-patterns in search-based program repair", FSE 2016, table 1). A sign is
no proof: it puts a candidate behind those that pass without one, and is shown.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final, TypeAlias

from core.search.splice import parse_quietly
from core.types import RelPath

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Literal: TypeAlias = tuple[str, str]
"""The type's name and the value's repr: ``1`` is not ``True``."""

_EVERYTHING: Final = ("Exception", "BaseException")
_LOST_SHARE: Final = 0.4
_LOST_LEAST: Final = 3
_SMALL: Final = 2
_LONGEST: Final = 40


def overfit_signs(
    before: Mapping[RelPath, str], after: Mapping[RelPath, str], tests: Collection[str]
) -> tuple[str, ...]:
    """Clauses that name each sign, none twice. ``before`` and ``after`` are the texts of the changed
    Python files, ``tests`` those of the failing tests' files; what does not parse shows nothing."""
    used = {literal for text in tests for literal in _all_literals(_parse(text))}
    found: list[str] = []
    for path, text in after.items():
        old, new = _parse(before.get(path, "")), _parse(text)
        if old is None or new is None:
            continue
        found += _special_cases(old, new, used)
        found += _swallows(old, new)
        found += _losses(old, new)
        found += _constants(old, new)
    return tuple(dict.fromkeys(found))


def _parse(text: str) -> ast.Module | None:
    try:
        return parse_quietly(text)
    except SyntaxError:
        return None


# --- special cases -----------------------------------------------------------------------------------


def _special_cases(old: ast.Module, new: ast.Module, used: set[_Literal]) -> Iterator[str]:
    """Values of a test that the code did not know and now compares with or returns."""
    known = set(_all_literals(old))
    for node in ast.walk(new):
        if isinstance(node, ast.Compare):
            parts, verb = [node.left, *node.comparators], "compares with"
            if not any(isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.In, ast.NotIn)) for op in node.ops):
                continue
        elif isinstance(node, ast.MatchValue):
            parts, verb = [node.value], "compares with"
        elif isinstance(node, ast.Return) and node.value is not None:
            parts, verb = _branches(node.value), "returns"
        else:
            continue
        for part in parts:
            for literal in _literals(part):
                if literal in used and literal not in known:
                    known.add(literal)
                    yield f"it {verb} {_shown(literal)}, a value of the test"
    for literal in sorted(set(_all_literals(new)) - known):
        # A text has many reasons to be in both; a number seldom has.
        if literal in used and literal[0] in ("int", "float"):
            yield f"it uses {_shown(literal)}, a value of the test"


def _branches(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.IfExp):
        return [*_branches(node.body), *_branches(node.orelse)]
    return [node]


def _all_literals(tree: ast.AST | None) -> Iterator[_Literal]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.expr):
            yield from _literals(node)


def _literals(node: ast.expr) -> Iterator[_Literal]:
    """The literal that an expression is, where it is one that says something by itself."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return
    if _telling(value):
        yield type(value).__name__, repr(value)


def _telling(value: object) -> bool:
    """Not one of those that any code has: small numbers, single characters, empty things."""
    match value:
        case None | bool() | complex():
            return False
        case int() | float():
            return abs(value) > _SMALL and value not in (10, 100, 1000)
        case str() | bytes():
            return len(value) > 1
        case list() | tuple() | set() | dict():
            return bool(value)
    return False


def _shown(literal: _Literal) -> str:
    text = literal[1]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# --- swallowed errors --------------------------------------------------------------------------------


def _swallows(old: ast.Module, new: ast.Module) -> Iterator[str]:
    if _catch_alls(new) > _catch_alls(old):
        yield "it catches every exception"


def _catch_alls(tree: ast.Module) -> int:
    """Handlers and ``suppress`` blocks that let no exception through."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            count += (node.type is None or _is_everything(node.type)) and not raises
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
            count += any(_is_everything(argument) for argument in node.args)
    return count


def _is_everything(node: ast.expr) -> bool:
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(name, ast.Name) and name.id in _EVERYTHING for name in names)


# --- what is gone ------------------------------------------------------------------------------------


def _losses(old: ast.Module, new: ast.Module) -> Iterator[str]:
    after = _functions(new)
    for name, function in _functions(old).items():
        now = after.get(name)
        if now is None:
            yield f"it removes {name}"
            continue
        had, has = _statements(function), _statements(now)
        lost = had - has
        if has == 0 and had:
            yield f"it empties {name}"
        elif lost >= _LOST_LEAST and lost >= _LOST_SHARE * had:
            yield f"it removes {lost} of the {had} statements of {name}"
        for error in sorted((_raised(function) - _raised(now)).elements()):
            yield f"{name} raises {error or 'again'} in fewer places"
        passed, passes = _calls(function), _calls(now)
        for callee, sizes in passed.items():
            others = passes.get(callee, [])
            if len(sizes) == len(others) and sum(others) < sum(sizes):
                yield f"it passes fewer arguments to {callee}"


def _functions(tree: ast.Module) -> dict[str, _Function]:
    """By dotted name; of two with one name the last, which is the one that counts."""
    found: dict[str, _Function] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[f"{prefix}{child.name}"] = child
                visit(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.stmt):
                visit(child, prefix)

    visit(tree, "")
    return found


def _statements(function: _Function) -> int:
    """Statements that do something."""
    return sum(
        1
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function and not _is_nothing(node)
    )


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _calls(function: _Function) -> dict[str, list[int]]:
    """How many arguments each call has, by what is called."""
    found: dict[str, list[int]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = found.setdefault(ast.unparse(node.func), [])
            called.append(len(node.args) + len(node.keywords))
    return found


def _raised(function: _Function) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise):
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found[ast.unparse(error) if error is not None else ""] += 1
    return found


# --- constants ---------------------------------------------------------------------------------------


def _constants(old: ast.Module, new: ast.Module) -> Iterator[str]:
    """Functions that had to compute their answer and no longer do, and conditions that decide nothing."""
    before = _functions(old)
    for name, function in _functions(new).items():
        was = before.get(name)
        if was is not None and _answers(function) and not _answers(was):
            yield f"{name} always returns the same"
    if _fixed_conditions(new) > _fixed_conditions(old):
        yield "it has a condition that never changes"


def _answers(function: _Function) -> bool:
    """Whether every return gives one and the same literal."""
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return (
        bool(returned)
        and all(isinstance(value, ast.Constant) for value in returned)
        and len({ast.dump(value) for value in returned if value is not None}) == 1
    )


def _fixed_conditions(tree: ast.Module) -> int:
    """``while True`` is how a loop is written; everything else that is always so decides nothing."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.IfExp)):
            count += _is_fixed(node.test)
        elif isinstance(node, ast.While):
            count += _is_fixed(node.test) and not isinstance(node.test, ast.Constant)
        elif isinstance(node, ast.BoolOp):
            count += any(isinstance(value, ast.Constant) for value in node.values[:-1])
    return count


def _is_fixed(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _is_fixed(test.operand)
    if isinstance(test, ast.Compare) and len(test.comparators) == 1:
        return ast.dump(test.left) == ast.dump(test.comparators[0])
    return isinstance(test, ast.Constant)
