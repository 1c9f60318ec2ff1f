"""Guards after what is near: one once more with another question, a parameter that nobody reads, a
default that stands for "nothing given", a parameter that can be run through only once.

Sources: K. Liu et al., "TBar: revisiting template-based automated program repair", ISSTA 2019, section 2
(FP2 and FP3: a check before a use); Y. Xiong et al., "Precise condition synthesis for program repair"
(ACS), ICSE 2017, section 3 (what a guard compares with follows from the guards around it).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.lines import block_of, indent_of, line_span, stands_alone
from core.search.operators.wording import shown
from core.search.splice import FunctionNode, Splice, is_text

MOST_LINES: Final = 8
"""Of a guard that is repeated."""
ASKED: Final = 3
"""Names about which a guard asks."""
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def repeat_guard(site: Site) -> Iterator[Mutation]:
    """``if age > most: raise …`` once more, for the other end: ``if age < 0: raise …``."""
    tree, statement = site.tree, site.statement
    if not isinstance(statement, ast.If) or statement.orelse or not stands_alone(tree, statement):
        return
    if not isinstance(statement.body[-1], _LEAVING) or tree.function_of(statement) is None:
        return
    first, last = statement.body[0], statement.body[-1]
    if not stands_alone(tree, first) or (last.end_lineno or last.lineno) - first.lineno >= MOST_LINES:
        return
    body = tree.text[line_span(tree, first)[0] : line_span(tree, last)[1]]
    place = line_span(tree, statement)[1]
    if not body.endswith("\n"):
        return
    for rank, condition in enumerate(_others(site, statement.test)):
        text = f"{indent_of(tree, statement)}if {condition}:\n{body}"
        title = f"{shown(site.code(first))} if {shown(condition)}, as on line {statement.lineno}"
        splice = Splice(place, place, text)
        yield site.splice("early_exit", statement.lineno, title, (splice,), 1 / (1 + 0.1 * rank))


def _others(site: Site, test: ast.expr) -> Iterator[str]:
    """Other questions about what a guard asks about, the other end first."""
    match test:
        case ast.Compare(left=ast.Name() | ast.Attribute() as left, ops=[sign], comparators=[right]):
            name, bound = site.code(left), site.code(right)
            if isinstance(sign, (ast.Gt, ast.GtE)):
                yield from (f"{name} < 0", f"{name} <= 0", f"{name} < {bound}", f"{name} is None")
            elif isinstance(sign, (ast.Lt, ast.LtE)):
                yield from (f"{name} > {bound}", f"{name} == 0", f"{name} is None")
            elif isinstance(sign, (ast.Is, ast.Eq)):
                yield from (f"not {name}", f"{name} == 0", f"{name} < 0")
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as operand):
            yield f"{site.code(operand)} is None"
        case _:
            return


def return_what_is_unread(site: Site) -> Iterator[Mutation]:
    """A parameter that the function never reads, returned where another one is nothing: somebody has
    asked for it to be used."""
    tree, statement, scope = site.tree, site.statement, site.scope
    function = tree.function_of(statement)
    unread = [p for p in scope.parameters if p in scope.unused and not p.startswith("_")][:2]
    if function is None or not unread or tree.parents.get(statement) is not function:
        return
    if is_text(statement) or not stands_alone(tree, statement) or isinstance(statement, _FUNCTIONS):
        return
    start, indent = line_span(tree, statement)[0], indent_of(tree, statement)
    asked = [p for p in scope.parameters if p not in scope.unused and p != scope.self_name][:ASKED]
    rank = 0
    for name in asked:
        for condition in (f"{name} is None", f"not {name}"):
            for value in unread:
                rank += 1
                text = f"{indent}if {condition}:\n{indent}    return {value}\n"
                title = f"return {value} if {condition}"
                splices = (Splice(start, start, text),)
                yield site.splice("early_exit", statement.lineno, title, splices, 1.2 / (1 + 0.15 * rank))


def keep_what_runs_out(site: Site) -> Iterator[Mutation]:
    """``values = list(values)`` before the first use of a parameter that is used more than once: an
    iterator is true even if it is empty, and empty the second time."""
    tree, statement, scope = site.tree, site.statement, site.scope
    function = tree.function_of(statement)
    block = block_of(tree, statement)
    if function is None or block is None or block is not function.body or is_text(statement):
        return
    if not stands_alone(tree, statement) or isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return
    above = {n.id for s in block[: block.index(statement)] for n in _names(s)}
    own = {n.id for n in _names(statement)}
    start, indent = line_span(tree, statement)[0], indent_of(tree, statement)
    for parameter in scope.parameters:
        reads = [n for n in _names(function) if n.id == parameter and isinstance(n.ctx, ast.Load)]
        if parameter == scope.self_name or parameter not in own - above or len(reads) < 2:
            continue
        if not any(_runs_through(tree.parents.get(read), read) for read in reads):
            continue
        text = f"{parameter} = list({parameter})"
        splice = Splice(start, start, f"{indent}{text}\n")
        yield site.splice("insertion", statement.lineno, f"insert {text}", (splice,), 1.2)


def _runs_through(parent: ast.AST | None, node: ast.Name) -> bool:
    """Whether a name stands where something is iterated over, or handed on to somebody who may."""
    match parent:
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) | ast.comprehension(iter=iterable):
            return iterable is node
        case ast.Call(args=arguments):
            return any(argument is node for argument in arguments)
        case _:
            return False


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))


def unasked_defaults(function: FunctionNode | None) -> list[str]:
    """Those of :func:`default_questions` that the function never asks, ``None`` as a default left out."""
    nodes = ast.walk(function) if function else ()
    asked = {ast.unparse(node) for node in nodes if isinstance(node, ast.Compare)}
    found = [q for q in default_questions(function) if not q.endswith(" None")]
    return [q for q in found if not asked & {q, q.replace(" is ", " is not ")}]


def default_questions(function: FunctionNode | None) -> list[str]:
    """Whether a parameter was left out, for those with ``None`` or a name as their default."""
    if function is None:
        return []
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(positional[::-1], arguments.defaults[::-1], strict=False))
    pairs += [
        (argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    found = []
    for argument, default in pairs:
        if isinstance(default, (ast.Name, ast.Attribute)) or (
            isinstance(default, ast.Constant) and default.value is None
        ):
            found.append(f"{argument.arg} is {ast.unparse(default)}")
    return found
