"""Handlers that let an error pass. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from core.localise.spectrum import Place
from core.localise.statements import FileMap
from core.types import RelPath


def passed(maps: Mapping[RelPath, FileMap], traced: Mapping[Place, float]) -> dict[Place, float]:
    """Heads of handlers that an error on its way up came by and that did not catch it, each with the
    highest of the numbers in ``traced`` (by lines on tracebacks) that it guards."""
    found: dict[Place, float] = {}
    for (path, line), closeness in traced.items():
        for statement in maps[path].statements if path in maps else ():
            node = statement.node
            if not isinstance(node, ast.Try):
                continue
            last = node.body[-1].end_lineno or node.body[-1].lineno
            if node.body[0].lineno <= line <= last:
                for handler in node.handlers:
                    place = path, handler.lineno
                    found[place] = max(closeness, found.get(place, 0.0))
    return found
