"""Tests from examples, in the place and the style in which a repository keeps its tests. Pure."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.edits.functions import function_names
from core.request.examples import Example
from core.request.places import Place, module_of
from core.search.splice import parse_quietly
from core.types import NodeId, ProposedTest, RelPath

_LONGEST_NAME: Final = 60
_MAIN: Final = re.compile(r"^if __name__\s*==", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Style:
    """How a repository writes tests. ``imported`` are the modules that its tests name."""

    path: RelPath
    """The file for new tests."""
    text: str
    """What stands in it now; empty for a new one."""
    is_unittest: bool = False
    imported: frozenset[str] = frozenset()


def style_for(place: Place, tests: Mapping[RelPath, str], *, is_unittest: bool) -> Style:
    """Where tests for a place go: into the file that tests its module already, else into a new one
    beside the others. ``tests`` are the files that hold tests; ``is_unittest``: the framework is."""
    imported = frozenset().union(*map(_imports, tests.values())) if tests else frozenset()
    stem = PurePosixPath(place.path).stem.strip("_")
    if stem == "init":
        stem = PurePosixPath(place.path).parent.name or stem
    suffixed = sum(path.endswith("_test.py") for path in tests) * 2 > len(tests)
    name = f"{stem}_test.py" if suffixed else f"test_{stem}.py"
    known = sorted(
        path for path in tests if PurePosixPath(path).name in (name, f"test_{stem}.py", f"{stem}_test.py")
    )
    if known:
        path = known[0]
        return Style(path, tests[path], _uses_unittest([tests[path]], is_unittest), imported)
    folders = Counter(str(PurePosixPath(path).parent) for path in tests)
    folder = min(folders, key=lambda f: (-folders[f], f)) if folders else "tests"
    path = name if folder == "." else f"{folder}/{name}"
    return Style(path, "", _uses_unittest(tests.values(), is_unittest), imported)


def draft(
    example: Example,
    place: Place,
    style: Style,
    why: str,
    taken: Collection[str],
    also: Sequence[str] = (),
) -> ProposedTest:
    """A test of one example. ``taken`` are names of tests that are there already; ``also`` are names of
    the place's file that the example needs beside the one that it asks."""
    module = module_of(place.path, style.imported)
    name = _unique(_name(example), taken)
    asked = example.called
    wanted = asked.split(".", 1)[0] if asked else place.function.split(".", 1)[0]
    top = _import_of(module, asked, wanted)
    body: list[str] = []
    imports: list[str] = [f"from {module} import {name}" for name in also if name != wanted]
    # A name that is not there yet is imported where it is used: so the file is collected, and the test
    # fails by itself, beside the others of the file.
    (body if place.is_missing else imports).append(top)
    body += _asserts(example, style, imports)
    if style.is_unittest:
        imports.insert(0, "import unittest")
        owner = _class_name(place)
        lines = [
            f"class {owner}(unittest.TestCase):",
            f"    def {name}(self):",
            *(f"        {b}" for b in body),
        ]
        node_id = f"{style.path}::{owner}::{name}"
    else:
        lines = [f"def {name}():", *(f"    {line}" for line in body)]
        node_id = f"{style.path}::{name}"
    head = "\n".join(sorted(dict.fromkeys(imports), key=lambda line: (line.startswith("from"), line)))
    source = "\n".join([*([head, "", ""] if head else []), *lines, ""])
    return ProposedTest(style.path, node_id, source, why)


def put_tests(text: str, sources: Iterable[str]) -> str:
    """A test file with these tests at its end; their imports at the top, where they are not yet. Tests of
    one class stand together. Raises SyntaxError for a source or a file that does not parse."""
    for source in sources:
        text = _put(text, source)
    return text


def test_names(text: str) -> frozenset[str]:
    """The bare names of the functions in a file."""
    return frozenset(name.rpartition(".")[2] for name in function_names(text))


