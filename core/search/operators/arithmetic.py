"""Operators, operands, off-by-one, slices and ranges."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site, can_be_number, is_int
from core.search.operators.wording import shown
from core.search.splice import Splice

_SIGNS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
_SWAPS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "+": (("-", 1.0), ("*", 0.6), ("//", 0.2), ("|", 0.2)),
    "-": (("+", 1.0), ("*", 0.4), ("//", 0.3), ("%", 0.2)),
    "*": (("+", 0.8), ("/", 0.6), ("//", 0.6), ("**", 0.6), ("-", 0.4)),
    "/": (("//", 1.0), ("*", 0.8), ("%", 0.4)),
    "//": (("/", 0.9), ("%", 0.9), ("*", 0.6), (">>", 0.2)),
    "%": (("//", 1.0), ("/", 0.4), ("*", 0.3)),
    "**": (("*", 1.0), ("//", 0.2)),
    "&": (("|", 1.0), ("^", 0.9)),
    "|": (("&", 1.0), ("^", 0.9), ("+", 0.2)),
    "^": (("&", 1.0), ("|", 0.9), ("**", 0.7)),
    "<<": ((">>", 1.0),),
    ">>": (("<<", 1.0),),
    "@": (("*", 0.6),),
}


def swap_operator(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``a + b`` to ``a - b`` and the like."""
    if not isinstance(node, ast.BinOp) or _is_text(node):
        return
    sign = _SIGNS[type(node.op)]
    start, end = site.tree.span(node.left)[1], site.tree.span(node.right)[0]
    found = re.search(re.escape(sign), site.tree.text[start:end])
    if found is None:
        return
    for other, plausibility in _SWAPS[sign]:
        splice = Splice(start + found.start(), start + found.end(), other)
        title = f"change {sign} to {other} in {shown(site.code(node))}"
        yield site.splice("operator", node.lineno, title, (splice,), plausibility)


def swap_augmented(site: Site) -> Iterator[Mutation]:
    """``x += y`` to ``x -= y``, to ``x = y``."""
    statement = site.statement
    if not isinstance(statement, ast.AugAssign):
        return
    sign = _SIGNS[type(statement.op)]
    start, end = site.tree.span(statement.target)[1], site.tree.span(statement.value)[0]
    found = re.search(re.escape(sign) + "=", site.tree.text[start:end])
    if found is None:
        return
    for other, plausibility in (*_SWAPS[sign], ("", 0.6)):
        splice = Splice(start + found.start(), start + found.end(), f"{other}=")
        title = f"change {sign}= to {other}= in {shown(site.code(statement))}"
        yield site.splice("operator", statement.lineno, title, (splice,), plausibility)


def swap_operands(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``a - b`` to ``b - a``."""
    if isinstance(node, ast.BinOp):
        sign, left, right = _SIGNS[type(node.op)], node.left, node.right
        if sign in ("*", "&", "|", "^"):
            return
    elif (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], (ast.In, ast.NotIn))
    ):
        left, right = node.left, node.comparators[0]
    else:
        return
    (a, b), (c, d) = site.tree.span(left), site.tree.span(right)
    one, other = site.tree.text[a:b], site.tree.text[c:d]
    if isinstance(left, ast.BinOp) and isinstance(right, (ast.Name, ast.Constant)):
        one = f"({one})"
    plausibility = 0.3 if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else 0.9
    title = f"swap the operands of {shown(site.code(node))}"
    yield site.splice(
        "operand_swap", node.lineno, title, (Splice(a, b, other), Splice(c, d, one)), plausibility
    )


def drop_operand(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``a + 1`` to ``a``; ``-a`` to ``a``."""
    if isinstance(node, ast.BinOp):
        for kept, dropped in ((node.left, node.right), (node.right, node.left)):
            title = f"drop {shown(site.code(dropped))} from {shown(site.code(node))}"
            plausibility = 1.0 if is_int(dropped) else 0.6 if not is_int(kept) else 0.3
            yield site.replace("operand_drop", node, site.code(kept), title, plausibility)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert)):
        yield site.replace("operand_drop", node, site.code(node.operand), plausibility=0.7)


