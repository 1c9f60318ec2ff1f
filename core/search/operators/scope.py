"""What a mutation inside one function may draw on: names in scope, and expressions seen nearby.

Kinds of names are guessed from use only (indexed, iterated, counted, called); they order choices and
never rule one out.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from core.search.operators.donors import DonorFinder, Donors
from core.search.splice import FunctionNode, SourceTree

_ADDERS: Final = ("append", "appendleft", "extend", "insert", "add", "update")
_REMOVERS: Final = ("pop", "popleft", "remove", "discard")
_COLLECTION_METHODS: Final = frozenset(
    (*_ADDERS, *_REMOVERS, "keys", "values", "items", "sort", "index"),
)
_COLLECTION_MAKERS: Final = frozenset(
    ("list", "dict", "set", "tuple", "sorted", "deque", "defaultdict", "Counter", "OrderedDict"),
)
_NEAR: Final = 12
"""How many functions of the file are offered in place of one that is called."""
_BUILTINS: Final = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Scope:
    """Source texts, each tuple without repeats, in the order of first appearance."""

    parameters: tuple[str, ...]
    names: tuple[str, ...]
    """Parameters and local variables, then those of enclosing functions, then functions defined here."""
    kinds: dict[str, frozenset[str]]
    attributes: dict[str, tuple[str, ...]]
    """Attribute names by the text of their receiver."""
    conditions: tuple[str, ...]
    unary_functions: tuple[str, ...]
    """Functions that are called with one argument here."""
    unary_definitions: tuple[str, ...]
    """Functions of the file with one parameter that are not called here."""
    functions: tuple[str, ...]
    """Functions of the file, methods left out, the nearest first; a bounded number."""
    expressions: tuple[str, ...]
    """Small attribute, subscript and call expressions."""
    returned: tuple[str, ...]
    methods: frozenset[str]
    """Attributes that are called somewhere in the file."""
    self_name: str
    """The first parameter of a method, else empty."""
    self_attributes: tuple[str, ...]
    unused: frozenset[str]
    """Names that the function binds and never reads: what is wrong is often that they were forgotten."""
    donors: Donors

    def likeness(self, first: str, second: str) -> float:
        """1 where two names are used alike, less where nothing is known or they are used unlike."""
        a, b = self.kinds.get(first, frozenset()), self.kinds.get(second, frozenset())
        if not a or not b:
            return 0.75
        return 1.0 if a & b else 0.4


class ScopeFinder:
    """The scopes of one file, each found once."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._scopes: dict[FunctionNode | None, Scope] = {}
        nodes = list(ast.walk(tree.tree))
        self._definitions = [n for n in nodes if isinstance(n, _FUNCTIONS) and not _is_method(tree, n)]
        self._donating = DonorFinder(tree, nodes)
        called = [n.func for n in nodes if isinstance(n, ast.Call)]
        self._methods = frozenset(f.attr for f in called if isinstance(f, ast.Attribute))

    def of(self, function: FunctionNode | None) -> Scope:
        """Look around in ``function`` (``None``: in the module's own statements)."""
        if function not in self._scopes:
            self._scopes[function] = self._find(function)
        return self._scopes[function]

    def _find(self, function: FunctionNode | None) -> Scope:
        tree = self._tree
        enclosing = [a for a in tree.ancestors(function) if isinstance(a, _FUNCTIONS)] if function else []
        inside = list(ast.walk(function)) if function else _module_nodes(tree)
        parameters = _parameters(function)
        names = list(dict.fromkeys([*parameters, *_bound(inside)]))
        for outer in enclosing:
            names += [n for n in (*_parameters(outer), *_bound(list(ast.walk(outer)))) if n not in names]
        near = _nearest(self._definitions, function)
        functions = tuple(dict.fromkeys(n.name for n in near))
        unary = [
            tree.code(n.func)
            for n in inside
            if isinstance(n, ast.Call) and len(n.args) == 1 and not n.keywords
        ]
        called = _unique([u for u in unary if u.replace(".", "").isidentifier()])
        defined = _unique([n.name for n in near if len(n.args.args) == 1 and n.name not in called])
        owner = tree.parents.get(function) if function and _is_method(tree, function) else None
        self_name = parameters[0] if owner is not None and parameters else ""
        attributes: dict[str, list[str]] = defaultdict(list)
        for node in inside:
            if isinstance(node, ast.Attribute) and len(receiver := tree.code(node.value)) < 40:
                attributes[receiver].append(node.attr)
        return Scope(
            parameters=tuple(parameters),
            names=tuple(n for n in names if n not in functions and n != "_"),
            kinds=_kinds(inside),
            attributes={key: _unique(values) for key, values in attributes.items()},
            conditions=_unique(_conditions(tree, inside)),
            unary_functions=called,
            unary_definitions=defined,
            functions=functions,
            expressions=_unique(_expressions(tree, inside)),
            returned=_unique(
                [tree.code(n.value) for n in inside if isinstance(n, ast.Return) and n.value]
            ),
            methods=self._methods,
            self_name=self_name,
            self_attributes=_unique(_self_attributes(owner)) if owner else (),
            unused=_unused(names, inside),
            donors=self._donating.for_function(function, frozenset(names)),
        )


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _nearest(definitions: list[FunctionNode], function: FunctionNode | None) -> list[FunctionNode]:
    """The functions written closest to this one, itself included."""
    line = function.lineno if function else 1
    return sorted(definitions, key=lambda n: abs(n.lineno - line))[:_NEAR]


