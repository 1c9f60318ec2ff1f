"""What the rest of a repository says of one function: for prompts, and for proposers that reuse code.

T. Ahmed et al., "Automatic semantic augmentation of language model prompts" (ASAP), 2024, section 3:
facts that an analysis finds (here signatures, descriptions, uses, versions) help a model more than more
of the code; J. Li et al., "SkCoder", 2023, section 3.1: a similar function as a sketch, found by BM25.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.context.index import SymbolIndex
from core.context.neighbours import FocusFacts
from core.types import RelPath

_CALLEES: Final = 8
_CALLERS: Final = 3
_SIMILAR: Final = 3
_LONGEST: Final = 2400
"""Characters of similar code; more of it is no sketch."""


def find_facts(
    index: SymbolIndex, path: RelPath, function: str, is_locked: Callable[[RelPath], bool]
) -> FocusFacts:
    """Look around ``function`` (dotted) of ``path``. Blocking; some milliseconds, and some tenths of a
    second where there are twenty thousand files."""
    function = index.full_name(path, function)
    callers = [c for c in index.callers(path, function, 4 * _CALLERS) if not is_locked(c.path)]
    code = index.function(path, function)
    similar = index.similar(
        code,
        _SIMILAR,
        lambda there, symbol: is_locked(there) or (there == path and symbol.dotted == function),
    )
    callees = [callee for callee in index.callees(path, function) if not is_locked(callee.path)]
    return FocusFacts(
        tuple(callees[:_CALLEES]),
        tuple(callers[:_CALLERS]),
        index.class_of(path, function),
        tuple(one for one in similar if len(one.text) <= _LONGEST),
    )
