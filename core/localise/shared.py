"""Code that ran before any test and yet shapes what tests do: constants of modules and classes, defaults
of parameters. Pure.

No test executes them, as importing the module did, so they have no spectrum of their own: who executes
what reads them counts.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping

from core.localise.spectrum import Place, Spectrum
from core.localise.statements import FileMap, Statement
from core.types import RelPath

_HEADS = (ast.FunctionDef, ast.AsyncFunctionDef)


def shared(maps: Mapping[RelPath, FileMap], executed: Mapping[Place, Spectrum]) -> dict[Place, Spectrum]:
    """The spectra of what ran before the tests and is read at ``executed``, by places."""
    found: dict[Place, Spectrum] = {}
    for path, file in maps.items():
        definitions: dict[str, list[Statement]] = defaultdict(list)
        heads: dict[str, Statement] = {}
        for statement in file.statements:
            if isinstance(statement.node, _HEADS):
                heads[statement.function] = statement
            elif file.is_shared(statement) and (path, statement.first) not in executed:
                for name in statement.uses.writes:
                    definitions[name].append(statement)
        if not definitions and not heads:
            continue
        for statement in file.statements:
            seen = executed.get((path, statement.first))
            if seen is None:
                continue
            named = [s for name in statement.uses.words for s in definitions.get(name, ())]
            head = heads.get(statement.function)
            for definition in (*named, *([head] if head else [])):
                place = path, definition.first
                before = found.get(place, seen)
                # The readers' tests may be the same ones; their union is at least the largest.
                found[place] = Spectrum(
                    max(seen.failing, before.failing), max(seen.passing, before.passing), seen.traced
                )
    return found
