"""Values of the wrong type: converted, unpacked, called, or replaced where they are nothing.

PyTER (ESEC/FSE 2022), section 4: type conversion and guarding templates at the place of a TypeError;
PAR (ICSE 2013), section 3: cast checker; TBar (ISSTA 2019), section 2: FP1 (insert cast checker), FP7
(mutate data type).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.attributes import guards
from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble

_EMPTY: Final = {"str": "''", "int": "0", "float": "0", "list": "[]", "dict": "{}", "tuple": "()"}
_BETWEEN: Final = re.compile(
    r"(?:unsupported operand type\(s\) for|not supported between instances of)"
    r".*?'([\w.]+)' and '([\w.]+)'"
)
_CONCATENATE: Final = re.compile(r"can only concatenate (\w+) \(not \"([\w.]+)\"\) to (\w+)")
_INDICES: Final = re.compile(r"(?:list|tuple|string|range object) ind(?:ices|ex) must be integers")
_NOT_SO: Final = re.compile(
    r"(?:'([\w.]+)' object is not (iterable|subscriptable|callable|an iterator)"
    r"|argument of type '([\w.]+)' is not (?:iterable|a container)"
    r"|cannot unpack non-iterable ([\w.]+) object"
    r"|'([\w.]+)' object does not support item (?:assignment|deletion))"
)
_UNHASHABLE: Final = re.compile(r"unhashable type: '(\w+)'")
_LENGTH: Final = re.compile(r"object of type '(\w+)' has no len\(\)")
_ITEM: Final = re.compile(
    r"sequence item \d+: expected (?:str|a bytes-like) .*?(?:instance, )?(\w+) found"
)
_INTEGER: Final = re.compile(r"'(\w+)' object cannot be interpreted as an integer")
_TEXT: Final = re.compile(
    r"expected (?:string or bytes-like object|str)|a bytes-like object is required"
    r"|must be (?:str|a string)"
)
_HASHABLE: Final = {
    "list": "tuple({})",
    "set": "frozenset({})",
    "dict": "tuple({}.items())",
    "bytearray": "bytes({})",
}


def wrong_operands(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``'a' + 1``, ``None + 1``, ``'3' < 4``: convert one side, or stand in for nothing."""
    between = _BETWEEN.search(trouble.text)
    joined = _CONCATENATE.search(trouble.text)
    if trouble.kind != "TypeError" or not (between or joined):
        return
    left, right = (between[1], between[2]) if between else (joined[1], joined[2]) if joined else ("", "")
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            match node:
                case ast.BinOp(left=one, right=other):
                    pass
                case ast.Compare(left=one, comparators=[other]):
                    pass
                case _:
                    continue
            yield from _converted(spot, other, right, left, 0.95)
            yield from _converted(spot, one, left, right, 0.9)
            if "NoneType" in (left, right):
                yield from guards(spot, one if left == "NoneType" else other)
        if isinstance(spot.statement, ast.AugAssign):
            yield from _converted(spot, spot.statement.value, right, left, 0.95)
            target = spot.code(spot.statement.target)
            empty = _EMPTY.get(right)
            if left == "NoneType" and empty:
                yield from spot.before(f"if {target} is None:\n    {target} = {empty}", 0.9)
        for call in (n for n in spot.nodes() if isinstance(n, ast.Call)):
            name = getattr(call.func, "id", "")
            if name == "sum" and len(call.args) == 1 and left == "int":
                yield from spot.replace(
                    call, f"sum({spot.code(call.args[0])}, {_EMPTY.get(right, '[]')})", 0.8
                )
            if name in ("sorted", "min", "max") and not call.keywords:
                arguments = ", ".join(spot.code(a) for a in call.args)
                yield from spot.replace(call, f"{name}({arguments}, key=str)", 0.6)


