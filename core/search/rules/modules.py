"""Where names come from: the standard library, the repository's own files, moves between versions."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Final

from core.search.rules.base import Rewrite, Scene, bindings, near
from core.search.splice import SourceTree, Splice
from core.types import RelPath

_MOST_FILES: Final = 400
"""Files of the repository that are searched for a name."""
_SHARED: Final = (
    "collections",
    "typing",
    "itertools",
    "functools",
    "pathlib",
    "datetime",
    "math",
    "dataclasses",
    "contextlib",
    "operator",
    "copy",
    "abc",
    "enum",
    "decimal",
    "fractions",
    "collections.abc",
    "io",
    "types",
    "heapq",
    "bisect",
    "statistics",
    "random",
    "string",
    "re",
    "json",
    "textwrap",
    "inspect",
    "time",
    "urllib.parse",
    "tempfile",
    "threading",
    "warnings",
    "os.path",
    "shutil",
    "subprocess",
    "uuid",
    "struct",
    "glob",
    "html",
    "keyword",
    "numbers",
    "traceback",
    "unicodedata",
    "weakref",
)
"""Modules of the standard library whose names are usually imported one by one, the commonest first."""
_NICKNAMES: Final = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "tf": "tensorflow",
    "dt": "datetime",
    "sp": "scipy",
    "ET": "xml.etree.ElementTree",
    "mp": "multiprocessing",
    "tk": "tkinter",
    "sns": "seaborn",
    "nx": "networkx",
}


@lru_cache(maxsize=1)
def moves() -> Mapping[str, Mapping[str, str]]:
    """The tables of ``resources/rules/moves.toml``."""
    text = files("resources").joinpath("rules", "moves.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def standard_names(module: str) -> tuple[str, ...]:
    """What a module of the standard library has, as our own Python knows it; empty for any other."""
    if module.split(".")[0] not in sys.stdlib_module_names or module in ("this", "antigravity"):
        return ()
    if module not in sys.modules and module not in _SHARED:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(dir(importlib.import_module(module)))


def imports_for(name: str, path: RelPath, scene: Scene, *, dotted: bool) -> Iterator[tuple[str, float]]:
    """Import statements that bind ``name`` in a file, with weights; ``dotted`` where attributes of it are
    used, as of a module."""
    found: dict[str, float] = {}
    for text in _used_elsewhere(name, path, scene):
        found.setdefault(text, 1.0)
    for module in _defining(name, path, scene):
        found.setdefault(f"from {module} import {name}", 0.95)
    if name in sys.stdlib_module_names:
        found.setdefault(f"import {name}", 0.98 if dotted else 0.7)
    if name in _NICKNAMES:
        found.setdefault(f"import {_NICKNAMES[name]} as {name}", 0.9)
    homes = [module for module in _SHARED if name in standard_names(module)]
    for rank, module in enumerate(homes[:4]):
        found.setdefault(f"from {module} import {name}", 0.9 - 0.1 * rank)
    yield from found.items()


def add_import(tree: SourceTree, text: str) -> Splice:
    """Put an import behind those that a module begins with, or behind its docstring."""
    line = 1
    for statement in tree.tree.body:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not isinstance(statement, (ast.Import, ast.ImportFrom)) and not is_docstring:
            break
        line = (statement.end_lineno or statement.lineno) + 1
    offset = tree.line_start(line)
    newline = "" if offset == 0 or tree.text[offset - 1] == "\n" else "\n"
    return Splice(offset, offset, f"{newline}{text}\n")


def with_import(
    path: RelPath, tree: SourceTree, text: str, others: tuple[Splice, ...], line: int, weight: float
) -> Rewrite:
    title = text if not others else f"{text}, and use it"
    return Rewrite(path, line, title, (add_import(tree, text), *others), weight)


def module_of(path: RelPath) -> str:
    """The dotted name under which a file of the repository is imported."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts and parts[0] in ("src", "lib"):
        parts = parts[1:]
    if parts and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def path_of(module: str, scene: Scene) -> RelPath | None:
    """The file of the repository that a dotted name means."""
    for path in scene.repository:
        if path.endswith(".py") and module_of(path) == module:
            return path
    return None


def names_in(module: str, scene: Scene) -> tuple[str, ...]:
    """What a module binds, of the repository or of the standard library."""
    path = path_of(module, scene)
    if path is None:
        return standard_names(module)
    return names_of_file(path, scene)


def names_of_file(path: RelPath, scene: Scene) -> tuple[str, ...]:
    tree = scene.trees.get(path)
    if tree is None:
        try:
            tree = SourceTree(scene.repository[path])
        except (SyntaxError, KeyError):
            return ()
    return bindings(tree)


def near_modules(module: str, scene: Scene) -> list[str]:
    """Modules of the repository and of the standard library that a wrong name may mean."""
    known = [module_of(path) for path in scene.repository if path.endswith(".py")]
    last = module.rsplit(".", 1)[-1]
    same_end = [name for name in known if name.rsplit(".", 1)[-1] == last and name != module]
    return [*same_end[:3], *near(module, (*known, *sys.stdlib_module_names), 4)]


def _used_elsewhere(name: str, path: RelPath, scene: Scene) -> list[str]:
    """Imports by which other files of the repository bind the name; relative ones of the same folder."""
    pattern = re.compile(
        rf"^(?:from\s+(\.*[\w.]+)\s+import\s+(?:[^#\n(]*\b)?{name}\b[^#\n]*|import\s+[\w.]+\s+as\s+{name})\s*$",
        re.MULTILINE,
    )
    found: dict[str, None] = {}
    for other in list(scene.repository)[:_MOST_FILES]:
        if other == path or not other.endswith(".py"):
            continue
        for match in pattern.finditer(scene.repository.get(other, "")):
            module = match[1]
            if module is None:
                found[match[0].strip()] = None
            elif not module.startswith(".") or PurePosixPath(other).parent == PurePosixPath(path).parent:
                alias = re.search(rf"(\w+)\s+as\s+{name}\b", match[0])
                what = f"{alias[1]} as {name}" if alias else name
                found[f"from {module} import {what}"] = None
    return list(found)[:3]


def _defining(name: str, path: RelPath, scene: Scene) -> list[str]:
    """Modules of the repository that define a function, class or constant of the name."""
    pattern = re.compile(
        rf"^(?:(?:async )?def {name}\b|class {name}\b|{name}\s*(?::[^=\n]+)?=[^=])", re.MULTILINE
    )
    tree = scene.trees[path]
    is_relative = any(isinstance(s, ast.ImportFrom) and s.level == 1 for s in tree.tree.body)
    found: list[str] = []
    for other in list(scene.repository)[:_MOST_FILES]:
        if other == path or not other.endswith(".py") or other in scene.tests:
            continue
        if pattern.search(scene.repository.get(other, "")):
            same_folder = PurePosixPath(other).parent == PurePosixPath(path).parent
            stem = PurePosixPath(other).stem
            module = (
                f".{stem}" if is_relative and same_folder and stem != "__init__" else module_of(other)
            )
            found.append(module)
    found.sort(key=lambda module: not module.startswith("."))
    return found[:3]
