"""How much a patch changes: nodes of the syntax tree, or words where there is none. Pure.

The smaller change of two that pass is more often the right one (S. Mechtaev, J. Yi, A. Roychoudhury,
"DirectFix: looking for simple program repairs", ICSE 2015, section 2). Layout, comments and docstrings
count for nothing; lines would count a moved block as twice its length, and an operator as a whole line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from core.repo.hunks import common_ends
from core.search.splice import is_text, parse_quietly
from core.types import RelPath

MOST_TOKENS: Final = 6_000
"""Larger changes are counted without regard to order: to order them would take seconds."""
_WORD: Final = re.compile(r"\w+|[^\w\s]")
_IGNORED: Final = (ast.Load, ast.Store, ast.Del)


def change_size(before: Mapping[RelPath, str], after: Mapping[RelPath, str]) -> int:
    """Nodes (or words) that are gone, and those that are new."""
    total = 0
    for path, text in after.items():
        old, new = _changed(path, before.get(path, ""), text)
        total += _difference(old, new)
    return total


def _changed(path: RelPath, before: str, after: str) -> tuple[list[str], list[str]]:
    """Both sides as tokens, without the statements of a module that are the same."""
    if path.endswith(".py"):
        try:
            old, new = parse_quietly(before).body, parse_quietly(after).body
        except SyntaxError:
            pass
        else:
            olds, news = [list(_tokens(s)) for s in old], [list(_tokens(s)) for s in new]
            return _rest(olds, news)
    return _WORD.findall(before), _WORD.findall(after)


def _rest(old: list[list[str]], new: list[list[str]]) -> tuple[list[str], list[str]]:
    head, tail = common_ends(old, new)
    return (
        [token for statement in old[head : len(old) - tail] for token in statement],
        [token for statement in new[head : len(new) - tail] for token in statement],
    )


def _tokens(node: ast.AST) -> Iterator[str]:
    """The tree in its written order: node types, names and values."""
    if isinstance(node, _IGNORED) or is_text(node):
        return
    yield type(node).__name__
    for _, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield from _tokens(item)
            elif item is not None:
                yield repr(item)


def _difference(old: Sequence[str], new: Sequence[str]) -> int:
    if len(old) + len(new) > MOST_TOKENS:
        same = sum(min(old.count(token), new.count(token)) for token in set(old) & set(new))
        return len(old) + len(new) - 2 * same
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return len(old) + len(new) - 2 * same
