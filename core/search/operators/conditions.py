"""Comparisons, boolean operators and whole conditions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site, is_int
from core.search.operators.wording import shown
from core.search.splice import Splice

_SIGNS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_SWAPS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "<": (("<=", 1.0), (">", 0.9), (">=", 0.7), ("!=", 0.4), ("==", 0.35)),
    "<=": (("<", 1.0), (">=", 0.9), (">", 0.7), ("==", 0.4), ("!=", 0.35)),
    ">": ((">=", 1.0), ("<", 0.9), ("<=", 0.7), ("!=", 0.4), ("==", 0.35)),
    ">=": ((">", 1.0), ("<=", 0.9), ("<", 0.7), ("==", 0.4), ("!=", 0.35)),
    "==": (("!=", 0.9), ("<=", 0.6), (">=", 0.6), ("<", 0.5), (">", 0.5), ("in", 0.25), ("is", 0.1)),
    "!=": (("==", 0.9), ("<", 0.6), (">", 0.6), ("<=", 0.4), (">=", 0.4), ("is not", 0.1)),
    "is": (("is not", 0.9), ("==", 0.7)),
    "is not": (("is", 0.9), ("!=", 0.7)),
    "in": (("not in", 0.9), ("==", 0.4)),
    "not in": (("in", 0.9), ("!=", 0.4)),
}


def swap_comparison(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``a < b`` to ``a <= b`` and the like."""
    if not isinstance(node, ast.Compare):
        return
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        sign = _SIGNS[type(operator)]
        start, end = site.tree.span(left)[1], site.tree.span(right)[0]
        pattern = (
            r"not\s+in" if sign == "not in" else r"is\s+not" if sign == "is not" else re.escape(sign)
        )
        found = re.search(pattern, site.tree.text[start:end])
        if found is None:
            return
        for other, plausibility in _SWAPS[sign]:
            splice = Splice(start + found.start(), start + found.end(), other)
            title = f"change {sign} to {other} in {shown(site.code(node))}"
            yield site.splice("comparison", node.lineno, title, (splice,), plausibility)
        left = right


def shift_boundary(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x == 0`` to ``x <= 1``: sign and bound together, where either alone changes too little."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]) if is_int(
            right
        ):
            value = int(site.code(right), 0)
            signs = ("<=", ">=") if isinstance(op, ast.Eq) else (">", "<")
            for sign, bound, plausibility in (
                (signs[0], value + 1, 0.95),
                (signs[1], value - 1, 0.5),
                (signs[1], value + 1, 0.5),
                (signs[0], value - 1, 0.4),
            ):
                text = f"{site.code(left)} {sign} {bound}"
                yield site.replace("boundary", node, text, plausibility=plausibility)
        case _:
            return


def swap_logic(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``and`` to ``or`` and back; one operand left out."""
    if not isinstance(node, ast.BoolOp):
        return
    word = "and" if isinstance(node.op, ast.And) else "or"
    other = "or" if word == "and" else "and"
    splices = []
    for left, right in zip(node.values, node.values[1:], strict=False):
        start, end = site.tree.span(left)[1], site.tree.span(right)[0]
        found = re.search(rf"\b{word}\b", site.tree.text[start:end])
        if found is None:
            return
        splices.append(Splice(start + found.start(), start + found.end(), other))
    title = f"change {word} to {other} in {shown(site.code(node))}"
    yield site.splice("logic", node.lineno, title, tuple(splices))
    for dropped in node.values:
        rest = [site.code(v) for v in node.values if v is not dropped]
        title = f"drop the condition {shown(site.code(dropped))}"
        yield site.replace("condition_drop", node, f" {word} ".join(rest), title)


def negate(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Drop a ``not``; put one before a condition."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield site.replace(
            "negation", node, site.code(node.operand), f"drop not before {shown(site.code(node.operand))}"
        )
        return
    parent = site.parent(node)
    tests = isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)) and parent.test is node
    if tests or isinstance(parent, ast.BoolOp):
        code = site.code(node)
        simple = isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Subscript))
        text = f"not {code}" if simple else f"not ({code})"
        yield site.replace(
            "negation", node, text, f"negate the condition {shown(code)}", 0.8 if simple else 0.4
        )


def check_for_none(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Extend a condition by a check of what it looks into: ``r is None or r.next is None``."""
    if not _is_test(site, node):
        return
    receivers: dict[str, None] = {}
    for part in ast.walk(node):
        if isinstance(part, (ast.Attribute, ast.Subscript)):
            receivers[site.code(part.value)] = None
    for rank, receiver in enumerate(sorted(receivers, key=len)[:4]):
        code = site.code(node)
        fade = 1 - 0.15 * rank
        for text, plausibility in (
            (f"{receiver} is None or {code}", 1.0),
            (f"{receiver} is not None and {code}", 1.0),
            (f"{receiver} and {code}", 0.8),
            (f"not {receiver} or {code}", 0.8),
        ):
            yield site.replace("null_check", node, text, f"extend to {shown(text)}", plausibility * fade)


def extend_condition(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Join a condition with one found elsewhere in the function, or with the truth of a name."""
    if not _is_test(site, node):
        return
    code = site.code(node)
    known = dict.fromkeys((*site.scope.conditions, *site.scope.donors.conditions))
    other = [c for c in known if c != code and not code.startswith(f"{c} ")]
    names = [n for n in site.scope.names if n != code and "collection" in site.scope.kinds.get(n, ())]
    joined = f"({code})" if isinstance(node, (ast.BoolOp, ast.IfExp, ast.Lambda)) else code
    always = isinstance(node, ast.Constant)
    for rank, condition in enumerate(names):
        fade = 1 / (1 + 0.2 * rank)
        yield site.replace(
            "condition_extension", node, condition, plausibility=(1.2 if always else 0.4) * fade
        )
        yield site.replace("condition_extension", node, f"not {condition}", plausibility=0.4 * fade)
    if always:
        for rank, condition in enumerate(other):
            yield site.replace(
                "condition_extension", node, condition, plausibility=0.8 / (1 + 0.2 * rank)
            )
        return
    for rank, condition in enumerate([*other, *(f"not {c}" for c in other), *names]):
        text = f"({condition})" if " or " in condition or " and " in condition else condition
        for word in ("and", "or"):
            plausibility = 0.9 / (1 + 0.15 * rank)
            yield site.replace(
                "condition_extension", node, f"{joined} {word} {text}", plausibility=plausibility
            )
    for rank, condition in enumerate(other):
        yield site.replace("condition_extension", node, condition, plausibility=0.5 / (1 + 0.2 * rank))


def extend_with_comparison(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Join a condition with a comparison of two numbers, or of a number and nought."""
    if not _is_test(site, node) or isinstance(node, (ast.BoolOp, ast.Constant)):
        return
    code = site.code(node)
    numbers = [n for n in site.scope.names if "number" in site.scope.kinds.get(n, ())][:4]
    rank = 0
    for left in numbers:
        for sign in (">", "<", "==", ">=", "<=", "!="):
            for right in ["0", *numbers]:
                if left == right:
                    continue
                for word in ("and", "or"):
                    rank += 1
                    text = f"{code} {word} {left} {sign} {right}"
                    yield site.replace(
                        "condition_extension", node, text, plausibility=0.35 / (1 + 0.02 * rank)
                    )


def _is_test(site: Site, node: ast.expr) -> bool:
    parent = site.parent(node)
    return isinstance(parent, (ast.If, ast.While, ast.IfExp)) and parent.test is node
