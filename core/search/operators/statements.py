"""Whole statements: deleted, moved, inserted, guarded, jumped over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.lines import block_of, indent_of, line_span, shift, stands_alone
from core.search.operators.wording import shown
from core.search.splice import FunctionNode, Splice

INSERTED: Final = 24
"""Statements that are offered for one place, of those that are there, and of those that are made."""
FARTHEST: Final = 4
"""Statements over which one is moved."""
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Delete)
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.AsyncFor)


def delete_statement(site: Site) -> Iterator[Mutation]:
    """Leave the statement out."""
    statement = site.statement
    if isinstance(
        statement,
        (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom, ast.Pass),
    ):
        return
    block = block_of(site.tree, statement)
    if block is None or not stands_alone(site.tree, statement) or _is_docstring(statement):
        return
    start, end = line_span(site.tree, statement)
    text = f"{indent_of(site.tree, statement)}pass\n" if len(block) == 1 else ""
    small = isinstance(statement, (*_SIMPLE, ast.Break, ast.Continue))
    title = f"delete {shown(site.code(statement))}"
    yield site.splice(
        "deletion", statement.lineno, title, (Splice(start, end, text),), 1.0 if small else 0.6
    )


def move_statement(site: Site) -> Iterator[Mutation]:
    """Swap with the next one; out of its block, or into the block before or after it."""
    tree, statement = site.tree, site.statement
    block = block_of(tree, statement)
    if block is None or not stands_alone(tree, statement) or _is_docstring(statement):
        return
    index, line = block.index(statement), statement.lineno
    start, end = line_span(tree, statement)
    text, what = tree.text[start:end], shown(site.code(statement))
    following = block[index + 1] if index + 1 < len(block) else None
    if following is not None and stands_alone(tree, following):
        a, b = line_span(tree, following)
        splices: tuple[Splice, ...] = (Splice(start, end, _ended(tree.text[a:b])), Splice(a, b, text))
        plausibility = 0.8 if isinstance(following, _SIMPLE) and isinstance(statement, _SIMPLE) else 0.5
        yield site.splice("move", line, f"swap {what} with the next statement", splices, plausibility)
    yield from _moved_farther(site, block, index)
    parent = tree.parents.get(statement)
    if isinstance(parent, _COMPOUND) and len(block) > 1 and stands_alone(tree, parent):
        outer = indent_of(tree, parent)
        if following is None:
            moved = shift(text, indent_of(tree, statement), outer)
            after = line_span(tree, parent)[1]
            splices = (Splice(start, end, ""), Splice(after, after, _ended(moved)))
            if after == end:
                splices = (Splice(start, end, moved),)
            yield site.splice("move", line, f"move {what} after the block", splices)
        if index == 0 and block is parent.body and not _is_elif(site, parent):
            moved = shift(text, indent_of(tree, statement), outer)
            before = line_span(tree, parent)[0]
            yield site.splice(
                "move",
                line,
                f"move {what} before the block",
                (Splice(before, before, moved), Splice(start, end, "")),
                0.8,
            )
    previous = block[index - 1] if index else None
    if isinstance(previous, _COMPOUND) and stands_alone(tree, previous.body[-1]):
        moved = shift(text, indent_of(tree, statement), indent_of(tree, previous.body[-1]))
        yield site.splice(
            "move", line, f"move {what} into the block before it", (Splice(start, end, moved),), 0.8
        )
    if isinstance(following, _COMPOUND) and stands_alone(tree, following.body[0]):
        moved = shift(text, indent_of(tree, statement), indent_of(tree, following.body[0]))
        place = line_span(tree, following.body[0])[0]
        splices = (Splice(start, end, ""), Splice(place, place, _ended(moved)))
        yield site.splice("move", line, f"move {what} into the block after it", splices, 0.6)


def _moved_farther(site: Site, block: list[ast.stmt], index: int) -> Iterator[Mutation]:
    """Over two or more of its neighbours, simple statements all."""
    tree, statement = site.tree, site.statement
    start, end = line_span(tree, statement)
    text = tree.text[start:end]
    if not isinstance(statement, _SIMPLE) or not text.endswith("\n"):
        return
    for step in (-1, 1):
        for distance in range(1, FARTHEST + 1):
            place = index + step * distance
            if not 0 <= place < len(block):
                break
            other = block[place]
            if not isinstance(other, _SIMPLE) or not stands_alone(tree, other) or _is_docstring(other):
                break
            a, b = line_span(tree, other)
            offset = a if step < 0 else b
            if distance > 1 and tree.text[offset - 1 : offset] == "\n":
                splices = (Splice(start, end, ""), Splice(offset, offset, text))
                way = "up" if step < 0 else "down"
                title = f"move {shown(site.code(statement))} {way} by {distance} statements"
                yield site.splice("move", statement.lineno, title, splices, 0.8 / distance)


def change_jump(site: Site) -> Iterator[Mutation]:
    """``break`` to ``continue`` and back; one of them, or a return, at the end of a branch in a loop."""
    tree, statement = site.tree, site.statement
    if isinstance(statement, (ast.Break, ast.Continue)):
        words = ("break", "continue") if isinstance(statement, ast.Break) else ("continue", "break")
        start, end = tree.span(statement)
        yield site.splice(
            "jump",
            statement.lineno,
            f"change {words[0]} to {words[1]}",
            (Splice(start, end, words[1]),),
            1.4,
        )
    if not isinstance(statement, ast.If) or tree.function_of(statement) is None:
        return
    last = statement.body[-1]
    if isinstance(last, (ast.Return, ast.Break, ast.Continue, ast.Raise)) or not stands_alone(tree, last):
        return
    place, indent = line_span(tree, last)[1], indent_of(tree, last)
    endings = ["break", "continue"] if _in_loop(site, statement) else []
    endings += [f"return {name}" for name in site.scope.names[:4]] + ["return"]
    for rank, ending in enumerate(endings):
        title = f"{ending} at the end of the branch {shown(site.code(statement.test))}"
        splice = Splice(place, place, f"{indent}{ending}\n")
        yield site.splice("jump", statement.lineno, title, (splice,), 1 / (1 + 0.1 * rank))


def remove_guard(site: Site) -> Iterator[Mutation]:
    """``if c: body`` to ``body``; one branch of two; ``if`` to ``while``, ``elif`` to ``if`` and back."""
    tree, statement = site.tree, site.statement
    if not isinstance(statement, (ast.If, ast.While)) or not stands_alone(tree, statement):
        return
    start = tree.span(statement)[0]
    line, what = statement.lineno, shown(site.code(statement.test))
    if isinstance(statement, ast.While):
        splice = Splice(start, start + len("while"), "if")
        yield site.splice("loop", line, f"change while to if: {what}", (splice,), 0.6)
        return
    if _is_elif(site, statement):
        yield site.splice(
            "loop", line, f"change elif to if: {what}", (Splice(start, start + 4, "if"),), 0.7
        )
        return
    if not statement.orelse:
        yield site.splice(
            "loop", line, f"change if to while: {what}", (Splice(start, start + 2, "while"),)
        )
    block = block_of(tree, statement)
    if block and (index := block.index(statement)) and isinstance(block[index - 1], ast.If):
        yield site.splice(
            "loop", line, f"change if to elif: {what}", (Splice(start, start + 2, "elif"),), 0.7
        )
    for branch in (statement.body, statement.orelse):
        if branch and _is_elif(site, branch[0]):
            continue
        if branch and stands_alone(tree, branch[0]) and stands_alone(tree, branch[-1]):
            first, last = line_span(tree, branch[0])[0], line_span(tree, branch[-1])[1]
            kept = shift(tree.text[first:last], indent_of(tree, branch[0]), indent_of(tree, statement))
            begin, finish = line_span(tree, statement)
            title = (
                f"do without the condition {what}"
                if branch is statement.body
                else f"keep only else of {what}"
            )
            yield site.splice("unguard", line, title, (Splice(begin, finish, kept),))


def add_guard(site: Site) -> Iterator[Mutation]:
    """An early return at the start of a function: ``if not x: return ...``."""
    tree, function = site.tree, site.statement
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    first = _first_working(function)
    if first is None or not stands_alone(tree, first):
        return
    place, indent = line_span(tree, first)[0], indent_of(tree, first)
    scope = site.scope
    rank = 0
    parameters = [p for p in scope.parameters if p != scope.self_name][:4]
    simple = [
        r
        for r in scope.returned
        if len(r) <= 12 and not any(n in r for n in scope.names if n not in parameters)
    ]
    values = list(dict.fromkeys([*simple, "[]", "0", "None", "False", "True", "1", "[[]]", "''"]))
    for parameter in parameters:
        for condition in _guards(scope.kinds.get(parameter, frozenset()), parameter):
            for value in dict.fromkeys([parameter, *values]):
                rank += 1
                title = f"return {value} at once if {condition}"
                splice = Splice(place, place, f"{indent}if {condition}:\n{indent}    return {value}\n")
                yield site.splice("guard", first.lineno, title, (splice,), 1 / (1 + 0.03 * rank))


def insert_statement(site: Site) -> Iterator[Mutation]:
    """A statement from elsewhere in the function once more; an element put into a collection in scope;
    a counter moved on."""
    tree, statement, scope = site.tree, site.statement, site.scope
    function = tree.function_of(statement)
    if (
        function is None
        or not stands_alone(tree, statement)
        or _is_docstring(statement)
        or _is_elif(site, statement)
    ):
        return
    start, end = line_span(tree, statement)
    indent = indent_of(tree, statement)
    texts: dict[str, float] = {}
    for name in scope.names:
        kinds = scope.kinds.get(name, frozenset())
        if "collection" in kinds and name not in scope.parameters:
            adders = [
                a for a in scope.attributes.get(name, ()) if a in ("append", "add", "appendleft")
            ] or ["append", "add"]
            for other in scope.names:
                if other != name and other != scope.self_name:
                    for adder in adders:
                        texts.setdefault(f"{name}.{adder}({other})", 0.7)
        elif "number" in kinds and _in_loop(site, statement):
            texts.setdefault(f"{name} += 1", 0.8)
            texts.setdefault(f"{name} -= 1", 0.7)
    texts = dict(list(texts.items())[:INSERTED])
    texts |= dict.fromkeys(_near(site, function)[:INSERTED], 0.8)
    ends = isinstance(statement, (ast.Return, ast.Break, ast.Continue, ast.Raise))
    block = block_of(tree, statement)
    # After any other statement is before the next one.
    after = tree.text[end - 1 : end] == "\n" and not ends and block and block[-1] is statement
    for rank, (text, plausibility) in enumerate(texts.items()):
        fade = plausibility / (1 + 0.06 * rank)
        title = f"insert {shown(text)}"
        if after:
            yield site.splice(
                "insertion",
                statement.lineno,
                f"{title} after this line",
                (Splice(end, end, f"{indent}{text}\n"),),
                fade,
            )
        yield site.splice(
            "insertion",
            statement.lineno,
            f"{title} before this line",
            (Splice(start, start, f"{indent}{text}\n"),),
            fade,
        )


def _near(site: Site, function: FunctionNode) -> list[str]:
    """The simple statements of the function, the nearest first, each once."""
    line = site.statement.lineno
    others = [s for s in ast.walk(function) if isinstance(s, _SIMPLE) and s is not site.statement]
    others.sort(key=lambda s: abs(s.lineno - line))
    short = [s for s in others if s.lineno == s.end_lineno and not _is_docstring(s)]
    return list(dict.fromkeys(site.code(s) for s in short[: 2 * INSERTED]))


def _guards(kinds: frozenset[str], name: str) -> Iterator[str]:
    yield f"not {name}"
    if "collection" not in kinds:
        yield from (f"{name} <= 0", f"{name} is None", f"{name} == 1")
    if "collection" in kinds or not kinds:
        yield f"len({name}) <= 1"


def _first_working(function: FunctionNode) -> ast.stmt | None:
    body = function.body[1:] if _is_docstring(function.body[0]) else function.body
    return body[0] if body else None


def _is_docstring(statement: ast.AST) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_elif(site: Site, statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and site.tree.text.startswith(
        "elif", site.tree.span(statement)[0]
    )


def _in_loop(site: Site, statement: ast.stmt) -> bool:
    """Whether a jump may stand here: inside a loop of the same function, not in its ``else``."""
    inner: ast.AST = statement
    for ancestor in site.tree.ancestors(statement):
        if isinstance(ancestor, _LOOPS):
            return any(inner is child for child in ancestor.body)
        if isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            return False
        inner = ancestor
    return False


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"
