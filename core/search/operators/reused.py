"""Statements, guards and keywords from elsewhere in the file; see :mod:`core.search.operators.donors`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.donors import called_name
from core.search.operators.lines import block_of, indent_of, line_span, stands_alone
from core.search.operators.wording import shown
from core.search.splice import Splice, is_text, parse_quietly

DONORS: Final = 16
"""Statements of other functions that are offered for one place."""
_CHAIN: Final = re.compile(r"\w+(?:\.\w+)+")
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def insert_donor(site: Site) -> Iterator[Mutation]:
    """A statement of another function of the file, before this one or at the end of its block."""
    if not _can_be_preceded(site):
        return
    own = _texts_of(site)
    found = _alike_first(site, [text for text in site.scope.donors.statements if text not in own])
    for rank, text in enumerate(found, 1):
        yield _before(site, "donor", text, f"insert {shown(text)}", 1 / (1 + 0.08 * rank))
    block = block_of(site.tree, site.statement)
    ends = isinstance(site.statement, (ast.Return, ast.Raise, ast.Break, ast.Continue))
    if block and block[-1] is site.statement and not ends:
        place = line_span(site.tree, site.statement)[1]
        if site.tree.text[place - 1 : place] != "\n":
            return
        indent = indent_of(site.tree, site.statement)
        for rank, text in enumerate(found):
            splice = Splice(place, place, f"{indent}{text}\n")
            title = f"insert {shown(text)} after this line"
            yield site.splice("donor", site.statement.lineno, title, (splice,), 1 / (1 + 0.08 * rank))


def _alike_first(site: Site, texts: list[str]) -> list[str]:
    """A bounded number, those about the same attributes and variables as the statement first: what is
    done to a thing elsewhere is what may be missing here."""
    about = set(_CHAIN.findall(site.code(site.statement)))
    return sorted(texts, key=lambda text: not about & set(_CHAIN.findall(text)))[:DONORS]


def insert_guard(site: Site) -> Iterator[Mutation]:
    """Leave early before this statement: by a guard of the file, or where a value that it uses is
    nothing. TBar (ISSTA 2019), section 2, FP2 and FP3."""
    if not _can_be_preceded(site):
        return
    in_loop = _in_loop(site)
    for rank, (condition, way) in enumerate(site.scope.donors.guards):
        if way in ("break", "continue") and not in_loop:
            continue
        yield _guard(site, condition, way, 1 / (1 + 0.1 * rank))
    ways = ["continue", "break"] if in_loop else []
    ways += [f"return {value}" for value in site.scope.returned[:2] if len(value) <= 20]
    ways += ["return"] if not site.scope.returned else ["return None"]
    rank = 0
    for name in _used(site)[:3]:
        kinds = site.scope.kinds.get(name, frozenset())
        conditions = [f"{name} is None", f"not {name}"]
        if "number" in kinds:
            conditions = [f"{name} == 0", f"{name} < 0", f"{name} <= 0"]
        for condition in conditions:
            for way in dict.fromkeys(ways):
                rank += 1
                yield _guard(site, condition, way, 0.7 / (1 + 0.06 * rank))


def only_under_a_condition(site: Site) -> Iterator[Mutation]:
    """A simple statement under a condition of the file."""
    statement = site.statement
    if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)) or not _can_be_preceded(site):
        return
    text = site.code(statement)
    if "\n" in text or is_text(statement):
        return
    start, end = line_span(site.tree, statement)
    indent = indent_of(site.tree, statement)
    used = [f"{name} is not None" for name in _used(site)[:2]]
    for rank, condition in enumerate(dict.fromkeys((*site.scope.donors.conditions, *used))):
        lines = f"{indent}if {condition}:\n{indent}    {text}\n"
        title = f"only if {shown(condition)}"
        yield site.splice(
            "condition", statement.lineno, title, (Splice(start, end, lines),), 1 / (1 + 0.1 * rank)
        )


def pass_keyword(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """One argument more, by keyword: a parameter of the function that nobody passes here but something
    in scope is named after, or what other calls pass."""
    if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
        return
    if any(isinstance(a, (ast.Starred, ast.GeneratorExp)) for a in node.args):
        return
    scope, donors = site.scope, site.scope.donors
    name = called_name(node.func)
    makes_own = name in ("cls", "__class__") or site.code(node.func) == f"type({scope.self_name})"
    if isinstance(node.func, ast.Attribute) and site.code(node.func.value) == "super()":
        name = ""
    name = donors.owner if makes_own else name
    passed = {k.arg for k in node.keywords}
    parameters = donors.signatures.get(name, ())
    choices: dict[tuple[str, str], float] = {}
    for parameter in parameters[len(node.args) :]:
        for value, plausibility in _named_after(site, parameter):
            choices.setdefault((parameter, value), plausibility)
    for keyword, value in donors.keywords.get(called_name(node.func), ()):
        names = {n.id for n in ast.walk(parse_quietly(value)) if isinstance(n, ast.Name)}
        if names <= {*scope.names, scope.self_name}:
            choices.setdefault((keyword, value), 0.8)
    for parameter, value in _siblings(site, node):
        choices.setdefault((parameter, value), 0.9)
    rank = 0
    for (parameter, value), plausibility in choices.items():
        if parameter in passed:
            continue
        rank += 1
        last = [*node.args, *(k.value for k in node.keywords)]
        place = site.tree.span(last[-1])[1] if last else site.tree.span(node)[1] - 1
        text = f"{', ' if last else ''}{parameter}={value}"
        title = f"pass {parameter}={shown(value)} to {shown(site.code(node.func))}(…)"
        splice = Splice(place, place, text)
        yield site.splice("argument_add", node.lineno, title, (splice,), plausibility / (1 + 0.08 * rank))


def _siblings(site: Site, node: ast.Call) -> Iterator[tuple[str, str]]:
    """Where an attribute is passed on by its own name, ``error=self._error``, the others of the object
    that some function of the file has a parameter for."""
    scope = site.scope
    passed = {
        k.arg
        for k in node.keywords
        if k.arg and isinstance(k.value, ast.Attribute) and k.value.attr.strip("_") == k.arg.strip("_")
    }
    if not passed or not scope.self_name:
        return
    known = {name for names in scope.donors.signatures.values() for name in names}
    for attribute in scope.self_attributes:
        for parameter in (attribute, attribute.strip("_")):
            if parameter in known - passed:
                yield parameter, f"{scope.self_name}.{attribute}"


def _named_after(site: Site, parameter: str) -> Iterator[tuple[str, float]]:
    scope = site.scope
    if parameter in scope.names:
        yield parameter, 1.0
    for attribute in (parameter, f"_{parameter}", f"_{parameter.strip('_')}"):
        if scope.self_name and attribute in scope.self_attributes:
            yield f"{scope.self_name}.{attribute}", 1.0


def _guard(site: Site, condition: str, way: str, plausibility: float) -> Mutation:
    title = f"{shown(way)} if {shown(condition)}"
    return _before(site, "early_exit", f"if {condition}:\n    {way}", title, plausibility)


def _before(site: Site, operator: str, text: str, title: str, plausibility: float) -> Mutation:
    start = line_span(site.tree, site.statement)[0]
    indent = indent_of(site.tree, site.statement)
    lines = "".join(f"{indent}{line}\n" for line in text.split("\n"))
    return site.splice(
        operator,
        site.statement.lineno,
        f"{title} before this line",
        (Splice(start, start, lines),),
        plausibility,
    )


def _can_be_preceded(site: Site) -> bool:
    tree, statement = site.tree, site.statement
    is_elif = isinstance(statement, ast.If) and tree.text.startswith("elif", tree.span(statement)[0])
    inside = tree.function_of(statement) is not None and not isinstance(statement, _FUNCTIONS)
    return inside and not is_elif and stands_alone(tree, statement) and not is_text(statement)


def _texts_of(site: Site) -> set[str]:
    """Statements of the same function, which another operator offers."""
    function = site.tree.function_of(site.statement)
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete)
    nodes = ast.walk(function) if function else ()
    return {site.code(n) for n in nodes if isinstance(n, simple)}


def _used(site: Site) -> list[str]:
    """Names that the statement reads, without its blocks."""
    names = [
        n.id
        for child in ast.iter_child_nodes(site.statement)
        if isinstance(child, ast.expr)
        for n in ast.walk(child)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    ]
    known = [n for n in names if n in site.scope.names and n != site.scope.self_name]
    return list(dict.fromkeys(known))


def _in_loop(site: Site) -> bool:
    for ancestor in site.tree.ancestors(site.statement):
        if isinstance(ancestor, _LOOPS):
            return True
        if isinstance(ancestor, _FUNCTIONS):
            return False
    return False
