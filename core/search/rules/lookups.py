"""Things that are not there when they are looked up: keys, indices, elements, values to divide by.

PAR (ICSE 2013), section 3: range checker, collection size checker; TBar (ISSTA 2019), section 2: FP3
(insert range checker) and FP9 (mutate literal).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.attributes import leavings
from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble, near

_UNPACK: Final = re.compile(r"(not enough|too many) values to unpack")
_DEFAULTS: Final = ("None", "0", "''", "[]", "{}", "False")
_ADDED: Final = {"append": "[]", "extend": "[]", "add": "set()", "update": "{}"}


def missing_key(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``KeyError``: another key that is nearly the same, a default, or only where it is there."""
    if trouble.kind != "KeyError":
        return
    for spot in scene.spots(trouble):
        statement = spot.statement
        literals = [
            n.value
            for n in ast.walk(spot.tree.tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        for node in spot.nodes():
            match node:
                case ast.Subscript(value=value, slice=key, ctx=ast.Load()):
                    pass
                case ast.Call(func=ast.Attribute(attr="pop", value=value), args=[key]):
                    text = f"{spot.code(value)}.pop({spot.code(key)}, None)"
                    yield from spot.replace(node, text, 0.95)
                    continue
                case ast.Call(func=ast.Attribute(attr="remove", value=value), args=[key]):
                    yield from spot.replace(node, f"{spot.code(value)}.discard({spot.code(key)})", 0.95)
                    continue
                case _:
                    continue
            owner, index = spot.code(value), spot.code(key)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                for rank, other in enumerate(near(key.value, [t for t in literals if len(t) < 40])):
                    yield from spot.replace(key, repr(other), 0.97 / (1 + 0.15 * rank))
            elif trouble.text.isdigit():
                yield from spot.replace(key, f"str({index})", 0.8)
            if trouble.text.startswith("'") and not isinstance(key, ast.Constant):
                for form in ("{}.lower()", "{}.strip()", "{}.upper()", "int({})"):
                    yield from spot.replace(key, form.format(index), 0.75)
            parent = spot.tree.parents.get(node)
            if isinstance(parent, ast.Attribute) and parent.attr in _ADDED:
                text = f"{owner}.setdefault({index}, {_ADDED[parent.attr]})"
                yield from spot.replace(node, text, 0.98)
            for rank, default in enumerate(("", *_DEFAULTS)):
                tail = f", {default}" if default else ""
                text = f"{owner}.get({index}{tail})"
                yield from spot.replace(node, text, 0.93 / (1 + 0.1 * rank))
            if "\n" not in index and "\n" not in owner:
                yield from _only_if(spot, f"{index} in {owner}", f"{index} not in {owner}", 0.85)
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript):
            owner, index = spot.code(statement.target.value), spot.code(statement.target.slice)
            _, end = spot.tree.span(statement)
            sign = re.search(r"(\S+)=", spot.tree.text[spot.tree.span(statement.target)[1] : end])
            for default in ("0", "[]", "''"):
                if sign:
                    text = (
                        f"{owner}[{index}] = {owner}.get({index}, {default}) "
                        f"{sign[1]} {spot.code(statement.value)}"
                    )
                    yield from spot.rewrite(text, 0.97 if default == "0" else 0.9)
        if isinstance(statement, ast.Delete):
            for target in statement.targets:
                if isinstance(target, ast.Subscript) and len(statement.targets) == 1:
                    text = f"{spot.code(target.value)}.pop({spot.code(target.slice)}, None)"
                    yield from spot.rewrite(text, 0.97)


def out_of_range(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``IndexError``: one index less, one round less, or only where there is such an element."""
    if trouble.kind != "IndexError":
        return
    for spot in scene.spots(trouble):
        index: ast.expr | None
        for node in spot.nodes():
            match node:
                case ast.Subscript(value=value, slice=index) if not isinstance(
                    index, (ast.Slice, ast.Tuple)
                ):
                    pass
                case ast.Call(func=ast.Attribute(attr="pop" | "popleft", value=value), args=arguments):
                    index = arguments[0] if arguments else None
                case _:
                    continue
            owner = spot.code(value)
            if index is not None:
                place = spot.code(index)
                if isinstance(index, ast.BinOp) and isinstance(index.right, ast.Constant):
                    yield from spot.replace(index, spot.code(index.left), 0.95)
                yield from spot.replace(index, f"{place} - 1", 0.95)
                yield from spot.replace(index, f"{place} % len({owner})", 0.7)
                yield from spot.replace(index, f"min({place}, len({owner}) - 1)", 0.6)
                if not isinstance(index, ast.Constant):
                    yield from _only_if(spot, f"{place} < len({owner})", f"{place} >= len({owner})", 0.85)
                    test = f"{place} < len({owner})"
                    yield from _in_condition(spot, test, 0.95)
                else:
                    yield from _only_if(spot, f"len({owner}) > {place}", f"len({owner}) <= {place}", 0.85)
            if isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)):
                yield from _only_if(spot, owner, f"not {owner}", 0.9)
                yield from _in_condition(spot, owner, 0.95)
        for loop in _loops_around(spot):
            yield from _one_round_less(Spot(spot.path, loop, scene, spot.share))


def empty_sequence(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``max([])``, ``next`` of nothing, a text without the part: a default, or leave early."""
    text = trouble.text
    empty = trouble.kind == "ValueError" and ("empty" in text or "no mean" in text)
    spent = trouble.kind == "StopIteration" or "generator raised StopIteration" in text
    absent = trouble.kind == "ValueError" and (
        "not in list" in text or "not found" in text or "is not in" in text
    )
    if not (empty or spent or absent):
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            match node:
                case ast.Call(func=ast.Name(id="max" | "min" as name), args=[argument]) if empty:
                    code = spot.code(argument)
                    rest = "".join(f", {k.arg}={spot.code(k.value)}" for k in node.keywords if k.arg)
                    for rank, default in enumerate(("0", "None", "''", "-1", "float('inf')")):
                        yield from spot.replace(
                            node, f"{name}({code}{rest}, default={default})", 0.95 / (1 + 0.1 * rank)
                        )
                    if isinstance(argument, (ast.Name, ast.Attribute)):
                        yield from _only_if(spot, code, f"not {code}", 0.9)
                case ast.Call(func=ast.Name(id="next"), args=[argument]) if spent:
                    for rank, default in enumerate(("None", "''", "0")):
                        text = f"next({spot.code(argument)}, {default})"
                        yield from spot.replace(node, text, 0.95 / (1 + 0.1 * rank))
                case ast.Call(func=ast.Attribute(attr="index", value=value), args=[what]) if absent:
                    yield from spot.replace(node, f"{spot.code(value)}.find({spot.code(what)})", 0.9)
                    condition = f"{spot.code(what)} in {spot.code(value)}"
                    yield from _only_if(spot, condition, condition.replace(" in ", " not in "), 0.9)
                case ast.Call(func=ast.Attribute(attr="remove", value=value), args=[what]) if absent:
                    condition = f"{spot.code(what)} in {spot.code(value)}"
                    yield from _only_if(spot, condition, condition.replace(" in ", " not in "), 0.95)
                case _:
                    pass
        if spent and isinstance(spot.statement, (ast.Raise,)):
            yield from spot.rewrite("return", 0.95)
        for caught in ("StopIteration",) if spent else ():
            yield from _caught(spot, caught, 0.85)


def division_by_nothing(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``ZeroDivisionError``: another value where there is nothing to divide by, or one less of it."""
    if trouble.kind != "ZeroDivisionError":
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            if not isinstance(node, ast.BinOp) or not isinstance(
                node.op, (ast.Div, ast.FloorDiv, ast.Mod)
            ):
                continue
            whole, divisor = spot.code(node), spot.code(node.right)
            inner = _counted(spot, node.right)
            for rank, value in enumerate(("0", "0.0", "None", spot.code(node.left), "1")):
                text = f"{whole} if {inner} else {value}"
                yield from spot.replace(node, text, 0.9 / (1 + 0.1 * rank))
            yield from _only_if(spot, inner, f"not {inner}", 0.88)
            for form in ("max({}, 1)", "({} or 1)", "({} + 1)"):
                yield from spot.replace(node.right, form.format(divisor), 0.7)
            yield from spot.replace(node, f"{divisor} / {spot.code(node.left)}", 0.5)


def unpacked_wrongly(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``a, b = text.split(',')`` of one part or of three; ``for k, v in d``."""
    found = _UNPACK.search(trouble.text) if trouble.kind == "ValueError" else None
    if found is None:
        return
    for spot in scene.spots(trouble):
        statement = spot.statement
        match statement:
            case ast.For(target=ast.Tuple(elts=elements), iter=value):
                code = spot.code(value)
                yield from spot.replace(value, f"{code}.items()", 0.97)
                yield from spot.replace(value, f"enumerate({code})", 0.9)
                yield from spot.replace(value, f"zip({code}, {code}[1:])", 0.5)
            case ast.Assign(targets=[ast.Tuple(elts=elements)], value=value):
                code = spot.code(value)
                many = len(elements)
                for call in (n for n in ast.walk(value) if isinstance(n, ast.Call)):
                    method = getattr(call.func, "attr", "")
                    if method in ("split", "rsplit") and len(call.args) <= 1:
                        owner = spot.code(call.func.value)  # type: ignore[attr-defined]
                        separator = spot.code(call.args[0]) if call.args else "None"
                        for other in ("split", "rsplit"):
                            text = f"{owner}.{other}({separator}, {many - 1})"
                            yield from spot.replace(call, text, 0.97 if other == method else 0.9)
                        if many == 2 and call.args:
                            text = f"{owner}.partition({separator})[::2]"
                            yield from spot.replace(call, text, 0.9)
                yield from spot.replace(value, f"{code}[:{many}]", 0.7)
                yield from spot.replace(value, f"{code}.items()", 0.6)
                starred = elements[-1]
                if not isinstance(starred, ast.Starred):
                    yield from spot.replace(starred, f"*{spot.code(starred)}", 0.5)
            case _:
                pass
        for node in spot.nodes():
            for generator in getattr(node, "generators", []):
                code = spot.code(generator.iter)
                yield from spot.replace(generator.iter, f"{code}.items()", 0.95)
                yield from spot.replace(generator.iter, f"enumerate({code})", 0.9)


def bad_literal(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``int('')``, ``int('3.5')``, ``float('1,000')``: clean the text, or leave early."""
    if trouble.kind != "ValueError" or not re.search(r"invalid literal|could not convert", trouble.text):
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            match node:
                case ast.Call(func=ast.Name(id="int" | "float" as name), args=[argument]):
                    code = spot.code(argument)
                    forms = (
                        f"{code} or 0",
                        f"{code}.strip()",
                        f"float({code})",
                        f"{code}.replace(',', '')",
                    )
                    for rank, form in enumerate(forms):
                        yield from spot.replace(argument, form, 0.85 / (1 + 0.1 * rank))
                    if name == "int":
                        yield from spot.replace(node, f"float({code})", 0.7)
                    if isinstance(argument, (ast.Name, ast.Attribute, ast.Subscript)):
                        yield from _only_if(spot, code, f"not {code}", 0.85)
                        yield from _only_if(spot, f"{code}.isdigit()", f"not {code}.isdigit()", 0.8)
                case _:
                    pass
        yield from _caught(spot, "ValueError", 0.75)


def _only_if(spot: Spot, condition: str, opposite: str, weight: float) -> Iterator[Rewrite]:
    """Do the statement only where a condition holds; leave early where it does not."""
    statement = spot.statement
    if isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete)):
        text = spot.code(statement)
        if "\n" not in text:
            yield from spot.rewrite(f"if {condition}:\n    {text}", weight, f"only if {condition}")
    if isinstance(statement, ast.If):
        test = spot.code(statement.test)
        joined = f"({test})" if isinstance(statement.test, (ast.BoolOp, ast.IfExp)) else test
        yield from spot.replace(statement.test, f"{condition} and {joined}", weight)
        yield from spot.replace(statement.test, f"{opposite} or {joined}", weight - 0.1)
    in_loop = bool(_loops_around(spot))
    for rank, ending in enumerate(leavings(spot, in_loop=in_loop)):
        title = f"{ending} if {opposite}"
        yield from spot.before(f"if {opposite}:\n    {ending}", weight / (1 + 0.1 * rank), title)


def _in_condition(spot: Spot, test: str, weight: float) -> Iterator[Rewrite]:
    """A loop that asks for the element only after it has asked whether there is one."""
    for loop in [spot.statement, *spot.tree.ancestors(spot.statement)]:
        if isinstance(loop, ast.While):
            code = spot.code(loop.test)
            inner = Spot(spot.path, loop, spot.scene, spot.share)
            if isinstance(loop.test, ast.Constant):
                yield from inner.replace(loop.test, test, weight)
            else:
                joined = f"({code})" if isinstance(loop.test, ast.BoolOp) else code
                yield from inner.replace(loop.test, f"{test} and {joined}", weight)
            return


def _loops_around(spot: Spot) -> list[ast.For | ast.While]:
    return [a for a in spot.tree.ancestors(spot.statement) if isinstance(a, (ast.For, ast.While))]


def _one_round_less(spot: Spot) -> Iterator[Rewrite]:
    match spot.statement:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[*_, _] as arguments)):
            stop = arguments[0] if len(arguments) == 1 else arguments[1]
            if isinstance(stop, ast.BinOp) and isinstance(stop.op, ast.Add):
                yield from spot.replace(stop, spot.code(stop.left), 0.97)
            yield from spot.replace(stop, f"{spot.code(stop)} - 1", 0.95)
        case ast.While(
            test=ast.Compare(ops=[ast.LtE() | ast.GtE() as sign], left=left, comparators=[right])
        ):
            other = "<" if isinstance(sign, ast.LtE) else ">"
            test = spot.statement.test
            text = f"{spot.code(left)} {other} {spot.code(right)}"
            yield from spot.replace(test, text, 0.97)
        case _:
            return


def _counted(spot: Spot, divisor: ast.expr) -> str:
    """What must not be empty: the collection whose length divides, else the divisor."""
    match divisor:
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return spot.code(argument)
        case ast.Name() | ast.Attribute() | ast.Call() | ast.Subscript():
            return spot.code(divisor)
        case _:
            return f"({spot.code(divisor)})"


def _caught(spot: Spot, kind: str, weight: float) -> Iterator[Rewrite]:
    """Catch the exception at the statement."""
    statement = spot.statement
    text = spot.code(statement)
    if not isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)) or "\n" in text:
        return
    in_loop = bool(_loops_around(spot))
    endings = leavings(spot, in_loop=in_loop)
    for rank, ending in enumerate(endings[:6]):
        lines = f"try:\n    {text}\nexcept {kind}:\n    {ending}"
        yield from spot.rewrite(lines, weight / (1 + 0.1 * rank), f"{ending} at a {kind}")


RULES: Final[tuple[Rule, ...]] = (
    missing_key,
    out_of_range,
    empty_sequence,
    division_by_nothing,
    unpacked_wrongly,
    bad_literal,
)
