"""Calls: arguments, callees, calls taken off and put around."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.wording import shown
from core.search.splice import Splice

_SIBLINGS: Final = (
    ("any", "all"),
    ("min", "max"),
    ("append", "extend", "insert"),
    ("append", "appendleft"),
    ("pop", "popleft"),
    ("add", "update", "discard", "remove"),
    ("startswith", "endswith"),
    ("find", "rfind", "index", "rindex"),
    ("lstrip", "rstrip", "strip"),
    ("split", "rsplit", "splitlines", "partition", "rpartition"),
    ("lower", "upper", "title", "capitalize", "casefold"),
    ("keys", "values", "items"),
    ("floor", "ceil", "round", "trunc"),
    ("isdigit", "isalpha", "isalnum", "isspace"),
    ("union", "intersection", "difference", "symmetric_difference"),
    ("sorted", "reversed", "list"),
    ("int", "round", "float"),
    ("search", "match", "fullmatch"),
    ("bisect_left", "bisect_right"),
    ("permutations", "combinations", "product"),
)
_METHODS: Final = ("strip", "lower", "copy", "upper", "items", "values", "keys", "rstrip")
_WRAPPERS: Final = (
    "list",
    "sorted",
    "len",
    "int",
    "set",
    "abs",
    "str",
    "reversed",
    "sum",
    "tuple",
    "bool",
)


def swap_arguments(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Two positional arguments change places."""
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return
    for first, second in combinations(node.args, 2):
        (a, b), (c, d) = site.tree.span(first), site.tree.span(second)
        one, other = site.tree.text[a:b], site.tree.text[c:d]
        if one != other and not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
            callee = shown(site.code(node.func))
            title = f"swap the arguments {shown(one)} and {shown(other)} of {callee}(…)"
            own = isinstance(node.func, ast.Name) and node.func.id in site.scope.functions
            splices = (Splice(a, b, other), Splice(c, d, one))
            yield site.splice("argument_swap", node.lineno, title, splices, 1.0 if own else 0.85)


