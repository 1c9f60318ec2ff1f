"""Attributes that are not there: slips of the pen, methods of other types, and nothing in the place of
something.

PAR (ICSE 2013), section 3: method replacer and null-pointer checker; TBar (ISSTA 2019), section 2: FP2
(insert null-pointer checker), FP10 (mutate method invocation); PyTER (ESEC/FSE 2022): the same for None.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from core.search.operators.lines import indent_of, line_span, stands_alone
from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble, first_working, near
from core.search.rules.modules import moves
from core.search.splice import FunctionNode, Splice

_NONE: Final = ("NoneType",)
_MISSING: Final = re.compile(r"(?:type object )?'(\w+)' object has no attribute '(\w+)'")
_OF_CLASS: Final = re.compile(r"type object '(\w+)' has no attribute '(\w+)'")
_EMPTY: Final = ("None", "[]", "{}", "0", "''", "False", "set()", "True", "1")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def missing_attribute(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """Another attribute of the same object, what it is called elsewhere, or a first value for it."""
    found = _MISSING.search(trouble.text) or _OF_CLASS.search(trouble.text)
    if trouble.kind != "AttributeError" or found is None or found[1] in _NONE:
        return
    kind, name = found[1], found[2]
    members = _members(kind, scene)
    moved = moves()["methods"].get(name, "")
    for spot in scene.spots(trouble):
        others = members or (*spot.scope.self_attributes, *_attributes_in(spot))
        for node in spot.nodes():
            if not isinstance(node, ast.Attribute) or node.attr != name:
                continue
            receiver = spot.code(node.value)
            if moved and not moved.startswith("__") and (not members or moved in members):
                yield from spot.replace(node, f"{receiver}.{moved}", 0.97)
            for rank, other in enumerate(near(name, others)):
                yield from spot.replace(node, f"{receiver}.{other}", 0.96 / (1 + 0.15 * rank))
            yield from _as_function(spot, node, receiver)
            yield from spot.replace(node, receiver, 0.5)
            for rank, other in enumerate(spot.scope.attributes.get(receiver, ())):
                if other != name:
                    yield from spot.replace(node, f"{receiver}.{other}", 0.5 / (1 + 0.2 * rank))
            for rank, other in enumerate(n for n in spot.scope.names if n != receiver):
                yield from spot.replace(node, f"{other}.{name}", 0.55 / (1 + 0.2 * rank))
    yield from _first_values(kind, name, scene)


def missing_because_of_nothing(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``None`` where an object was meant: leave early, do without, or let the callee return it."""
    found = _MISSING.search(trouble.text)
    if trouble.kind != "AttributeError" or found is None or found[1] not in _NONE:
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            if isinstance(node, ast.Attribute) and node.attr == found[2]:
                yield from guards(spot, node.value)
                yield from _returning_callee(spot, node.value, scene)


def guards(spot: Spot, value: ast.expr) -> Iterator[Rewrite]:
    """Ways around a statement in which ``value`` must not be ``None``."""
    code, whole = spot.code(value), spot.statement
    if isinstance(value, (ast.Call, ast.Await)) or "\n" in code:
        return
    in_loop = _in_loop(spot)
    for rank, ending in enumerate(leavings(spot, in_loop=in_loop)):
        yield from spot.before(
            f"if {code} is None:\n    {ending}", 0.85 / (1 + 0.1 * rank), f"{ending} if {code} is None"
        )
    if isinstance(whole, (ast.Expr, ast.Assign, ast.AugAssign)):
        text = spot.code(whole)
        if "\n" not in text:
            title = f"only if {code} is not None"
            yield from spot.rewrite(f"if {code} is not None:\n    {text}", 0.8, title)
    if isinstance(whole, (ast.If, ast.While)) and not isinstance(whole.test, ast.Constant):
        test = spot.code(whole.test)
        joined = f"({test})" if isinstance(whole.test, (ast.BoolOp, ast.IfExp)) else test
        yield from spot.replace(whole.test, f"{code} is not None and {joined}", 0.9)
        yield from spot.replace(whole.test, f"{code} is None or {joined}", 0.85)
    if isinstance(whole, (ast.Assign, ast.Return)) and whole.value is not None:
        inner = spot.code(whole.value)
        for rank, empty in enumerate(("None", "0", "''", "[]", "False")):
            text = f"{inner} if {code} is not None else {empty}"
            yield from spot.replace(whole.value, text, 0.75 / (1 + 0.15 * rank))


def leavings(spot: Spot, *, in_loop: bool) -> list[str]:
    """Ways to leave a statement early, the likeliest first."""
    function = spot.function
    endings = ["continue", "break"] if in_loop else []
    if function is None:
        return endings
    returned = [r for r in spot.scope.returned if len(r) <= 12 and r.isidentifier()]
    constants = [r for r in spot.scope.returned if r in _EMPTY]
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
        return [*endings, "return"]
    values = dict.fromkeys((*constants, *returned, *_EMPTY[:6]))
    plain = ["return"] if not spot.scope.returned else []
    return [*endings, *plain, *(f"return {value}" for value in values)]


def _in_loop(spot: Spot) -> bool:
    for ancestor in spot.tree.ancestors(spot.statement):
        if isinstance(ancestor, (ast.For, ast.While, ast.AsyncFor)):
            return True
        if isinstance(ancestor, (*_FUNCTIONS, ast.ClassDef)):
            return False
    return False