def _unused(names: list[str], inside: list[ast.AST]) -> frozenset[str]:
    read = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return frozenset(n for n in names if n not in read and n not in ("_", "self", "cls"))


def _unique(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _is_method(tree: SourceTree, function: FunctionNode) -> bool:
    return isinstance(tree.parents.get(function), ast.ClassDef)


def _module_nodes(tree: SourceTree) -> list[ast.AST]:
    own = [s for s in tree.tree.body if not isinstance(s, (*_FUNCTIONS, ast.ClassDef))]
    return [node for statement in own for node in ast.walk(statement)]


def _parameters(function: FunctionNode | None) -> list[str]:
    if function is None:
        return []
    a = function.args
    every = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs]
    return [argument.arg for argument in (*every, *([a.kwarg] if a.kwarg else []))]


def _bound(nodes: list[ast.AST]) -> list[str]:
    stores = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [n.id for n in sorted(stores, key=lambda n: (n.lineno, n.col_offset))]


def _conditions(tree: SourceTree, nodes: list[ast.AST]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
            found += [tree.code(p) for p in parts if not isinstance(p, ast.Constant)]
    return [text for text in found if len(text) <= 60 and "\n" not in text]


def _expressions(tree: SourceTree, nodes: list[ast.AST]) -> list[str]:
    kinds = (ast.Attribute, ast.Subscript, ast.Call, ast.BinOp)
    found = [
        n
        for n in nodes
        if isinstance(n, kinds) and not isinstance(getattr(n, "ctx", None), (ast.Store, ast.Del))
    ]
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    texts = [tree.code(n) for n in found if id(n) not in called]
    return [text for text in texts if len(text) <= 30 and "\n" not in text]


def _self_attributes(owner: ast.AST) -> list[str]:
    attributes = [node for node in ast.walk(owner) if isinstance(node, ast.Attribute)]
    found = [a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == "self"]
    found += [n.name for n in ast.iter_child_nodes(owner) if isinstance(n, _FUNCTIONS)]
    return found


def _kinds(nodes: list[ast.AST]) -> dict[str, frozenset[str]]:
    kinds: dict[str, set[str]] = defaultdict(set)

    def note(node: ast.AST | None, kind: str) -> None:
        if isinstance(node, ast.Name) and node.id not in _BUILTINS:
            kinds[node.id].add(kind)

    for node in nodes:
        match node:
            case ast.For(target=target, iter=iterable):
                _note_loop(target, iterable, note)
            case ast.comprehension(iter=iterable):
                note(iterable, "collection")
            case ast.Subscript(value=value, slice=index):
                note(value, "collection")
                for part in ast.walk(index):
                    note(part, "number")
            case ast.Call(func=ast.Name(id="len" | "enumerate" | "sorted" | "sum"), args=[argument]):
                note(argument, "collection")
            case ast.Call(func=ast.Name(id="range"), args=arguments):
                for argument in arguments:
                    note(argument, "number")
            case ast.Call(func=function):
                note(function, "callable")
            case ast.Attribute(value=value, attr=attr):
                note(value, "collection" if attr in _COLLECTION_METHODS else "object")
            case ast.Compare(left=left, comparators=[right]):
                if isinstance(node.ops[0], (ast.In, ast.NotIn)):
                    note(right, "collection")
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, ast.Constant) and isinstance(other.value, (int, float)):
                        note(one, "number")
            case ast.BinOp(left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, ast.Constant) and isinstance(other.value, (int, float)):
                        note(one, "number")
            case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
                note(target, _kind_of_value(value))
            case _:
                pass
    return {name: frozenset(found - {""}) for name, found in kinds.items()}


def _note_loop(target: ast.expr, iterable: ast.expr, note: object) -> None:
    assert callable(note)
    match iterable, target:
        case ast.Call(func=ast.Name(id="range")), _:
            note(target, "number")
        case ast.Call(func=ast.Name(id="enumerate")), ast.Tuple(elts=[index, *_]):
            note(index, "number")
        case _:
            note(iterable, "collection")


def _kind_of_value(value: ast.expr) -> str:
    match value:
        case (
            ast.List()
            | ast.Dict()
            | ast.Set()
            | ast.ListComp()
            | ast.DictComp()
            | ast.SetComp()
            | ast.Tuple()
        ):
            return "collection"
        case ast.Call(func=ast.Name(id=name)) if name in _COLLECTION_MAKERS:
            return "collection"
        case ast.Constant(value=bool()):
            return "flag"
        case ast.Constant(value=int() | float()) | ast.Call(func=ast.Name(id="len" | "int")):
            return "number"
        case ast.BinOp(op=ast.Sub() | ast.FloorDiv() | ast.Div() | ast.Pow()):
            return "number"
        case ast.BinOp(op=ast.Mult(), left=ast.List()):
            return "collection"
        case ast.Constant(value=str()):
            return "text"
        case _:
            return ""
