"""Proposer: what an exception's own words say about its repair; needs no model.

Each family of rules is a file. Their sources: D. Kim et al., "Automatic patch generation learned from
human-written patches" (PAR), ICSE 2013, section 3 (null, range, cast and collection-size checkers);
K. Liu et al., "TBar: revisiting template-based automated program repair", ISSTA 2019, section 2 (the
same templates and more, such as missing statements and mutated types); W. Oh, H. Oh, "PyTER: effective
program repair for Python type errors", ESEC/FSE 2022 (conversions and guards where a TypeError arose).

Rules are few and quick, and come once: the likeliest first, whatever their family.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import PurePosixPath
from typing import Final

from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.search.rules import (
    arguments,
    attributes,
    idioms,
    imports,
    lookups,
    names,
    operands,
    outcomes,
    texts,
)
from core.search.rules.base import Idiom, Rewrite, Rule, Scene
from core.search.rules.troubles import troubles_of
from core.search.splice import SourceTree, apply_splices

MOST: Final = 240
"""Ideas of one task; beyond, mutation knows better."""
RULES: Final[tuple[Rule, ...]] = (
    *names.RULES,
    *attributes.RULES,
    *imports.RULES,
    *arguments.RULES,
    *operands.RULES,
    *lookups.RULES,
    *outcomes.RULES,
    *texts.RULES,
)
IDIOMS: Final[tuple[Idiom, ...]] = idioms.IDIOMS


class RuleProposer:
    """Reads failures and answers those that it knows."""

    name = "rules"
    needs_model = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield rewrites, the likeliest first."""
        if not task.language.is_python:
            return
        for draft in await asyncio.to_thread(drafts_of, task):
            yield draft


def drafts_of(task: FixTask) -> list[Draft]:
    """All ideas for a task, the likeliest first, a bounded number."""
    trees = dict(_trees(task))
    scene = Scene(trees, task.suspects, task.repository, task.tests)
    rewrites = [
        rewrite
        for trouble in troubles_of(task.failures, trees.keys())
        for rule in RULES
        for rewrite in rule(trouble, scene)
    ]
    rewrites += [rewrite for idiom in IDIOMS for rewrite in idiom(scene)]
    rewrites.sort(key=lambda rewrite: -rewrite.weight)
    drafts: dict[tuple[str, str], Draft] = {}
    for rewrite in rewrites:
        text = _applied(trees[rewrite.path], rewrite)
        if text is not None and text != trees[rewrite.path].text:
            title = f"{PurePosixPath(rewrite.path).name}:{rewrite.line} {rewrite.title}"
            drafts.setdefault((rewrite.path, text), Draft(title, {rewrite.path: text}))
    return list(drafts.values())[:MOST]


def _trees(task: FixTask) -> Iterator[tuple[str, SourceTree]]:
    for path, source in task.sources.items():
        if path.endswith(".py"):
            try:
                yield path, SourceTree(source)
            except SyntaxError:
                continue


def _applied(tree: SourceTree, rewrite: Rewrite) -> str | None:
    try:
        return apply_splices(tree.text, rewrite.splices)
    except ValueError:
        return None
