"""What is caught and what is raised. TBar (ISSTA 2019), section 2: FP7 (mutate data type), FP4."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.search.operators.base import Mutation, Site
from core.search.operators.guards import unasked_defaults
from core.search.operators.lines import indent_of, line_span, stands_alone
from core.search.operators.wording import shown
from core.search.splice import Splice


def change_caught(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``except A`` to ``except (A, B)``, to ``except B``; one class less."""
    parent = site.parent(node)
    if not isinstance(parent, ast.ExceptHandler) or parent.type is not node:
        return
    caught = [site.code(e) for e in node.elts] if isinstance(node, ast.Tuple) else [site.code(node)]
    others = [e for e in site.scope.donors.exceptions if e not in caught]
    for rank, other in enumerate(others):
        fade = 1 / (1 + 0.1 * rank)
        both = f"({', '.join([*caught, other])})"
        yield site.replace("exception", node, both, f"catch {other} as well", fade)
        title = f"catch {other} instead of {', '.join(caught)}"
        yield site.replace("exception", node, other, title, 0.8 * fade)
    for dropped in caught if len(caught) > 1 else ():
        rest = [e for e in caught if e != dropped]
        text = f"({', '.join(rest)})" if len(rest) > 1 else rest[0]
        yield site.replace("exception", node, text, f"do not catch {dropped}", 0.7)


def change_raised(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``raise A(...)`` to ``raise B(...)``."""
    parent = site.parent(node)
    called = isinstance(parent, ast.Call) and parent.func is node
    whole = site.parent(parent) if called and parent else parent
    if not isinstance(whole, ast.Raise) or not isinstance(node, ast.Name) or whole.cause is node:
        return
    others = [e for e in site.scope.donors.exceptions if e != node.id]
    for rank, other in enumerate(others):
        yield site.replace("exception", node, other, f"raise {other} instead", 0.9 / (1 + 0.1 * rank))


def change_handling(site: Site) -> Iterator[Mutation]:
    """What a handler does: raise on, go on, return; raise on only under a condition of the file."""
    tree, statement = site.tree, site.statement
    handler = tree.parents.get(statement)
    if not isinstance(handler, ast.ExceptHandler) or not stands_alone(tree, statement):
        return
    if statement is not handler.body[0]:
        return
    _start, end = line_span(tree, handler.body[-1])
    begin = line_span(tree, statement)[0]
    indent = indent_of(tree, statement)
    loops = any(isinstance(a, (ast.For, ast.While)) for a in tree.ancestors(handler))
    ways = ["raise", "pass", *(["continue", "break"] if loops else [])]
    ways += [f"return {v}" for v in dict.fromkeys((*site.scope.returned[:3], "None", "False"))]
    for rank, way in enumerate(ways):
        if way != site.code(statement) or len(handler.body) > 1:
            splice = Splice(begin, end, f"{indent}{way}\n")
            title = f"{shown(way)} in the handler"
            yield site.splice("handling", statement.lineno, title, (splice,), 1 / (1 + 0.1 * rank))
    questions = unasked_defaults(tree.function_of(statement))
    for rank, condition in enumerate(dict.fromkeys((*questions, *site.scope.donors.conditions[:6]))):
        text = f"{indent}if {condition}:\n{indent}    raise\n"
        title = f"raise on if {shown(condition)}"
        splice = Splice(begin, begin, text)
        # Why else would a default say that nothing was given?
        plausibility = 1.6 if condition in questions else 0.8
        yield site.splice("handling", statement.lineno, title, (splice,), plausibility / (1 + 0.1 * rank))
