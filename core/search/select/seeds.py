"""First inputs for a function from what is written of it: calls in tests, doctests, annotations. Pure.

They come beside those that a recorded run shows, and alone where that shows none. Annotations give
boundary values by type, the plainest strategies of property-based testing (K. Claessen, J. Hughes,
"QuickCheck: a lightweight tool for random testing of Haskell programs", ICFP 2000, section 3), without a
library that the project's environment may lack.
"""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from core.parsing import parse_expression
from core.search.select.asked import Input, literal_arguments
from core.search.select.inputs import Function, import_of
from core.search.splice import first_line, parse_quietly
from core.types import RelPath

MOST_SEEDS: Final = 12
_PARSER: Final = doctest.DocTestParser()
_BY_TYPE: Final[Mapping[str, tuple[object, ...]]] = {
    "int": (1, 0, -1, 7),
    "float": (1.5, 0.0, -2.5),
    "bool": (True, False),
    "str": ("ab c", "", "A"),
    "bytes": (b"ab", b""),
    "list": ([1, 2, 2], [], [3]),
    "tuple": ((1, 2, 2), ()),
    "dict": ({"a": 1, "b": 2}, {}),
    "set": ({1, 2}, set()),
    "None": (None,),
}
_LIST_LIKE: Final = {
    "Sequence": "list",
    "Iterable": "list",
    "List": "list",
    "Collection": "list",
    "MutableSequence": "list",
    "Tuple": "tuple",
    "Dict": "dict",
    "Mapping": "dict",
    "Set": "set",
}


def written_inputs(function: Function, source: str, tests: Sequence[str]) -> tuple[Input, ...]:
    """Arguments of calls with literals, in tests first, then in the function's docstring; where there
    are none, values that its annotations name. Some at most, each once."""
    found: dict[str, Input] = {}
    for text in tests:
        imported = import_of(function, text)
        if imported is not None:
            found |= {repr(one): one for one in _calls(imported[1], text)}
    node = located(source, function.name)
    if node is not None:
        found |= {repr(one): one for one in _examples(function.name, node)}
        if not found:
            found = {repr(one): one for one in annotated(node)}
    return tuple(found.values())[:MOST_SEEDS]


def located(source: str, name: str) -> ast.FunctionDef | None:
    """A function of the module itself."""
    try:
        body = parse_quietly(source).body
    except SyntaxError:
        return None
    return next((n for n in body if isinstance(n, ast.FunctionDef) and n.name == name), None)


def tested_function(path: RelPath, source: str, test: str, names: Sequence[str]) -> Function | None:
    """The first function of a module that one of the named tests calls."""
    try:
        module, tests = parse_quietly(source), parse_quietly(test)
    except SyntaxError:
        return None
    called: list[str] = []
    for node in ast.walk(tests):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            called += [ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            found = Function(path, node.name, first_line(node), node.end_lineno or node.lineno)
            imported = import_of(found, test)
            if imported is not None and imported[1] in called:
                return found
    return None


def annotated(node: ast.FunctionDef) -> tuple[Input, ...]:
    """Values that fit the annotations of the parameters without a default; none where one has none."""
    arguments = node.args
    if arguments.kwonlyargs and any(default is None for default in arguments.kw_defaults):
        return ()
    needed = [*arguments.posonlyargs, *arguments.args]
    needed = needed[: len(needed) - len(arguments.defaults)]
    choices = [_values(argument.annotation) for argument in needed]
    if not choices or not all(choices):
        return ()
    plain = tuple(values[0] for values in choices)
    found = {repr(plain): plain}
    for place, values in enumerate(choices):
        for value in values[1:]:
            one = (*plain[:place], value, *plain[place + 1 :])
            found[repr(one)] = one
    return tuple(found.values())


def _values(annotation: ast.expr | None) -> tuple[object, ...]:
    match annotation:
        case ast.Constant(value=None):
            return _BY_TYPE["None"]
        case ast.Constant(value=str() as text):
            try:
                return _values(parse_expression(text).body)
            except (SyntaxError, ValueError):
                return ()
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return (*_values(left), *_values(right))
        case ast.Subscript(value=outer, slice=inner):
            name = _name(outer)
            if name == "Optional":
                return (*_values(inner), None)
            kind = _LIST_LIKE.get(name, name)
            items = _values(inner) if kind in ("list", "set") else ()
            if items and kind == "list":
                return (list(items[:2]) + list(items[:1]), [], list(items[:1]))
            return _BY_TYPE.get(kind, ())
        case ast.Name() | ast.Attribute():
            name = _name(annotation)
            return _BY_TYPE.get(_LIST_LIKE.get(name, name), ())
    return ()


def _name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _calls(callee: str, test: str) -> Iterator[Input]:
    for node in ast.walk(parse_quietly(test)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == callee:
            arguments = literal_arguments(node)
            if arguments is not None:
                yield arguments


def _examples(name: str, node: ast.FunctionDef) -> Iterator[Input]:
    try:
        examples = _PARSER.get_examples(ast.get_docstring(node) or "")
    except ValueError:
        return
    for example in examples:
        try:
            parsed = parse_quietly(example.source)
        except SyntaxError:
            continue
        for inner in ast.walk(parsed):
            if isinstance(inner, ast.Call) and ast.unparse(inner.func).rpartition(".")[2] == name:
                arguments = literal_arguments(inner)
                if arguments is not None:
                    yield arguments
