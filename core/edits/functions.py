"""Replace a whole function by name, and leave everything around it as it is. Pure."""

from __future__ import annotations

import ast
import textwrap
from functools import lru_cache
from typing import TypeAlias

from core.edits.values import EditFailure, numbered
from core.parsing import parse

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def replace_function(source: str, name: str, code: str) -> str | EditFailure:
    """Put the definition of ``name`` found in ``code`` in place of the one in ``source``.

    ``name`` is dotted (``Stack.push``) or bare where only one function has it. Decorators, the
    comment after the function and its indentation stay; decorators in ``code`` replace the old ones.
    Imports in ``code`` that ``source`` lacks are put above the function's body text, at the top.
    """
    tree, given = _parse(source), _parse(textwrap.dedent(code))
    if tree is None:
        return EditFailure("The file itself does not parse, so no function in it can be found.")
    if given is None:
        return EditFailure("The code of the answer does not parse.", _around_error(code))
    old = _find(tree, name)
    if isinstance(old, EditFailure):
        return old
    bare = name.rsplit(".", 1)[-1]
    new = _find(given, name)
    if isinstance(new, EditFailure):
        new = _find(given, bare)
    if isinstance(new, EditFailure):
        return EditFailure(f"The answer does not define {bare}.")
    body = _definition(textwrap.dedent(code), new, with_decorators=bool(new.decorator_list))
    lines = source.split("\n")
    first = (
        min([old.lineno, *(d.lineno for d in old.decorator_list)]) if new.decorator_list else old.lineno
    )
    last = old.end_lineno or old.lineno
    indent = lines[old.lineno - 1][: old.col_offset]
    fitted = [_indented(line, indent, inside) for line, inside in _with_string_state(body)]
    result = "\n".join([*lines[: first - 1], *fitted, *lines[last:]])
    return _with_imports(result, tree, given)


def function_source(source: str, name: str) -> str:
    """The text of a function, decorators included, without common indentation; empty if not found."""
    tree = _parse(source)
    found = _find(tree, name) if tree else None
    if tree is None or not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    return textwrap.dedent("\n".join(_definition(source, found, with_decorators=True))) + "\n"


def function_lines(source: str, name: str) -> tuple[int, int] | None:
    """The first line (decorators included) and the last of a function; ``None`` if not found."""
    tree = _parse(source)
    found = _find(tree, name) if tree else None
    if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    first = min([found.lineno, *(d.lineno for d in found.decorator_list)])
    return first, found.end_lineno or found.lineno


def function_names(code: str) -> tuple[str, ...]:
    """Dotted names of the functions that a text defines, outermost first."""
    tree = _parse(textwrap.dedent(code))
    return tuple(name for name, _ in _functions(tree)) if tree else ()


def _find(tree: ast.Module, name: str) -> FunctionNode | EditFailure:
    every = _functions(tree)
    exact = [node for dotted, node in every if dotted == name]
    ending = [node for dotted, node in every if dotted.endswith(f".{name}")]
    # The last definition of a name is the one that counts when the module runs.
    if exact:
        return exact[-1]
    if len(ending) == 1:
        return ending[0]
    if ending:
        where = " and ".join(str(node.lineno) for node in ending[:3])
        return EditFailure(f"More than one function is called {name} (lines {where}); give its class.")
    return EditFailure(f"There is no function {name} in the file.")


def _functions(tree: ast.AST, prefix: str = "") -> list[tuple[str, FunctionNode]]:
    found: list[tuple[str, FunctionNode]] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append((prefix + node.name, node))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found += _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)):
            found += _functions(node, prefix)
    return found


def _definition(source: str, node: FunctionNode, with_decorators: bool) -> list[str]:
    first = (
        min([node.lineno, *(d.lineno for d in node.decorator_list)]) if with_decorators else node.lineno
    )
    lines = source.split("\n")[first - 1 : node.end_lineno]
    cut = len(lines[0]) - len(lines[0].lstrip())
    return [line[cut:] if not line[:cut].strip() else line for line in lines]


def _with_string_state(body: list[str]) -> list[tuple[str, bool]]:
    """Each line with whether it starts inside a multi-line string, whose text must not be shifted."""
    inside: set[int] = set()
    tree = _parse("\n".join(body))
    for node in ast.walk(tree) if tree else ():
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
        )
        if is_text and isinstance(node, ast.expr) and node.end_lineno:
            inside |= set(range(node.lineno + 1, node.end_lineno + 1))
    docstrings = _docstring_lines(tree) if tree else set()
    return [(line, i in inside and i not in docstrings) for i, line in enumerate(body, 1)]


def _docstring_lines(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found |= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return found


def _indented(line: str, indent: str, inside_text: bool) -> str:
    return line if inside_text or not line.strip() else indent + line


def _with_imports(source: str, old: ast.Module, given: ast.Module) -> str:
    """Add the top-level imports of the answer that the file lacks, after the file's last import."""
    kinds = (ast.Import, ast.ImportFrom)
    known = {ast.unparse(node) for node in ast.walk(old) if isinstance(node, kinds)}
    bound = {
        alias.asname or alias.name for n in ast.walk(old) if isinstance(n, kinds) for alias in n.names
    }
    missing = [
        ast.unparse(node)
        for node in given.body
        if isinstance(node, kinds)
        and ast.unparse(node) not in known
        and not all((alias.asname or alias.name) in bound for alias in node.names)
    ]
    if not missing:
        return source
    last = 0
    for index, node in enumerate(old.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, kinds) or is_docstring:
            last = node.end_lineno or last
    lines = source.split("\n")
    return "\n".join([*lines[:last], *missing, *lines[last:]])


def _around_error(code: str) -> tuple[str, ...]:
    try:
        parse(textwrap.dedent(code))
    except SyntaxError as error:
        return numbered(textwrap.dedent(code).split("\n"), max(0, (error.lineno or 1) - 2), 3)
    except ValueError:
        pass
    return ()


@lru_cache(maxsize=8)
def _parse(source: str) -> ast.Module | None:
    """To be looked at only: the functions of one source are asked for again and again."""
    try:
        return parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
