"""What tests and docstrings expect of calls with literal arguments, and where they contradict. Pure.

Of two expectations that no code can meet both, the one that the code meets, in a passing test or in a
docstring, is taken to be right: a failing test is not always right (Pinto, Sinha & Orso, Understanding
Myths and Realities of Test-Suite Evolution, FSE 2012, on tests that are repaired rather than the code).
"""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from core.parsing import literal, parse, parse_expression

Substitution: TypeAlias = Mapping[str, ast.expr]

_EQUAL_ASSERTS = frozenset({"assertEqual", "assertEquals"})
_PARSER = doctest.DocTestParser()


@dataclass(frozen=True, slots=True)
class Expectation:
    """``call`` with its function by the name that it is imported by: ``calc.add(2, 3)``."""

    call: str
    value: object
    test: str
    """The id of a test without its file."""


def expectations(source: str) -> tuple[Expectation, ...]:
    """What the tests of a file expect of calls to what it imports; nothing of one that does not parse.

    Only tests that do nothing but compare: what is prepared first, or comes from a fixture, may well make
    a call give something else. A test that expects different values of one call has to do with state, and
    is left out for that.
    """
    tree = _parsed(source)
    if tree is None or "autouse" in source:
        return ()
    origins = _origins(tree)
    found: list[Expectation] = []
    for name, function in _tests(tree):
        for case, given in _cases(function):
            if not _only_compares(function, given):
                continue
            expected = [
                Expectation(call, value, f"{name}{case}")
                for call, value in _expected(function, origins, given)
            ]
            values: dict[str, list[object]] = {}
            for one in expected:
                values.setdefault(one.call, []).append(one.value)
            found += [e for e in expected if all(v == e.value for v in values[e.call])]
    return tuple(found)


def documented(source: str, module: str) -> dict[str, object]:
    """What the docstrings of ``module``'s functions say that calls give, by call."""
    tree = _parsed(source)
    if tree is None:
        return {}
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            origins = {node.name: f"{module}.{node.name}"}
            for example in _examples(ast.get_docstring(node) or ""):
                call, value = _parsed_call(example.source, origins), _literal_text(example.want)
                if call and value:
                    found[call] = value[0]
    return found


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _origins(tree: ast.Module) -> dict[str, str]:
    """Imported names, and what they stand for."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname or a.name: a.name for a in node.names}
    return found


def _tests(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inside = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            if any(n.name.lower().startswith("setup") for n in inside):
                continue
            yield from ((f"{node.name}::{n.name}", n) for n in inside if n.name.startswith("test"))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield node.name, node


def _only_compares(function: ast.FunctionDef, given: Substitution) -> bool:
    arguments = {argument.arg for argument in function.args.args} - {"self"}
    return arguments <= given.keys() and all(
        isinstance(s, (ast.Assert, ast.Pass))
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and _asserted(s.value) is not None)
        for s in function.body
    )


def _asserted(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    """What ``self.assertEqual`` compares."""
    match call:
        case ast.Call(func=ast.Attribute(attr=attribute), args=[one, other, *_]):
            return (one, other) if attribute in _EQUAL_ASSERTS else None
    return None


def _cases(function: ast.FunctionDef) -> Iterator[tuple[str, Substitution]]:
    """Of each case of a test, what pytest puts behind its name, and its arguments; of a test that is
    parametrised twice, nothing."""
    marks = [
        d
        for d in function.decorator_list
        if isinstance(d, ast.Call) and ast.unparse(d.func).endswith("parametrize")
    ]
    if not marks:
        yield "", {}
        return
    if len(marks) > 1 or len(marks[0].args) < 2:
        return
    names = _names(marks[0].args[0])
    rows = marks[0].args[1]
    if not names or not isinstance(rows, (ast.List, ast.Tuple)):
        return
    for number, row in enumerate(rows.elts):
        given: list[ast.expr] = [row]
        ids: list[str] = []
        if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param"):
            given = row.args
            ids = [str(ast.unparse(k.value)).strip("'\"") for k in row.keywords if k.arg == "id"]
        elif len(names) > 1 and isinstance(row, (ast.List, ast.Tuple)):
            given = row.elts
        if len(given) == len(names):
            by_name = dict(zip(names, given, strict=True))
            parts = ids or [_id_part(name, number, node) for name, node in by_name.items()]
            yield f"[{'-'.join(parts)}]", by_name


def _id_part(name: str, number: int, node: ast.expr) -> str:
    """As pytest makes it: simple values by themselves, others by the argument's name and their place."""
    found = _literal(node, {})
    simple = found is not None and (found[0] is None or isinstance(found[0], (str, int, float, bool)))
    return str(found[0]) if found is not None and simple else f"{name}{number}"


def _names(node: ast.expr) -> list[str]:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return []
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        return []
    return [name.strip() for name in names if name.strip()]


def _expected(
    function: ast.FunctionDef, origins: Mapping[str, str], given: Substitution
) -> Iterator[tuple[str, object]]:
    """The calls that the test's own statements compare with a literal."""
    for statement in function.body:
        match statement:
            case ast.Assert(test=ast.Compare(left=one, ops=[ast.Eq()], comparators=[other])):
                pass
            case ast.Expr(value=ast.Call() as compared) if sides := _asserted(compared):
                one, other = sides
            case _:
                continue
        for call, value in ((one, other), (other, one)):
            told, wanted = _call(call, origins, given), _literal(value, given)
            if told and wanted:
                yield told, wanted[0]


def _call(node: ast.expr, origins: Mapping[str, str], given: Substitution) -> str:
    """The call in its one spelling; empty where it is none of an imported function with literals."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return ""
    name = ast.unparse(node.func)
    first, _, rest = name.partition(".")
    if first not in origins or not all(part.isidentifier() for part in name.split(".")):
        return ""
    given_by: list[tuple[str, ast.expr]] = [("", argument) for argument in node.args]
    given_by += [(f"{keyword.arg}=", keyword.value) for keyword in node.keywords]
    arguments: list[str] = []
    for name, argument in given_by:
        value = _literal(argument, given)
        if value is None:
            return ""
        arguments.append(f"{name}{value[0]!r}")
    origin = f"{origins[first]}.{rest}" if rest else origins[first]
    return f"{origin}({', '.join(arguments)})"


def _literal(node: ast.expr, given: Substitution) -> tuple[object] | None:
    """The literal's value in a tuple of one, as ``None`` may be the value."""
    if isinstance(node, ast.Name) and node.id in given:
        node = given[node.id]
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _literal_text(text: str) -> tuple[object] | None:
    try:
        return (literal(text.strip()),)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _examples(text: str) -> list[doctest.Example]:
    try:
        return _PARSER.get_examples(text)
    except ValueError:
        return []


def _parsed_call(text: str, origins: Mapping[str, str]) -> str:
    try:
        node = parse_expression(text.strip()).body
    except (SyntaxError, ValueError, RecursionError):
        return ""
    return _call(node, origins, {})