def returning(spot: Spot, function: FunctionNode, weight: float) -> Iterator[Rewrite]:
    """Let a function that ends without a value return what it has worked out last."""
    own = Spot(spot.path, function, spot.scene, spot.share)
    last = function.body[-1]
    inner = Spot(spot.path, last, spot.scene, spot.share)
    if isinstance(last, ast.Expr) and not isinstance(
        last.value, (ast.Yield, ast.YieldFrom, ast.Constant)
    ):
        code = own.code(last.value)
        yield from inner.rewrite(f"return {code}", weight, f"return {code}")
    if isinstance(last, (ast.Return, ast.Raise)):
        return
    assigned: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned.insert(0, node.id)
    values = [*dict.fromkeys(assigned), *([own.scope.self_name] if own.scope.self_name else [])]
    for rank, value in enumerate([*values[:5], *own.scope.parameters[:2], "True", "False"]):
        if value:
            yield from _at_the_end(own, last, f"return {value}", weight / (1 + 0.1 * rank))


def _at_the_end(spot: Spot, last: ast.stmt, text: str, weight: float) -> Iterator[Rewrite]:
    tree = spot.tree
    if not stands_alone(tree, last):
        return
    end = line_span(tree, last)[1]
    newline = "" if tree.text[end - 1 : end] == "\n" else "\n"
    line = f"{newline}{indent_of(tree, last)}{text}\n"
    yield spot.splice(
        last.end_lineno or last.lineno, f"{text} at the end", (Splice(end, end, line),), weight
    )


def _returning_callee(spot: Spot, value: ast.expr, scene: Scene) -> Iterator[Rewrite]:
    """The function whose ``None`` it was."""
    call = value
    if isinstance(value, ast.Name):
        function = spot.function
        assigned = [
            n.value
            for n in ast.walk(function or spot.tree.tree)
            if isinstance(n, ast.Assign) and any(spot.code(t) == value.id for t in n.targets)
        ]
        call = assigned[-1] if assigned else value
    if not isinstance(call, ast.Call):
        return
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for path, function in scene.definitions(name):
        yield from returning(Spot(path, function, scene, 1.0), function, 0.9)


def _members(kind: str, scene: Scene) -> tuple[str, ...]:
    """What an object of a class has; empty where the class is not known."""
    found: dict[str, None] = {}
    names, seen = [kind], set()
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        for _, owner in scene.classes(name):
            for node in ast.walk(owner):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    own = getattr(node.value, "id", "") in ("self", "cls")
                    found.update({node.attr: None} if own else {})
            for statement in owner.body:
                if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                    found[statement.name] = None
                for target in getattr(statement, "targets", [getattr(statement, "target", None)]):
                    if isinstance(target, ast.Name):
                        found[target.id] = None
            names += [getattr(base, "id", getattr(base, "attr", "")) for base in owner.bases]
    builtin = getattr(builtins, kind, None)
    if not found and isinstance(builtin, type):
        return tuple(dir(builtin))
    return tuple(found)


def _attributes_in(spot: Spot) -> tuple[str, ...]:
    nodes = ast.walk(spot.tree.tree)
    return tuple(dict.fromkeys(n.attr for n in nodes if isinstance(n, ast.Attribute)))


def _as_function(spot: Spot, node: ast.Attribute, receiver: str) -> Iterator[Rewrite]:
    """``x.length`` and ``x.size()`` to ``len(x)``, ``x.contains(y)`` to ``y in x``."""
    parent = spot.tree.parents.get(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    whole: ast.expr = call or node
    if node.attr in ("length", "size", "count", "len"):
        yield from spot.replace(whole, f"len({receiver})", 0.97)
    if call is not None and len(call.args) == 1:
        argument = spot.code(call.args[0])
        if moves()["methods"].get(node.attr) == "__contains__":
            yield from spot.replace(call, f"{argument} in {receiver}", 0.97)
        if node.attr == "push" or node.attr == "append":
            yield from spot.replace(call, f"{receiver}.add({argument})", 0.8)
        if isinstance(getattr(builtins, node.attr, None), type) or callable(
            getattr(builtins, node.attr, None)
        ):
            yield from spot.replace(call, f"{node.attr}({receiver}, {argument})", 0.6)
    if call is not None and not call.args and callable(getattr(builtins, node.attr, None)):
        yield from spot.replace(call, f"{node.attr}({receiver})", 0.9)
    if call is not None:
        for wrapper in ("list", "str", "dict", "set"):
            if hasattr(getattr(builtins, wrapper), node.attr):
                arguments = ", ".join(spot.code(a) for a in call.args)
                yield from spot.replace(call, f"{wrapper}({receiver}).{node.attr}({arguments})", 0.6)


def _first_values(kind: str, name: str, scene: Scene) -> Iterator[Rewrite]:
    """Set the attribute where an object begins."""
    for path, owner in scene.classes(kind):
        for statement in owner.body:
            if not isinstance(statement, _FUNCTIONS) or statement.name != "__init__":
                continue
            spot = Spot(path, statement, scene, 1.0)
            first, scope = first_working(statement), spot.scope
            own = [p for p in scope.parameters if p.strip("_") == name.strip("_")]
            for rank, value in enumerate((*own, *_EMPTY)):
                yield from spot.insert_before(
                    first, f"{scope.self_name}.{name} = {value}", 0.8 / (1 + 0.1 * rank)
                )


RULES: Final[tuple[Rule, ...]] = (missing_attribute, missing_because_of_nothing)
