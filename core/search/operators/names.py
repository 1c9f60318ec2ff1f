"""Other names, other attributes, expressions seen elsewhere in the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from core.search.operators.base import Mutation, Site

_DECAY = 0.12
_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "bool": ("int", "str"),
    "int": ("float", "bool", "str"),
    "float": ("int", "str"),
    "str": ("bytes", "int"),
    "bytes": ("str", "bytearray"),
    "list": ("tuple", "set", "dict"),
    "tuple": ("list", "set"),
    "set": ("frozenset", "list"),
    "dict": ("list", "set"),
}
REUSED = 24
"""Expressions of the function that are offered for one place."""


def swap_type(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Another built-in type, of those that are taken for each other, where one is handed over or
    compared; what is called has an operator of its own. TBar (ISSTA 2019), section 2: FP7."""
    if not isinstance(node, ast.Name) or node.id not in _TYPES or node.id in site.scope.names:
        return
    parent = site.parent(node)
    if (isinstance(parent, ast.Call) and parent.func is node) or isinstance(parent, ast.Attribute):
        return
    for rank, other in enumerate(_TYPES[node.id]):
        yield site.replace("type", node, other, plausibility=1 / (1 + 0.2 * rank))


def swap_variable(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Another name in scope, those that are used alike first."""
    if not isinstance(node, ast.Name) or isinstance(node.ctx, ast.Del):
        return
    scope = site.scope
    parent = site.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node and node.id not in scope.names:
        return
    if node.id not in scope.names:
        return
    stored = isinstance(node.ctx, ast.Store)
    others = [n for n in scope.names if n not in (node.id, scope.self_name)]
    others.sort(key=lambda n: (n not in scope.unused, -scope.likeness(node.id, n)))
    for rank, other in enumerate(others[:REUSED]):
        likeness = 1.0 if other in scope.unused else scope.likeness(node.id, other)
        plausibility = likeness / (1 + _DECAY * rank) * (0.35 if stored else 1.0)
        yield site.replace("variable", node, other, plausibility=plausibility)


def swap_attribute(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x.a`` to ``x.b`` and to ``x``; ``x`` to ``x.a``."""
    scope = site.scope
    if isinstance(node, ast.Attribute):
        receiver = site.code(node.value)
        own = scope.attributes.get(receiver, ())
        known = dict.fromkeys((*own, *(scope.self_attributes if receiver == "self" else ())))
        for others in scope.attributes.values():
            known.update(dict.fromkeys(others))
        callees = scope.methods
        is_callee = (
            _is_method_call(site.parent(node)) and getattr(site.parent(node), "func", None) is node
        )
        choices = [a for a in known if a != node.attr and (a in callees) == is_callee]
        for rank, attribute in enumerate(choices):
            near = 1.0 if attribute in own else 0.7
            yield site.replace(
                "attribute", node, f"{receiver}.{attribute}", plausibility=near / (1 + _DECAY * rank)
            )
        if isinstance(node.ctx, ast.Load) and not is_callee:
            yield site.replace("attribute", node, receiver, plausibility=0.7)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != scope.self_name:
        parent = site.parent(node)
        if isinstance(parent, ast.Attribute):
            return
        called = scope.methods
        own = tuple(a for a in scope.attributes.get(node.id, ()) if a not in called)
        for rank, attribute in enumerate(own):
            plausibility = 0.7 / (1 + _DECAY * rank)
            yield site.replace("attribute", node, f"{node.id}.{attribute}", plausibility=plausibility)


def add_self(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``name`` to ``self.name`` in a method whose class knows that attribute."""
    scope = site.scope
    if not scope.self_name or not isinstance(node, ast.Name) or node.id == scope.self_name:
        return
    if node.id in scope.self_attributes:
        local = node.id in scope.names
        yield site.replace(
            "missing_self", node, f"{scope.self_name}.{node.id}", plausibility=0.6 if local else 1.0
        )


def reuse_expression(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """A small expression from elsewhere in the function: the fix is often there already (Barr et al.,
    "The plastic surgery hypothesis", FSE 2014)."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        return
    if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        return
    parent = site.parent(node)
    if isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    code = site.code(node)
    rank = 0
    for text in site.scope.expressions[:REUSED]:
        if text == code:
            continue
        rank += 1
        shares = code in text or text in code
        yield site.replace("reuse", node, text, plausibility=(1.0 if shares else 0.7) / (1 + 0.08 * rank))
    if not isinstance(node, ast.Name):
        names = [n for n in site.scope.names if n != site.scope.self_name]
        for rank, name in enumerate(names):
            yield site.replace("reuse", node, name, plausibility=0.9 / (1 + 0.1 * rank))


def _is_method_call(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
