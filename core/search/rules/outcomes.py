"""What came out is not what a test wanted: nothing at all, no exception, another exception.

PAR (ICSE 2013), section 3: expression and parameter checkers; TBar (ISSTA 2019), section 2: FP4 (insert
missed statement), FP12 (mutate return statement).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.attributes import leavings, returning
from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble, first_working
from core.search.splice import Splice

_NOTHING: Final = re.compile(r"(?:^|\W)None (?:==|is|in|!=|<|>|!)|(?:==|is) None\b|'NoneType'")
_WANTED: Final = re.compile(r"DID NOT RAISE (?:any of )?\(?(?:<class ')?(?:[\w.]*\.)?(\w+)")
_RAISES: Final = re.compile(r"(?:pytest\.raises|assertRaises|assertRaisesRegex)\(\s*\(?([\w., ]+)")
FUNCTIONS: Final = 6
_UNREPORTED: Final = ("AssertionError", "DidNotRaise", "NameError", "ImportError", "ModuleNotFoundError")


def nothing_returned(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``assert None == 3``: a suspect function ends without a value."""
    if not _NOTHING.search(trouble.text):
        return
    for spot in scene.suspect_functions(FUNCTIONS):
        function = spot.function
        if function is None or function.name == "__init__":
            continue
        if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
            continue
        last = function.body[-1]
        if not isinstance(last, (ast.Return, ast.Raise)):
            yield from returning(spot, function, 0.9)
        for node in ast.walk(function):
            inner = Spot(spot.path, node, scene, spot.share) if isinstance(node, ast.stmt) else None
            if inner is None or spot.tree.function_of(node) is not function:
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Compare, ast.BinOp)):
                code = inner.code(node)
                yield from inner.rewrite(f"return {code}", 0.85, f"return {code}")
            if isinstance(node, ast.Return) and node.value is None:
                for rank, value in enumerate(spot.scope.names[:6]):
                    yield from inner.rewrite(f"return {value}", 0.8 / (1 + 0.1 * rank))


def nothing_raised(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``DID NOT RAISE``: check the parameters, raise where it is swallowed, raise the right class."""
    found = _WANTED.search(trouble.text) if trouble.kind == "DidNotRaise" else None
    if found is None:
        return
    wanted = found[1]
    for spot in scene.suspect_functions(FUNCTIONS):
        function = spot.function
        if function is None:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                yield from _not_swallowed(spot, node, wanted)
        first, scope = first_working(function), spot.scope
        rank = 0
        for name in [p for p in scope.parameters if p != scope.self_name][:4]:
            kinds = scope.kinds.get(name, frozenset())
            conditions = [f"{name} is None", f"not {name}", f"{name} < 0", f"{name} <= 0"]
            if "number" in kinds:
                conditions = [f"{name} < 0", f"{name} <= 0", f"{name} is None", f"not {name}"]
            if wanted == "TypeError":
                types = ("int", "str", "(int, float)", "list", "dict")
                conditions = [f"not isinstance({name}, {kind})" for kind in types]
            for condition in conditions:
                rank += 1
                lines = f'if {condition}:\n    raise {wanted}(f"bad {name}: {{{name}!r}}")'
                title = f"raise {wanted} if {condition}"
                yield from spot.insert_before(first, lines, 0.7 / (1 + 0.06 * rank), title)


def wrong_exception(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """The test wants another class of exception, or the code was meant to catch this one."""
    if trouble.kind in _UNREPORTED or not trouble.kind[:1].isupper():
        return
    wanted = _expected(trouble, scene)
    for spot in scene.spots(trouble):
        statement = spot.statement
        if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call):
            for rank, other in enumerate(wanted):
                yield from spot.replace(statement.exc.func, other, 0.95 / (1 + 0.2 * rank))
        for handler in _handlers_around(spot):
            if handler.type is None:
                continue
            code = spot.code(handler.type)
            tree = spot.tree
            names = (
                [spot.code(e) for e in handler.type.elts]
                if isinstance(handler.type, ast.Tuple)
                else [code]
            )
            both = f"({', '.join([*names, trouble.kind])})"
            span = tree.span(handler.type)
            yield spot.splice(
                handler.lineno, f"catch {trouble.kind} as well", (Splice(*span, both),), 0.95
            )
            yield spot.splice(
                handler.lineno,
                f"catch {trouble.kind} instead of {code}",
                (Splice(*span, trouble.kind),),
                0.9,
            )
        text = spot.code(statement)
        if isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)) and "\n" not in text:
            for rank, other in enumerate(wanted):
                if other != trouble.kind:
                    lines = f"try:\n    {text}\nexcept {trouble.kind} as error:\n"
                    lines += f"    raise {other}(str(error)) from error"
                    title = f"raise {other} in the place of {trouble.kind}"
                    yield from spot.rewrite(lines, 0.85 / (1 + 0.2 * rank), title)
            in_loop = any(isinstance(a, (ast.For, ast.While)) for a in spot.tree.ancestors(statement))
            for rank, ending in enumerate(leavings(spot, in_loop=in_loop)[:5]):
                lines = f"try:\n    {text}\nexcept {trouble.kind}:\n    {ending}"
                title = f"{ending} at a {trouble.kind}"
                yield from spot.rewrite(lines, 0.5 / (1 + 0.1 * rank), title)


def _not_swallowed(spot: Spot, handler: ast.ExceptHandler, wanted: str) -> Iterator[Rewrite]:
    inner = Spot(spot.path, handler.body[-1], spot.scene, spot.share)
    if not isinstance(handler.body[-1], ast.Raise):
        yield from inner.rewrite("raise", 0.9, "raise it on")
        yield from inner.rewrite(f"raise {wanted}", 0.9, f"raise {wanted}")


def _expected(trouble: Trouble, scene: Scene) -> list[str]:
    """The classes of exceptions that the test's file waits for."""
    found: dict[str, None] = {}
    for match in _RAISES.finditer(scene.tests.get(trouble.test, "")):
        for name in match[1].split(","):
            last = name.strip().rsplit(".", 1)[-1]
            if last and last[0].isupper() and last != trouble.kind:
                found[last] = None
    return list(found)[:4]


def _handlers_around(spot: Spot) -> Iterator[ast.ExceptHandler]:
    for ancestor in spot.tree.ancestors(spot.statement):
        if isinstance(ancestor, ast.Try) and any(spot.statement in ast.walk(s) for s in ancestor.body):
            yield from ancestor.handlers


RULES: Final[tuple[Rule, ...]] = (nothing_returned, nothing_raised, wrong_exception)
