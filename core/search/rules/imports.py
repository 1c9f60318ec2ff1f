"""Imports that fail: names and modules that were moved, renamed or never written like that.

Which names moved between versions is data (``resources/rules/moves.toml``). That updated code most
often needs a renamed method, a moved class or another parameter was found by B. Cossette, R. Walker,
"Seeking the ground truth: a retroactive study on the evolution and migration of software libraries",
FSE 2012, section 4.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble, bindings, near
from core.search.rules.modules import (
    add_import,
    imports_for,
    moves,
    names_in,
    near_modules,
    path_of,
)
from core.search.splice import Splice

_NAME: Final = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")
_MODULE: Final = re.compile(r"No module named '([\w.]+)'")
_ATTRIBUTE: Final = re.compile(r"(?:partially initialized )?module '([\w.]+)' has no attribute '(\w+)'")
_KINDS: Final = ("ImportError", "ModuleNotFoundError")


def moved_name(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``from m import x``: ``x`` has another name or is in another module."""
    found = _NAME.search(trouble.text) if trouble.kind in _KINDS else None
    if found is None:
        return
    name, module = found[1], found[2]
    for spot in scene.spots(trouble):
        statement = spot.statement
        if not isinstance(statement, ast.ImportFrom):
            continue
        alias = next((a for a in statement.names if a.name == name), None)
        if alias is None:
            continue
        bound = alias.asname or name
        for rank, other in enumerate(near(name, names_in(module, scene))):
            text = f"{other} as {bound}" if not _is_used_once(spot, bound) else other
            if text == other:
                yield _with_uses(spot, alias, bound, other, 0.97 / (1 + 0.2 * rank))
            yield _renamed(spot, alias, f"{other} as {bound}", 0.85 / (1 + 0.2 * rank))
        homes = [text for text, _ in imports_for(name, spot.path, scene, dotted=False)]
        moved = moves()["attributes"].get(f"{module}.{name}")
        if moved is not None:
            home, _, last = moved.rpartition(".")
            what = last if last == bound else f"{last} as {bound}"
            homes.insert(0, f"from {home} import {what}" if home else f"{bound} = {last}")
        for rank, text in enumerate(homes):
            yield _moved(spot, alias, text, 0.95 / (1 + 0.15 * rank))
        yield _moved(spot, alias, "", 0.3)