def off_by_one(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x`` to ``x + 1`` and ``x - 1`` where a number may stand: arguments, bounds, indices, results."""
    if (
        not can_be_number(node)
        or is_int(node)
        or isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
    ):
        return
    if isinstance(node, ast.UnaryOp) or _is_text(node):
        return
    plausibility = _number_place(site, node)
    if not plausibility:
        return
    if isinstance(node, ast.Name):
        kinds = site.scope.kinds.get(node.id, frozenset())
        plausibility *= 1.0 if "number" in kinds else 0.75 if not kinds else 0.25
    elif isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Name) and node.func.id in ("len", "int")
    ):
        plausibility *= 0.6
    for change in ("+ 1", "- 1"):
        yield site.replace("off_by_one", node, f"{site.code(node)} {change}", plausibility=plausibility)


def negate_number(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x`` to ``-x`` where a number may stand, above all beside others with a sign."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    parent = site.parent(node)
    named = isinstance(parent, ast.keyword)
    plausibility = 0.6 if named else _number_place(site, node)
    if isinstance(node, ast.Name):
        kinds = site.scope.kinds.get(node.id, frozenset())
        plausibility *= 1.0 if "number" in kinds else 0.6 if not kinds else 0.1
    beside = site.parent(parent) if named and parent else parent
    if isinstance(beside, (ast.Call, ast.Tuple, ast.List)) and _negates_a_part(beside):
        plausibility = 1.5
    if plausibility > 0.1:
        yield site.replace("unary", node, f"-{site.code(node)}", plausibility=plausibility)


def change_slice(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Drop, add or shift a bound of a slice; index to slice and back."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    index = node.slice
    value = site.code(node.value)
    if not isinstance(index, ast.Slice):
        yield site.replace("bound", node, value, plausibility=0.4)
        return
    low = site.code(index.lower) if index.lower else ""
    high = site.code(index.upper) if index.upper else ""
    step = f":{site.code(index.step)}" if index.step else ""
    choices = [("", high), (low, "")]
    choices += [("1", high), (f"{low} + 1" if low else "1", high)]
    choices += [(low, f"{high} + 1"), (low, f"{high} - 1")] if high else [(low, "-1")]
    choices += [(high, low), ("", low), (high, ""), (f"{low} - 1", high) if low else (low, high)]
    for rank, (lower, upper) in enumerate(dict.fromkeys(choices)):
        if (lower, upper) != (low, high):
            text = f"{value}[{lower}:{upper}{step}]"
            yield site.replace("bound", node, text, plausibility=1 - 0.05 * rank)
    if not step:
        yield site.replace("bound", node, f"{value}[{low}:{high}:-1]", plausibility=0.3)


def change_range(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Start, stop and direction of ``range``."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]) if 1 <= len(arguments) <= 3:
            parts = [site.code(a) for a in arguments]
        case _:
            return
    if len(parts) == 1:
        stop = parts[0]
        choices = [f"1, {stop}", f"{stop} + 1", f"1, {stop} + 1", f"{stop} - 1", f"{stop} - 1, -1, -1"]
    else:
        start, stop, *step = parts
        tail = "".join(f", {s}" for s in step)
        choices = [
            f"{start}, {stop} + 1{tail}",
            f"{start} + 1, {stop}{tail}",
            f"{start}, {stop} - 1{tail}",
        ]
        choices += [
            f"{start} - 1, {stop}{tail}",
            f"{start} + 1, {stop} + 1{tail}",
            f"{stop}",
            f"0, {stop}{tail}",
        ]
    for rank, choice in enumerate(choices):
        yield site.replace("bound", node, f"range({choice})", plausibility=1 - 0.07 * rank)


def extend_arithmetic(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x`` to ``x - y`` with another number in scope, in arguments, results and assigned values."""
    if not isinstance(node, (ast.Name, ast.Call, ast.Subscript)) or _number_place(site, node) < 0.8:
        return
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if isinstance(node, ast.Name) and not site.scope.likeness(node.id, node.id) >= 0.75:
        return
    code = site.code(node)
    kinds = site.scope.kinds
    names = [n for n in site.scope.names if n != code and (not kinds.get(n) or "number" in kinds[n])]
    names.sort(key=lambda n: "number" not in kinds.get(n, ()))
    for rank, name in enumerate(names[:6]):
        for sign, plausibility in (("+", 1.0), ("-", 1.0), ("*", 0.7), ("%", 0.4), ("//", 0.4)):
            known = 1.0 if "number" in kinds.get(name, ()) else 0.7
            fade = known / (1 + 0.1 * rank)
            yield site.replace(
                "arithmetic_extension", node, f"{code} {sign} {name}", plausibility=plausibility * fade
            )


def _negates_a_part(node: ast.Call | ast.Tuple | ast.List) -> bool:
    parts = [*node.args, *(k.value for k in node.keywords)] if isinstance(node, ast.Call) else node.elts
    return any(isinstance(p, ast.UnaryOp) and isinstance(p.op, ast.USub) for p in parts)


def _number_place(site: Site, node: ast.expr) -> float:
    """How plausibly a number stands at the node's place, 0 where one cannot."""
    parent = site.parent(node)
    match parent:
        case ast.Slice():
            return 1.0
        case ast.Subscript(slice=index) if index is node:
            return 1.0
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            return 0.8
        case ast.Call() if node in parent.args:
            named = parent.func.id if isinstance(parent.func, ast.Name) else ""
            own = named in site.scope.functions
            return (
                0.0
                if named in ("len", "sorted", "list", "set", "tuple", "str", "isinstance")
                else 1.0
                if own
                else 0.8
            )
        case ast.Return() | ast.Assign() | ast.AugAssign():
            return 0.8
        case ast.BinOp(op=ast.Mult() | ast.FloorDiv() | ast.Mod() | ast.Div() | ast.Pow()):
            return 0.7
        case ast.BinOp():
            return 0.3
        case ast.Tuple() | ast.List() | ast.IfExp():
            return 0.4
        case _:
            return 0.0


def _is_text(node: ast.expr) -> bool:
    parts = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
    return any(
        isinstance(p, ast.JoinedStr)
        or (isinstance(p, ast.Constant) and isinstance(p.value, (str, bytes)))
        for p in parts
    )