def wrong_index(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """An index that is no integer, a number that is no whole one."""
    found = _INDICES.search(trouble.text) or _INTEGER.search(trouble.text)
    if trouble.kind != "TypeError" or found is None:
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                text = f"{spot.code(node.left)} // {spot.code(node.right)}"
                yield from spot.replace(node, text, 0.97)
            places = [node.slice] if isinstance(node, ast.Subscript) else []
            if isinstance(node, ast.Call):
                places += node.args
            for place in places:
                if not isinstance(place, (ast.Slice, ast.Starred, ast.Constant)):
                    yield from spot.replace(place, f"int({spot.code(place)})", 0.9)
                    yield from spot.replace(place, f"len({spot.code(place)})", 0.7)
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
                parts = "".join(f"[{spot.code(e)}]" for e in node.slice.elts)
                yield from spot.replace(node, f"{spot.code(node.value)}{parts}", 0.95)
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                yield from spot.replace(node, f"{spot.code(node.value)}[0][{spot.code(node.slice)}]", 0.6)
        if isinstance(spot.statement, ast.For):
            code = spot.code(spot.statement.iter)
            yield from spot.replace(spot.statement.iter, f"range(len({code}))", 0.8)
        for loop in _loops_around(spot):
            code = Spot(spot.path, loop, scene, 1.0).code(loop.iter)
            inner = Spot(spot.path, loop, scene, spot.share)
            yield from inner.replace(loop.iter, f"range(len({code}))", 0.8)
        yield from _floored(spot)


def not_so(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``None`` or a method in the place of a collection; a collection in the place of a function."""
    found = _NOT_SO.search(trouble.text) if trouble.kind == "TypeError" else None
    if found is None:
        return
    kind = found[1] or found[3] or found[4] or found[5] or ""
    needed = found[2] or ("item" if found[5] else "iterable")
    for spot in scene.spots(trouble):
        for node in _used_so(spot, needed):
            code = spot.code(node)
            if kind == "NoneType":
                for rank, empty in enumerate(("[]", "{}", "''", "()")):
                    yield from spot.replace(node, f"({code} or {empty})", 0.9 / (1 + 0.15 * rank))
                yield from guards(spot, node)
            elif kind in ("method", "builtin_function_or_method", "function"):
                yield from spot.replace(node, f"{code}()", 0.97)
            elif needed == "callable":
                parent = spot.tree.parents.get(node)
                if isinstance(parent, ast.Call):
                    yield from spot.replace(parent, code, 0.95)
                    if len(parent.args) == 1:
                        index = spot.code(parent.args[0])
                        yield from spot.replace(parent, f"{code}[{index}]", 0.96)
                        yield from spot.replace(parent, f"{code} * ({index})", 0.6)
            else:
                forms = {"int": ("range({})", "[{}]", "str({})"), "float": ("[{}]", "str({})")}
                if needed == "item":
                    forms = {kind: ("list({})",)}
                for rank, form in enumerate(
                    forms.get(kind, ("list({})", "[{}]", "{}.items()", "vars({})"))
                ):
                    yield from spot.replace(node, form.format(code), 0.85 / (1 + 0.15 * rank))
                if needed == "an iterator":
                    yield from spot.replace(node, f"iter({code})", 0.97)


def unfit_argument(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """Unhashable keys, generators without a length, lists that are not of texts, bytes for text."""
    if trouble.kind != "TypeError":
        return
    text = trouble.text
    unhashable, length, item = _UNHASHABLE.search(text), _LENGTH.search(text), _ITEM.search(text)
    if not (unhashable or length or item or _TEXT.search(text)):
        return
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            code = spot.code(node)
            parent = spot.tree.parents.get(node)
            in_call = isinstance(parent, ast.Call) and node in parent.args
            if unhashable and _is_key(node, parent):
                yield from spot.replace(
                    node, _HASHABLE.get(unhashable[1], "tuple({})").format(code), 0.95
                )
            callee = getattr(getattr(parent, "func", None), "id", "") if in_call else ""
            if length and callee == "len":
                if length[1] == "NoneType":
                    yield from spot.replace(node, f"{code} or []", 0.9)
                    yield from guards(spot, node)
                yield from spot.replace(node, f"list({code})", 0.95)
                yield from spot.replace(node, f"str({code})", 0.9 if length[1] == "int" else 0.6)
            method = getattr(getattr(parent, "func", None), "attr", "") if in_call else ""
            if item and method == "join":
                yield from spot.replace(node, f"map(str, {code})", 0.97)
            if _TEXT.search(text) and in_call and not isinstance(node, ast.Starred):
                wanted = ("{}.encode()", "{}.decode()") if "bytes" in text else ("{}.decode()", "str({})")
                for rank, form in enumerate((*wanted, "str({})", "{} or ''")):
                    yield from spot.replace(node, form.format(code), 0.85 / (1 + 0.15 * rank))


def changed_while_looped(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``dictionary changed size during iteration``: loop over a copy."""
    if trouble.kind != "RuntimeError" or "during iteration" not in trouble.text:
        return
    for spot in scene.spots(trouble):
        if isinstance(spot.statement, ast.For):
            yield from spot.replace(spot.statement.iter, f"list({spot.code(spot.statement.iter)})", 0.98)


def _converted(spot: Spot, node: ast.expr, kind: str, wanted: str, weight: float) -> Iterator[Rewrite]:
    """``node``, which is of ``kind``, as something that fits ``wanted``."""
    code = spot.code(node)
    if kind == "NoneType":
        if wanted in _EMPTY:
            yield from spot.replace(node, f"({code} or {_EMPTY[wanted]})", weight)
        return
    if wanted in ("int", "float", "str", "list", "tuple", "set", "bytes"):
        if wanted == "list" and kind in ("str", "int", "float", "dict"):
            yield from spot.replace(node, f"[{code}]", weight)
        if wanted == "bytes" and kind == "str":
            yield from spot.replace(node, f"{code}.encode()", weight)
        elif wanted == "str" and kind == "bytes":
            yield from spot.replace(node, f"{code}.decode()", weight)
        elif not isinstance(node, ast.Constant) or wanted == "str":
            yield from spot.replace(node, f"{wanted}({code})", weight - 0.02)
    if kind in ("method", "builtin_function_or_method", "function"):
        yield from spot.replace(node, f"{code}()", weight + 0.02)
    if kind in ("list", "tuple", "str", "dict", "set") and wanted in ("int", "float"):
        yield from spot.replace(node, f"len({code})", weight)
        yield from spot.replace(node, f"{code}[0]", weight - 0.3)


def _used_so(spot: Spot, needed: str) -> Iterator[ast.expr]:
    """The expressions that a statement indexes, calls or goes through."""
    statement = spot.statement
    if needed == "iterable" and isinstance(statement, (ast.For, ast.AsyncFor)):
        yield statement.iter
    is_unpacked = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple)
    if needed == "iterable" and isinstance(statement, ast.Assign) and is_unpacked:
        yield statement.value
    targets: list[ast.AST] = [*spot.nodes()]
    for node in targets:
        match node:
            case ast.Subscript(value=value) if needed in ("subscriptable", "item"):
                yield value
            case ast.Call(func=function) if needed == "callable":
                yield function
            case ast.Call(args=[argument, *_]) if needed in ("iterable", "an iterator"):
                yield argument
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if needed == "iterable":
                yield right
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                if needed == "iterable":
                    yield from (generator.iter for generator in node.generators)
            case ast.Starred(value=value) if needed == "iterable":
                yield value
            case _:
                pass


def _is_key(node: ast.expr, parent: ast.AST | None) -> bool:
    match parent:
        case ast.Subscript(slice=index):
            return index is node
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()]):
            return left is node
        case ast.Call(func=ast.Attribute(attr="add" | "get" | "setdefault" | "pop")):
            return bool(parent.args) and parent.args[0] is node
        case ast.Dict(keys=keys):
            return node in keys
        case ast.Set(elts=elements):
            return node in elements
        case ast.Call(func=ast.Name(id="set" | "frozenset" | "Counter")):
            return False
        case ast.SetComp(elt=element):
            return element is node
        case _:
            return False


def _loops_around(spot: Spot) -> Iterator[ast.For]:
    for ancestor in spot.tree.ancestors(spot.statement):
        if isinstance(ancestor, ast.For):
            yield ancestor


def _floored(spot: Spot) -> Iterator[Rewrite]:
    """Divisions earlier in the function whose result is used as a whole number."""
    function = spot.function
    if function is None:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            text = f"{spot.code(node.left)} // {spot.code(node.right)}"
            yield from spot.replace(node, text, 0.85)


RULES: Final[tuple[Rule, ...]] = (
    wrong_operands,
    wrong_index,
    not_so,
    unfit_argument,
    changed_while_looped,
)