def ids_in(path: RelPath, source: str) -> tuple[NodeId, ...]:
    """The ids of the tests that a text would define in the file ``path``. Raises SyntaxError."""
    found: list[NodeId] = []
    for node in parse_quietly(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            found.append(f"{path}::{node.name}")
        elif isinstance(node, ast.ClassDef):
            found += [
                f"{path}::{node.name}::{inner.name}"
                for inner in node.body
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
                and inner.name.startswith("test")
            ]
    return tuple(found)


# --- parts ----------------------------------------------------------------------------------------


def _asserts(example: Example, style: Style, imports: list[str]) -> list[str]:
    call, expected = example.call, example.expected
    if example.raises:
        if style.is_unittest:
            return [f"with self.assertRaises({example.raises}):", f"    {call}"]
        imports.append("import pytest")
        return [f"with pytest.raises({example.raises}):", f"    {call}"]
    if example.other:
        return [f"self.assertTrue({example.other})" if style.is_unittest else f"assert {example.other}"]
    if expected in ("None", "True", "False"):
        said = {"None": "assertIsNone", "True": "assertIs", "False": "assertIs"}[expected]
        second = "" if expected == "None" else f", {expected}"
        return [f"self.{said}({call}{second})" if style.is_unittest else f"assert {call} is {expected}"]
    if _is_fraction(expected):
        if style.is_unittest:
            return [f"self.assertAlmostEqual({call}, {expected})"]
        imports.append("import pytest")
        return [f"assert {call} == pytest.approx({expected})"]
    return [
        f"self.assertEqual({call}, {expected})" if style.is_unittest else f"assert {call} == {expected}"
    ]


def _is_fraction(expected: str) -> bool:
    """Whether it is a number that arithmetic may miss by a hair."""
    try:
        return not float(expected).is_integer()
    except (ValueError, OverflowError):
        return False


def _import_of(module: str, asked: str, wanted: str) -> str:
    owner = asked.rpartition(".")[0]
    if owner and module == owner:
        return f"import {module}"
    if owner and module.endswith(f".{owner}"):
        return f"from {module.removesuffix(f'.{owner}')} import {owner}"
    return f"from {module} import {wanted}" if wanted else f"import {module}"


def _name(example: Example) -> str:
    """``test_slugify_a_b``: the function and what it is given."""
    text = example.call or example.other
    owner, _, rest = text.partition("(")
    words = re.findall(r"[A-Za-z0-9]+|-(?=\d)", rest if example.call else text)
    said = ["minus" if word == "-" else word.lower() for word in words]
    end = ["raises", re.sub(r"(?<!^)(?=[A-Z])", "_", example.raises).lower()] if example.raises else []
    base = "" if example.other else owner.rpartition(".")[2]
    name = "_".join(filter(None, ["test", base, *said, *end]))
    if not said and not end and example.call:
        name += "_of_nothing"
    return re.sub(r"\W+", "_", name)[:_LONGEST_NAME].rstrip("_")


def _unique(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)


def _class_name(place: Place) -> str:
    words = re.findall(r"[A-Za-z0-9]+", place.function or PurePosixPath(place.path).stem)
    return "".join(word[:1].upper() + word[1:] for word in words) + "RequestTest"


def _uses_unittest(texts: Iterable[str], is_unittest: bool) -> bool:
    if is_unittest:
        return True
    every = list(texts)
    return bool(every) and all(
        re.search(r"^class \w+\(.*TestCase\)", text, re.MULTILINE) for text in every
    )


def _imports(text: str) -> set[str]:
    """Modules that a test file names."""
    found = re.findall(
        r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w.]+))", text, re.MULTILINE
    )
    return {one or other for one, other in found if (one or other).strip(".")}


def _put(text: str, source: str) -> str:
    given = parse_quietly(source)
    kinds = (ast.Import, ast.ImportFrom)
    text = _with_imports(text, [node for node in given.body if isinstance(node, kinds)])
    lines = source.split("\n")
    for node in given.body:
        if isinstance(node, kinds):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        code = lines[first - 1 : node.end_lineno]
        if isinstance(node, ast.ClassDef) and (joined := _joined(text, node, lines)) is not None:
            text = joined
        else:
            text = _at_the_end(text, "\n".join(code))
    return text


def _joined(text: str, given: ast.ClassDef, lines: Sequence[str]) -> str | None:
    """The text with a class's methods at the end of the one of that name; ``None``: there is none."""
    there = [n for n in parse_quietly(text).body if isinstance(n, ast.ClassDef) and n.name == given.name]
    if not there:
        return None
    body = lines[given.body[0].lineno - 1 : given.end_lineno]
    old = text.split("\n")
    end = there[-1].end_lineno or len(old)
    return "\n".join([*old[:end], "", *body, *old[end:]])


def _at_the_end(text: str, code: str) -> str:
    """Before the block that runs the file as a program, where it has one."""
    main = _MAIN.search(text)
    head, tail = (text[: main.start()], text[main.start() :]) if main else (text, "")
    head = f"{head.rstrip()}\n\n\n" if head.strip() else ""
    return f"{head}{code.rstrip()}\n" + (f"\n\n{tail}" if tail else "")


def _with_imports(text: str, given: Sequence[ast.Import | ast.ImportFrom]) -> str:
    tree = parse_quietly(text)
    kinds = (ast.Import, ast.ImportFrom)
    known = {_bound(node, alias) for node in tree.body if isinstance(node, kinds) for alias in node.names}
    missing = []
    for node in given:
        names = [alias for alias in node.names if _bound(node, alias) not in known]
        if names:
            node.names = names
            missing.append(ast.unparse(node))
    if not missing:
        return text
    lines = text.split("\n")
    last, gap = 0, False
    for index, statement in enumerate(tree.body):
        if isinstance(statement, kinds):
            last, gap = statement.end_lineno or last, False
        elif index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            last, gap = statement.end_lineno or last, True
    return "\n".join([*lines[:last], *([""] if gap else []), *missing, *lines[last:]])


def _bound(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str]:
    """What a name stands for, and the name."""
    module = f"{'.' * node.level}{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
    return f"{module}{alias.name}", alias.asname or alias.name
