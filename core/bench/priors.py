"""What the search is to believe of each proposer beforehand, learned from reports. Pure.

A prior is worth ``weight`` drafts (:mod:`core.search.bandit`). What reports show is added to it as a
search would, by the conjugate update of a Beta distribution and of means; the weight stays, so that a
search trusts its own figures as soon as it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.bench.summary import usage
from core.bench.values import Ending, TaskResult
from core.search.bandit import READ_COST, Prior
from core.types import ProposerUsage

_HEAD = """\
# What is believed of a proposer before a search has shown anything of it (core/search/bandit.py).
# gain: what one draft is worth, 1 for a fix, in parts where it fixes some tests.
# weight: after how many drafts of a search its own figures count as much as these.
# seconds: to verify one draft. tokens: of the model, for one draft, those read counted as a fifth.
"""


def learned(results: Iterable[TaskResult], before: Mapping[str, Prior]) -> dict[str, Prior]:
    """``before`` with what the valid results show of each proposer that had drafts in them."""
    valid = [result for result in results if result.ending is not Ending.INVALID]
    found = {row.name: _updated(before.get(row.name) or before["default"], row) for row in usage(valid)}
    return {**before, **found}


def priors_text(priors: Mapping[str, Prior], source: str) -> str:
    """As ``resources/priors.toml``; ``source`` is a sentence about where they are from."""
    parts = [f"{_HEAD}# {source}\n"]
    for name, prior in priors.items():
        parts.append(
            f"[{name}]\ngain = {prior.gain:.4f}\nweight = {prior.weight:g}\n"
            f"seconds = {prior.seconds:.3f}\ntokens = {prior.tokens:.0f}\n"
        )
    return "\n".join(parts)


def _updated(prior: Prior, row: ProposerUsage) -> Prior:
    if not row.candidates:
        return prior
    tokens = row.tokens.completion + READ_COST * max(0, row.tokens.prompt - row.tokens.cached)
    drafts = prior.weight + row.candidates
    return replace(
        prior,
        gain=(prior.gain * prior.weight + row.gain) / drafts,
        seconds=(prior.seconds * prior.weight + row.seconds) / drafts,
        tokens=(prior.tokens * prior.weight + tokens) / drafts,
    )
