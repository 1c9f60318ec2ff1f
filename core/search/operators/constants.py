"""Literals: numbers, texts, truth values, nothing, and empty collections."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site

_MOST_NEAR: Final = 4


def change_number(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """One more, one less, 0, 1, 2, -1, the opposite sign, twice, half, ten times or a tenth, another
    number of the function; infinity as an initial value."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    value = node.value
    assert isinstance(value, (int, float))
    initial = isinstance(site.parent(node), (ast.Assign, ast.AnnAssign))
    choices: list[tuple[str, float]] = [(repr(value + 1), 1.0)]
    choices.append((repr(value - 1), 1.0 if value > 0 else 0.85))
    choices += [("0", 0.7), ("1", 0.7), (repr(-value), 0.6), ("2", 0.4), ("-1", 0.5)]
    if value not in (0, 1):
        choices += [(repr(value * 2), 0.3), (repr(value // 2), 0.3)]
        # Another power of ten is as near to one as the next number is to others.
        ten = 0.6 if repr(value).strip("0") == "1" else 0.3
        choices += [(repr(value * 10), ten), (repr(value // 10), ten)]
    choices += [(text, 0.45) for text in _numbers_near(site, node)]
    if initial:
        choices += [("None", 0.3), ("float('inf')", 0.5), ("float('-inf')", 0.5), ("[]", 0.2)]
        choices += [(n, 0.45) for n in site.scope.parameters if n != site.scope.self_name]
    negated = isinstance(site.parent(node), ast.UnaryOp)
    seen = {repr(value)}
    for text, plausibility in choices:
        if text not in seen and not (negated and text.startswith("-")):
            seen.add(text)
            yield site.replace("constant", node, text, plausibility=plausibility)


def _numbers_near(site: Site, node: ast.expr) -> list[str]:
    """The function's other numbers, those that stand closest first."""
    function = site.tree.function_of(site.statement)
    if function is None:
        return []
    numbers = [
        part
        for part in ast.walk(function)
        if isinstance(part, ast.Constant) and type(part.value) in (int, float) and part is not node
    ]
    numbers.sort(key=lambda part: abs(part.lineno - node.lineno))
    return list(dict.fromkeys(repr(part.value) for part in numbers))[:_MOST_NEAR]


def change_infinity(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``float('inf')`` to its opposite and to 0."""
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str() as value)]) if (
            "inf" in value
        ):
            opposite = "float('inf')" if value.startswith("-") else "float('-inf')"
            for text, plausibility in ((opposite, 1.0), ("0", 0.8)):
                yield site.replace("constant", node, text, plausibility=plausibility)
        case _:
            return


def change_singleton(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """True, False, None and the empty text."""
    if not isinstance(node, ast.Constant):
        return
    choices: tuple[tuple[str, float], ...] = ()
    if node.value is True:
        choices = (("False", 1.0), ("None", 0.2))
    elif node.value is False:
        choices = (("True", 1.0), ("None", 0.2))
    elif node.value is None:
        choices = (("0", 0.6), ("[]", 0.6), ("''", 0.5), ("False", 0.5), ("True", 0.4), ("{}", 0.3))
    elif node.value == "" and isinstance(node.value, str):
        choices = (("' '", 1.0), ("None", 0.5), ("'\\n'", 0.4))
    elif isinstance(node.value, str) and node.value.isspace():
        choices = (("''", 1.0), ("None", 0.3))
    for text, plausibility in choices:
        yield site.replace("constant", node, text, plausibility=plausibility)


def change_collection(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``[]`` to ``[x]``, ``[[]]`` ``None``; ``[x]`` to ``x``, ``[]``; other kinds of collection."""
    match node:
        case ast.List(ctx=ast.Load(), elts=[]) | ast.Tuple(ctx=ast.Load(), elts=[]):
            opening, closing = site.code(node)[0], ",)" if isinstance(node, ast.Tuple) else "]"
            inner = [n for n in site.scope.names if n != site.scope.self_name]
            target = site.parent(node)
            own = {t.id for t in getattr(target, "targets", []) if isinstance(t, ast.Name)}
            inner = [n for n in inner if n not in own]
            yield site.replace(
                "constant", node, f"{opening}{opening}{site.code(node)[1:]}{closing}", plausibility=0.7
            )
            for rank, name in enumerate(inner):
                yield site.replace(
                    "constant", node, f"{opening}{name}{closing}", plausibility=0.9 / (1 + 0.1 * rank)
                )
            for text, plausibility in (
                ("None", 0.5),
                ("[0]", 0.5),
                ("[1]", 0.3),
                ("set()", 0.4),
                ("{}", 0.4),
            ):
                yield site.replace("constant", node, text, plausibility=plausibility)
        case ast.List(ctx=ast.Load(), elts=[element]):
            inner_code = site.code(element)
            in_sum = isinstance(site.parent(node), ast.BinOp)
            yield site.replace("constant", node, "[]", plausibility=0.6)
            yield site.replace("constant", node, inner_code, plausibility=0.4 if in_sum else 0.7)
        case ast.Dict(keys=[]):
            for text, plausibility in (("[]", 0.6), ("set()", 0.6), ("None", 0.4)):
                yield site.replace("constant", node, text, plausibility=plausibility)
        case ast.Call(func=ast.Name(id="set" | "list" | "dict" | "tuple" as name), args=[], keywords=[]):
            for other, plausibility in (("[]", 0.6), ("set()", 0.6), ("{}", 0.5)):
                if not (name == "set" and other == "set()"):
                    yield site.replace("constant", node, other, plausibility=plausibility)
        case _:
            return