def unwrap_call(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``f(x)`` to ``x``; ``x.f()`` to ``x``."""
    if not isinstance(node, ast.Call) or isinstance(site.parent(node), ast.Expr):
        return
    title = f"take {shown(site.code(node.func))}(…) off "
    for argument in node.args[:3]:
        if not isinstance(argument, ast.Starred):
            code = site.code(argument)
            plausibility = 1.0 if len(node.args) == 1 else 0.5
            yield site.replace("unwrap", node, code, title + shown(code), plausibility)
    if isinstance(node.func, ast.Attribute):
        code = site.code(node.func.value)
        yield site.replace("unwrap", node, code, title + shown(code), 0.5)


def wrap_in_call(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x`` to ``f(x)`` with functions that are called nearby, then with common ones."""
    if isinstance(node, (ast.Constant, ast.Starred, ast.Slice)) or isinstance(
        getattr(node, "ctx", None), (ast.Store, ast.Del)
    ):
        return
    parent = site.parent(node)
    if isinstance(parent, (ast.Expr, ast.Attribute)) or (
        isinstance(parent, ast.Call) and parent.func is node
    ):
        return
    code = site.code(node)
    if "\n" in code or len(code) > 60:
        return
    here, elsewhere = site.scope.unary_functions, site.scope.unary_definitions
    near = list(dict.fromkeys((*here, *_WRAPPERS, *elsewhere)))
    for rank, function in enumerate(near):
        if code.startswith(f"{function}(") or (
            isinstance(parent, ast.Call) and site.code(parent.func) == function
        ):
            continue
        known = 1.0 if function in here else 0.6 if function in _WRAPPERS else 0.5
        title = f"put {function}(…) around {shown(code)}"
        yield site.replace("wrap", node, f"{function}({code})", title, known / (1 + 0.08 * rank))


def add_method_call(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x`` to ``x.strip()``: methods that the file calls without arguments, then common ones."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    parent = site.parent(node)
    if isinstance(parent, (ast.Attribute, ast.Expr)) or (
        isinstance(parent, ast.Call) and parent.func is node
    ):
        return
    code = site.code(node)
    if "\n" in code or len(code) > 60 or code == site.scope.self_name:
        return
    used = [name for name in site.scope.donors.methods if not name.startswith("__")][:8]
    for rank, name in enumerate(dict.fromkeys((*used, *_METHODS))):
        if not code.endswith(f".{name}()"):
            title = f"add .{name}() to {shown(code)}"
            yield site.replace("method", node, f"{code}.{name}()", title, 1 / (1 + 0.1 * rank))


def swap_in_a_chain(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``x.replace(a).replace(b)`` in the other order."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr=outer, value=ast.Call(func=ast.Attribute(attr=inner)) as first)
        ) if inner == outer and node.args and first.args:
            a = (site.tree.span(first.args[0])[0], site.tree.span(first.args[-1])[1])
            b = (site.tree.span(node.args[0])[0], site.tree.span(node.args[-1])[1])
            one, other = site.tree.text[slice(*a)], site.tree.text[slice(*b)]
            title = f"swap the calls {inner}({shown(one)}) and {inner}({shown(other)})"
            splices = (Splice(*a, other), Splice(*b, one))
            yield site.splice("argument_swap", node.lineno, title, splices, 0.7)
        case _:
            return


def change_callee(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """A sibling function or method; another function of this module."""
    if not isinstance(node, ast.Call):
        return
    function = node.func
    name = (
        function.id
        if isinstance(function, ast.Name)
        else function.attr
        if isinstance(function, ast.Attribute)
        else ""
    )
    if not name:
        return
    start, end = site.tree.span(function)
    spot = end - len(name)
    for group in _SIBLINGS:
        if name in group:
            for other in group:
                if other != name:
                    yield _renamed(
                        site, node, Splice(spot, end, other), name, other, 1.0 if len(group) == 2 else 0.8
                    )
    if isinstance(function, ast.Name):
        for rank, other in enumerate(f for f in site.scope.functions if f != name):
            yield _renamed(site, node, Splice(start, end, other), name, other, 0.7 / (1 + 0.1 * rank))
    elif name == "pop" and isinstance(function, ast.Attribute):
        receiver = site.code(function)
        yield site.replace(
            "callee", node, f"{receiver}(0)" if not node.args else f"{receiver}()", plausibility=0.8
        )
    if name in ("append", "add") and isinstance(function, ast.Attribute) and len(node.args) == 1:
        text = f"{site.code(function.value)}.insert(0, {site.code(node.args[0])})"
        yield site.replace("callee", node, text, plausibility=0.4)


def drop_argument(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """One argument less, one more from the names in scope."""
    if not isinstance(node, ast.Call):
        return
    parts = [site.code(a) for a in node.args] + [
        f"{k.arg}={site.code(k.value)}" if k.arg else f"**{site.code(k.value)}" for k in node.keywords
    ]
    if any("\n" in part for part in parts) or any(isinstance(a, ast.GeneratorExp) for a in node.args):
        return
    callee = site.code(node.func)
    for index, part in enumerate(parts):
        if len(parts) > 1:
            rest = ", ".join(parts[:index] + parts[index + 1 :])
            title = f"drop the argument {shown(part)} of {shown(callee)}(…)"
            yield site.replace("argument_drop", node, f"{callee}({rest})", title)
    if not node.keywords:
        for rank, name in enumerate(
            n for n in site.scope.names if n != site.scope.self_name and n not in parts
        ):
            text = f"{callee}({', '.join([*parts, name])})"
            title = f"pass {name} to {shown(callee)}(…) as well"
            forgotten = 1.0 if name in site.scope.unused else 0.6
            yield site.replace("argument_add", node, text, title, forgotten / (1 + 0.15 * rank))


def change_iterable(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """What a loop runs over: reversed, sorted, copied, enumerated, its first or last element left out."""
    parent = site.parent(node)
    if not isinstance(parent, (ast.For, ast.comprehension)) or parent.iter is not node:
        return
    code = site.code(node)
    ranged = code.startswith("range(")
    choices = [
        (f"reversed({code})", 0.9),
        (f"sorted({code})", 0.7 if not ranged else 0.1),
        (f"list({code})", 0.5),
    ]
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        choices += [(f"{code}[1:]", 0.8), (f"{code}[:-1]", 0.8), (f"range(len({code}))", 0.5)]
        choices += [(f"{code}.items()", 0.3), (f"{code}.values()", 0.3), (f"range({code})", 0.3)]
    if (
        isinstance(parent.target, ast.Tuple)
        and len(parent.target.elts) == 2
        and not code.startswith("enumerate(")
    ):
        choices.append((f"enumerate({code})", 0.8))
    for text, plausibility in choices:
        yield site.replace("loop", node, text, plausibility=plausibility)


def _renamed(
    site: Site, node: ast.expr, splice: Splice, old: str, new: str, plausibility: float
) -> Mutation:
    return site.splice("callee", node.lineno, f"call {new} instead of {old}", (splice,), plausibility)
