"""Slips that are well known in Python, looked for in suspect functions whatever the failure says.

The collection is that of static checkers: the messages of pylint and flake8-bugbear that name errors
(B006 mutable default, B023 late binding, F632 ``is`` with a literal, E1111 assigned from a procedure).
That fixes of such warnings repair bugs as well: K. Liu et al., "AVATAR: fixing semantic bugs with fix
patterns of static analysis violations", SANER 2019.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.base import Idiom, Rewrite, Scene, Spot, first_working
from core.search.splice import FunctionNode, Splice

FUNCTIONS: Final = 10
_PROCEDURES: Final = ("sort", "append", "extend", "reverse", "update", "add", "insert", "remove", "clear")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BROAD: Final = ("Exception", "BaseException", "OSError", "LookupError", "ArithmeticError", "ValueError")
_FIELD: Final = re.compile(r"\{([A-Za-z_]\w*)(?:[.\[:!][^{}]*)?\}")


def slips(scene: Scene) -> Iterator[Rewrite]:
    """Every slip of every suspect function."""
    for spot in scene.suspect_functions(FUNCTIONS):
        function = spot.function
        if function is None:
            continue
        yield from _mutable_defaults(spot, function)
        for node in ast.walk(function):
            if isinstance(node, ast.stmt) and node is not function:
                inner = Spot(spot.path, node, scene, spot.share)
                yield from _procedure(inner)
                yield from _handlers(inner)
                yield from _equation(inner)
            if isinstance(node, ast.expr):
                yield from _expression(Spot(spot.path, function, scene, spot.share), node)


def _mutable_defaults(spot: Spot, function: FunctionNode) -> Iterator[Rewrite]:
    a = function.args
    plain = [*a.posonlyargs, *a.args]
    defaults = [*zip(plain[len(plain) - len(a.defaults) :], a.defaults, strict=True)]
    defaults += [(k, d) for k, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None]
    first = first_working(function)
    for argument, default in defaults:
        call = isinstance(default, ast.Call) and getattr(default.func, "id", "") in (
            "list",
            "dict",
            "set",
        )
        if not (isinstance(default, (ast.List, ast.Dict, ast.Set)) or call):
            continue
        name, empty = argument.arg, spot.code(default)
        for made in spot.insert_before(first, f"if {name} is None:\n    {name} = {empty}", 0.9):
            title = f"make {empty} anew for each call"
            splices = (Splice(*spot.tree.span(default), "None"), *made.splices)
            yield spot.splice(function.lineno, title, splices, 0.9)


def _procedure(spot: Spot) -> Iterator[Rewrite]:
    """``x = x.sort()``, ``return x.append(y)``: what gives ``None`` is used as a value."""
    statement = spot.statement
    value = statement.value if isinstance(statement, (ast.Assign, ast.Return)) else None
    match value:
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in _PROCEDURES:
            receiver, code = spot.code(owner), spot.code(value)
        case _:
            return
    arguments = ", ".join(spot.code(a) for a in value.args)
    words = "".join(f", {k.arg}={spot.code(k.value)}" for k in value.keywords if k.arg)
    function = {"sort": f"sorted({receiver}{words})", "reverse": f"{receiver}[::-1]"}.get(name)
    if isinstance(statement, ast.Return):
        yield from spot.rewrite(f"{code}\nreturn {receiver}", 0.93)
        if function:
            yield from spot.rewrite(f"return {function}", 0.92)
        if name == "append":
            yield from spot.rewrite(f"return {receiver} + [{arguments}]", 0.9)
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = spot.code(statement.targets[0])
        if target == receiver:
            yield from spot.rewrite(code, 0.95)
        elif function:
            yield from spot.rewrite(f"{target} = {function}", 0.93)
        else:
            yield from spot.rewrite(f"{target} = list({receiver})\n{target}.{name}({arguments})", 0.7)


def _handlers(spot: Spot) -> Iterator[Rewrite]:
    """A handler that no exception reaches, for one before it catches them all: swap the two."""
    statement = spot.statement
    if not isinstance(statement, ast.Try):
        return
    tree = spot.tree
    for one, other in zip(statement.handlers, statement.handlers[1:], strict=False):
        broad = one.type is None or spot.code(one.type) in _BROAD
        if broad and other.type is not None:
            a = (tree.line_start(one.lineno), tree.line_start((one.end_lineno or one.lineno) + 1))
            b = (tree.line_start(other.lineno), tree.line_start((other.end_lineno or other.lineno) + 1))
            first, second = tree.text[slice(*a)], tree.text[slice(*b)]
            if not second.endswith("\n"):
                second += "\n"
            splices = (Splice(*a, second), Splice(*b, first))
            yield spot.splice(other.lineno, "swap the two handlers", splices, 0.85)


def _equation(spot: Spot) -> Iterator[Rewrite]:
    """``x == 1`` as a statement."""
    match spot.statement:
        case ast.Expr(
            value=ast.Compare(
                left=ast.Name() | ast.Attribute() | ast.Subscript() as left,
                ops=[ast.Eq()],
                comparators=[right],
            )
        ):
            yield from spot.rewrite(f"{spot.code(left)} = {spot.code(right)}", 0.95)
        case ast.Expr(value=ast.Attribute() | ast.Name() as value):
            yield from spot.rewrite(f"{spot.code(value)}()", 0.85)
        case ast.Raise(exc=ast.Constant(value=str()) as text):
            yield from spot.rewrite(f"raise ValueError({spot.code(text)})", 0.9)
        case _:
            return


def _expression(spot: Spot, node: ast.expr) -> Iterator[Rewrite]:
    code = spot.code
    match node:
        case ast.Compare(
            left=left,
            ops=[ast.Is() | ast.IsNot() as sign],
            comparators=[ast.Constant(value=value) as right],
        ):
            if value is not None and not isinstance(value, bool):
                text = f"{code(left)} {'==' if isinstance(sign, ast.Is) else '!='} {code(right)}"
                yield from spot.replace(node, text, 0.9)
        case ast.BinOp(
            left=ast.List(elts=[ast.BinOp(op=ast.Mult(), left=ast.List()) | ast.List() as row]),
            op=ast.Mult(),
            right=count,
        ):
            text = f"[{code(row)} for _ in range({code(count)})]"
            yield from spot.replace(node, text, 0.93)
        case ast.Constant(value=str() as text) if "{" in text and not _is_formatted(spot, node):
            names = {*spot.scope.names}
            if all(field in names for field in _FIELD.findall(text)) and _FIELD.search(text):
                yield from spot.replace(node, f"f{code(node)}", 0.9, "make it an f-string")
        case ast.Lambda(args=arguments) if not arguments.args:
            for loop in (a for a in spot.tree.ancestors(node) if isinstance(a, (ast.For, ast.ListComp))):
                target = loop.target if isinstance(loop, ast.For) else loop.generators[0].target
                if isinstance(target, ast.Name):
                    text = f"lambda {target.id}={target.id}: {code(node.body)}"
                    yield from spot.replace(node, text, 0.85)
        case _:
            return


def _is_formatted(spot: Spot, node: ast.Constant) -> bool:
    parent = spot.tree.parents.get(node)
    return isinstance(parent, (ast.JoinedStr, ast.FormattedValue, ast.Attribute, ast.Expr))


IDIOMS: Final[tuple[Idiom, ...]] = (slips,)
