"""Names that a function is given and never reads: somebody wanted them used. Pure.

What a linter says of a line that failing tests execute is evidence as any other: D. Zou et al., "An
empirical study of fault localization families and their combinations", IEEE TSE 47(2), 2021, section 4,
for how much unlike kinds of evidence gain together. Kept to what is hardly ever meant: a loop that does
not look at its element, and a parameter that its function does not look at. ``_name`` says that it is
meant, as do ``range`` and ``*args``.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from core.localise.spectrum import Place
from core.localise.statements import FileMap, Statement
from core.types import RelPath

LOOP: Final = 1.0
PARAMETER: Final = 0.5
"""Of a whole function; protocols and overridden methods have such parameters, too."""
_USUAL: Final = frozenset({"self", "cls", "args", "kwargs"})


def forgotten(
    maps: Mapping[RelPath, FileMap], executed: Collection[Place]
) -> dict[Place, tuple[float, str]]:
    """How suspicious each of the ``executed`` statements is in a loop or function that forgets something,
    in 0..1, and what it forgets."""
    found: dict[Place, tuple[float, str]] = {}
    for path, file in maps.items():
        ran = [s for s in file.statements if (path, s.first) in executed]
        if not ran:
            continue
        read = _read(file)
        for loop in ran:
            if names := _unread_elements(loop, read.get(loop.function, frozenset())):
                last = loop.node.end_lineno or loop.last
                for statement in ran:
                    if loop.first <= statement.first <= last:
                        found[path, statement.first] = LOOP, f"{names} is never read in this loop"
        for function, name in _unread_parameters(file, read):
            for statement in ran:
                if statement.function == function:
                    told = PARAMETER, f"the parameter {name} is never read here"
                    found.setdefault((path, statement.first), told)
    return found


def _read(file: FileMap) -> dict[str, frozenset[str]]:
    """What is read or named in each function, those within it included."""
    found: dict[str, set[str]] = {}
    for statement in file.statements:
        function = statement.function
        while function:
            uses = statement.uses
            found.setdefault(function, set()).update(uses.reads, uses.words - uses.writes)
            function = function.rpartition(".")[0]
    return {function: frozenset(names) for function, names in found.items()}


def _unread_elements(loop: Statement, read: Collection[str]) -> str:
    """The names of a loop's element, where none of them is read."""
    node = loop.node
    if not isinstance(node, (ast.For, ast.AsyncFor)) or not loop.function:
        return ""
    if isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") == "range":
        return ""
    names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
    unread = [name for name in names if name not in read and not name.startswith("_")]
    return " and ".join(unread) if len(unread) == len(names) else ""


def _unread_parameters(file: FileMap, read: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    for function, parameters in file.arguments.items():
        known = read.get(function)
        if known is None:
            continue
        for name in sorted(parameters - _USUAL):
            if name not in known and not name.startswith("_"):
                yield function, name
