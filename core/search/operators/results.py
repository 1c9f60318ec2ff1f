"""What is returned, yielded and assigned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.search.operators.base import Mutation, Site
from core.search.operators.wording import shown
from core.search.splice import Splice


def change_return(site: Site) -> Iterator[Mutation]:
    """Another value in scope, the value of another return, the opposite; a call's value returned."""
    statement, scope = site.statement, site.scope
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        start, _ = site.tree.span(statement)
        if site.tree.function_of(statement) is not None:
            code = site.code(statement.value)
            yield site.splice(
                "result",
                statement.lineno,
                f"return {shown(code)}",
                (Splice(start, start, "return "),),
                0.6,
            )
        return
    if not isinstance(statement, ast.Return) or statement.value is None:
        return
    value = statement.value
    code = site.code(value)
    choices: dict[str, float] = {}
    for rank, name in enumerate(n for n in scope.names if n != scope.self_name):
        choices.setdefault(name, 0.9 / (1 + 0.1 * rank))
    for rank, other in enumerate(r for r in scope.returned if "\n" not in r):
        choices.setdefault(other, 0.7 / (1 + 0.1 * rank))
    choices.setdefault(f"not {code}" if isinstance(value, (ast.Name, ast.Call)) else f"not ({code})", 0.4)
    for constant, plausibility in (
        ("None", 0.35),
        ("[]", 0.3),
        ("0", 0.3),
        ("True", 0.25),
        ("False", 0.25),
    ):
        choices.setdefault(constant, plausibility)
    choices.pop(code, None)
    for text, plausibility in choices.items():
        yield site.replace("result", value, text, f"return {shown(text)}", plausibility)


def limit_value(site: Site) -> Iterator[Mutation]:
    """``x = e`` to ``x += e``, ``x = max(x, e)``, ``x = min(x, e)``; ``return e`` to ``max(e, 0)``."""
    match site.statement:
        case ast.Assign(targets=[ast.Name() | ast.Subscript() | ast.Attribute() as target], value=value):
            name, code = site.code(target), site.code(value)
            for function in ("max", "min"):
                text = f"{function}({name}, {code})"
                yield site.replace("assignment", value, text, plausibility=0.8)
            if not isinstance(value, (ast.Call, ast.BinOp)) or name not in code:
                _, end = site.tree.span(target)
                start_of_value, _ = site.tree.span(value)
                for sign, plausibility in (("+=", 0.7), ("-=", 0.4)):
                    title = f"change = to {sign} in {shown(site.code(site.statement))}"
                    splice = Splice(end, start_of_value, f" {sign} ")
                    yield site.splice("assignment", target.lineno, title, (splice,), plausibility)
        case ast.Return(value=ast.expr() as value):
            if isinstance(value, (ast.Name, ast.BinOp, ast.Call, ast.Subscript)):
                code = site.code(value)
                for rank, text in enumerate(
                    (f"max({code}, 0)", f"min({code}, 0)", f"abs({code})", f"-({code})")
                ):
                    yield site.replace("assignment", value, text, plausibility=0.4 / (1 + 0.2 * rank))
        case _:
            return


def limit_operand(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """A bound kept in range: ``i`` to ``max(i, 0)``, ``min(i, n)``; ``a`` to ``max(a, b)``."""
    parent = site.parent(node)
    place = isinstance(parent, ast.Slice) or (
        isinstance(parent, ast.BinOp) and isinstance(node, ast.Name)
    )
    if not place or not isinstance(node, (ast.Name, ast.BinOp, ast.Subscript)):
        return
    code = site.code(node)
    yield site.replace("assignment", node, f"max({code}, 0)", plausibility=0.4)
    numbers = [n for n in site.scope.names if n != code and "number" in site.scope.kinds.get(n, ())]
    for rank, name in enumerate(numbers[:4]):
        for function in ("max", "min"):
            yield site.replace(
                "assignment", node, f"{function}({code}, {name})", plausibility=0.4 / (1 + 0.2 * rank)
            )


def extend_collection(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``e`` to ``e + [x]`` and ``[x] + e`` in arguments, results, assigned values; to ``[e]``."""
    parent = site.parent(node)
    places = isinstance(parent, (ast.Return, ast.Assign)) or (
        isinstance(parent, ast.Call) and node in parent.args
    )
    if not places or not isinstance(node, (ast.Name, ast.Call, ast.Subscript, ast.BinOp, ast.ListComp)):
        return
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    code = site.code(node)
    if isinstance(node, ast.Name):
        kinds = site.scope.kinds.get(node.id, frozenset())
        if kinds and "collection" not in kinds:
            return
    if "\n" in code or len(code) > 60:
        return
    yield site.replace("arithmetic_extension", node, f"[{code}]", plausibility=0.5)
    for rank, name in enumerate(n for n in site.scope.names if n not in (code, site.scope.self_name)):
        fade = 1 / (1 + 0.15 * rank)
        yield site.replace("arithmetic_extension", node, f"{code} + [{name}]", plausibility=0.7 * fade)
        yield site.replace("arithmetic_extension", node, f"[{name}] + {code}", plausibility=0.6 * fade)


def change_yield(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """``yield e`` to ``yield from e`` and back."""
    if isinstance(node, ast.Yield) and node.value is not None:
        text = f"yield from {site.code(node.value)}"
        yield site.replace("generator", node, text, f"change to {shown(text)}")
    elif isinstance(node, ast.YieldFrom):
        text = f"yield {site.code(node.value)}"
        yield site.replace("generator", node, text, f"change to {shown(text)}")
        if isinstance(node.value, ast.Call) and len(node.value.args) == 1:
            yield site.replace(
                "generator", node, f"yield {site.code(node.value.args[0])}", plausibility=0.7
            )


def swap_return_and_yield(site: Site) -> Iterator[Mutation]:
    """``return e`` to ``yield e`` in a generator, ``yield e`` to ``return e``."""
    statement = site.statement
    function = site.tree.function_of(statement)
    if function is None:
        return
    start, _ = site.tree.span(statement)
    if isinstance(statement, ast.Return) and statement.value is not None:
        if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
            title = f"yield {shown(site.code(statement.value))} instead of returning it"
            splice = Splice(start, start + len("return"), "yield")
            yield site.splice("generator", statement.lineno, title, (splice,), 0.6)
    elif (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Yield)
        and statement.value.value
    ):
        title = f"return {shown(site.code(statement.value.value))} instead of yielding it"
        splice = Splice(start, start + len("yield"), "return")
        yield site.splice("generator", statement.lineno, title, (splice,), 0.4)
