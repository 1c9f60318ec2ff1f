"""Names that are not there: imports that are missing, slips of the pen, values that come too late.

TBar (ISSTA 2019), section 2, FP11 and FP13 (mutated variables and names); PAR has no like of it for
Java's compiler finds them. Which import is missing, other files of the repository often say themselves:
E. Barr et al., "The plastic surgery hypothesis", FSE 2014.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.base import (
    Rewrite,
    Rule,
    Scene,
    Spot,
    Trouble,
    bindings,
    first_working,
    near,
    parameters,
)
from core.search.rules.modules import add_import, imports_for, moves, with_import
from core.search.splice import Splice

_UNDEFINED: Final = re.compile(r"(?:global )?name '(\w+)' is not defined")
_UNBOUND: Final = re.compile(r"(?:local|free) variable '(\w+)'")
_EMPTY: Final = ("None", "0", "[]", "''", "{}", "False", "set()", "1", "True")


def undefined_name(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``NameError``: import it, write it right, or take it from ``self``."""
    found = _UNDEFINED.search(trouble.text) if trouble.kind == "NameError" else None
    if found is None:
        return
    name = found[1]
    for spot in scene.spots(trouble):
        uses = [n for n in spot.nodes() if isinstance(n, ast.Name) and n.id == name]
        every = [n for n in ast.walk(spot.tree.tree) if isinstance(n, ast.Name) and n.id == name]
        for use in uses:
            yield from _written_right(spot, use)
        if len(every) > len(uses) and uses:
            yield from _written_right_everywhere(spot, name, every)
        if every:
            dotted = any(isinstance(spot.tree.parents.get(use), ast.Attribute) for use in every)
            for text, weight in imports_for(name, spot.path, scene, dotted=dotted):
                yield with_import(spot.path, spot.tree, text, (), 1, weight * spot.share)
            return


def unbound_name(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``UnboundLocalError``: it means the module's or the outer function's, or needs a first value."""
    found = _UNBOUND.search(trouble.text) if "Unbound" in trouble.kind else None
    if found is None:
        return
    name = found[1]
    for spot in scene.spots(trouble):
        function = spot.function
        if function is None:
            continue
        first = first_working(function)
        if name in bindings(spot.tree):
            yield from spot.insert_before(first, f"global {name}", 0.95)
        if spot.tree.function_of(function) is not None:
            yield from spot.insert_before(first, f"nonlocal {name}", 0.95)
        for rank, value in enumerate((*_EMPTY, *parameters(function))):
            yield from spot.insert_before(first, f"{name} = {value}", 0.8 / (1 + 0.1 * rank))
        for use in spot.nodes():
            if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load):
                yield from _written_right(spot, use)
        return


def _candidates(spot: Spot, name: str) -> list[str]:
    scope = spot.scope
    known = (*scope.names, *scope.functions, *bindings(spot.tree), *dir(builtins))
    return near(name, known)


def _written_right(spot: Spot, use: ast.Name) -> Iterator[Rewrite]:
    scope = spot.scope
    moved = moves()["names"].get(use.id)
    if moved is not None:
        yield from _moved_name(spot, use, moved)
    if scope.self_name and use.id in scope.self_attributes:
        yield from spot.replace(use, f"{scope.self_name}.{use.id}", 0.97)
    for rank, other in enumerate(_candidates(spot, use.id)):
        yield from spot.replace(use, other, 0.96 / (1 + 0.15 * rank))
    if scope.self_name:
        for rank, other in enumerate(near(use.id, scope.self_attributes, 2)):
            yield from spot.replace(use, f"{scope.self_name}.{other}", 0.8 / (1 + 0.2 * rank))


def _written_right_everywhere(spot: Spot, name: str, every: list[ast.Name]) -> Iterator[Rewrite]:
    for rank, other in enumerate(_candidates(spot, name)[:2]):
        splices = tuple(Splice(*spot.tree.span(use), other) for use in every)
        title = f"write {other} for {name} in the whole file"
        yield spot.splice(every[0].lineno, title, splices, 0.9 / (1 + 0.15 * rank))


def _moved_name(spot: Spot, use: ast.Name, new: str) -> Iterator[Rewrite]:
    module, _, last = new.rpartition(".")
    if not module:
        yield from spot.replace(use, new, 0.98)
        return
    text = f"from {module} import {last}"
    others = () if last == use.id else (Splice(*spot.tree.span(use), last),)
    splices = (add_import(spot.tree, text), *others)
    yield spot.splice(use.lineno, text, splices, 0.98)


RULES: Final[tuple[Rule, ...]] = (undefined_name, unbound_name)