def missing_definition(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """A test imports a name that the repository's module has under another one, or in another file."""
    found = _NAME.search(trouble.text) if trouble.kind in _KINDS else None
    path = path_of(found[2], scene) if found else None
    if found is None or path is None or path not in scene.trees or trouble.places:
        return
    name, tree = found[1], scene.trees[path]
    end = len(tree.text)
    newline = "" if tree.text.endswith("\n") or not tree.text else "\n"
    for rank, other in enumerate(near(name, bindings(tree))):
        uses = [n for n in ast.walk(tree.tree) if isinstance(n, ast.Name) and n.id == other]
        splices = [Splice(*tree.span(use), name) for use in uses]
        for node in tree.tree.body:
            if (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                and node.name == other
            ):
                start = tree.text.index(other, tree.span(node)[0])
                splices.append(Splice(start, start + len(other), name))
        weight = 0.95 / (1 + 0.15 * rank)
        yield Rewrite(path, 1, f"call {other} {name}", tuple(splices), weight)
        alias = Splice(end, end, f"{newline}\n\n{name} = {other}\n")
        yield Rewrite(path, 1, f"let {name} be {other}", (alias,), weight - 0.05)
    for text, weight in imports_for(name, path, scene, dotted=False):
        yield Rewrite(path, 1, text, (add_import(tree, text),), weight - 0.05)


def missing_module(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """A module with another name, of the repository or of the standard library."""
    found = _MODULE.search(trouble.text) if trouble.kind in _KINDS else None
    if found is None:
        return
    wrong = found[1]
    moved = moves()["modules"].get(wrong)
    options = ([moved] if moved else []) + near_modules(wrong, scene)
    for spot in scene.spots(trouble):
        start, end = spot.tree.span(spot.statement)
        at = re.search(rf"(?<![\w.]){re.escape(wrong)}(?!\w)", spot.tree.text[start:end])
        if isinstance(spot.statement, (ast.Import, ast.ImportFrom)) and at is not None:
            for rank, other in enumerate(dict.fromkeys(options)):
                text = other
                if isinstance(spot.statement, ast.Import) and not re.search(
                    r"\bas\b", spot.tree.text[start:end]
                ):
                    text = f"{other} as {wrong}" if "." not in wrong else other
                splice = Splice(start + at.start(), start + at.end(), text)
                title = f"import {other} instead of {wrong}"
                yield spot.splice(spot.statement.lineno, title, (splice,), 0.97 / (1 + 0.2 * rank))
        if isinstance(spot.statement, ast.ImportFrom):
            for alias in spot.statement.names:
                for rank, (text, _) in enumerate(
                    imports_for(alias.asname or alias.name, spot.path, scene, dotted=False)
                ):
                    yield _moved(spot, alias, text, 0.9 / (1 + 0.2 * rank))


def missing_attribute_of_a_module(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``m.x``: ``x`` has another name or is in another module."""
    found = _ATTRIBUTE.search(trouble.text) if trouble.kind == "AttributeError" else None
    if found is None:
        return
    module, name = found[1], found[2]
    moved = moves()["attributes"].get(f"{module}.{name}")
    for spot in scene.spots(trouble):
        for node in spot.nodes():
            if not isinstance(node, ast.Attribute) or node.attr != name:
                continue
            if moved is not None:
                home, _, last = moved.rpartition(".")
                imported = (add_import(spot.tree, f"import {home}"),) if home else ()
                text = moved if home else last
                splices = (*imported, Splice(*spot.tree.span(node), text))
                yield spot.splice(node.lineno, f"{text} instead of {module}.{name}", splices, 0.98)
            receiver = spot.code(node.value)
            for rank, other in enumerate(near(name, names_in(module, scene))):
                yield from spot.replace(node, f"{receiver}.{other}", 0.96 / (1 + 0.15 * rank))
            for rank, other in enumerate(_methods_for(name)):
                yield from spot.replace(node, f"{receiver}.{other}", 0.7 / (1 + 0.15 * rank))
            if path_of(f"{module}.{name}", scene) is not None:
                splices = (add_import(spot.tree, f"import {module}.{name}"),)
                yield spot.splice(node.lineno, f"import {module}.{name}", splices, 0.95)
            splices = (add_import(spot.tree, f"from {module} import {module}"),)
            if module in names_in(module, scene):
                yield spot.splice(node.lineno, f"from {module} import {module}", splices, 0.8)


def _methods_for(name: str) -> tuple[str, ...]:
    other = moves()["methods"].get(name, "")
    return (other,) if other and not other.startswith("__") else ()


def _is_used_once(spot: Spot, name: str) -> bool:
    uses = [n for n in ast.walk(spot.tree.tree) if isinstance(n, ast.Name) and n.id == name]
    return len(uses) >= 1


def _renamed(spot: Spot, alias: ast.alias, text: str, weight: float) -> Rewrite:
    return spot.splice(alias.lineno, f"import {text}", (_alias_splice(spot, alias, text),), weight)


def _with_uses(spot: Spot, alias: ast.alias, bound: str, other: str, weight: float) -> Rewrite:
    """Import the right name, and use it wherever the wrong one was used."""
    if alias.asname:
        text = f"{other} as {alias.asname}"
        return _renamed(spot, alias, text, weight)
    uses = [n for n in ast.walk(spot.tree.tree) if isinstance(n, ast.Name) and n.id == bound]
    splices = [_alias_splice(spot, alias, other)]
    splices += [Splice(*spot.tree.span(use), other) for use in uses]
    return spot.splice(alias.lineno, f"import {other} instead of {bound}", splices, weight)


def _alias_splice(spot: Spot, alias: ast.alias, text: str) -> Splice:
    tree = spot.tree
    start = tree.offset(alias.lineno, alias.col_offset)
    end = tree.offset(alias.end_lineno or alias.lineno, alias.end_col_offset or alias.col_offset)
    return Splice(start, end, text)


def _moved(spot: Spot, alias: ast.alias, text: str, weight: float) -> Rewrite:
    """Take one name out of an import and bind it by another statement, or not at all."""
    statement = spot.statement
    assert isinstance(statement, ast.ImportFrom)
    title = f"{text} instead" if text else f"do without the import of {alias.name}"
    indent = " " * statement.col_offset
    rest = [a for a in statement.names if a is not alias]
    if not rest:
        return spot.splice(
            statement.lineno, title, (Splice(*spot.tree.span(statement), text or "pass"),), weight
        )
    kept = ", ".join(f"{a.name} as {a.asname}" if a.asname else a.name for a in rest)
    line = f"from {'.' * statement.level}{statement.module or ''} import {kept}"
    both = f"{line}\n{indent}{text}" if text else line
    return spot.splice(statement.lineno, title, (Splice(*spot.tree.span(statement), both),), weight)


RULES: Final[tuple[Rule, ...]] = (
    moved_name,
    missing_definition,
    missing_module,
    missing_attribute_of_a_module,
)
