"""From a probe's figures to a grade, an edit format and a prompt budget. Pure.

docs/models.md tells people the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.types import EditFormat, FormatScore, Grade, ProbeResult

DEFAULT_PROMPT: Final = 850
"""Tokens: with prompts of this size a 1.5B model repaired most in our measurements."""
MOST_PROMPT: Final = 4000
PROMPT_SECONDS: Final = 10.0
"""How long a model may read before it answers, once a prompt is longer than the default."""
ANSWER_ROOM: Final = 1280
_MARGIN: Final = 0.25
_LEAST: Final = 2
"""Tasks, below which nothing is claimed."""
_ENOUGH: Final = 3
"""Tasks in each format, below which one of them is not preferred to the other by chance."""
_GOOD: Final = 0.8
_USABLE: Final = 0.5
_SLOW: Final = 3.0
"""Tokens a second, below which no search is quick enough to be worth the wait."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """How a model is asked. ``prompt_tokens`` is a ceiling for what we put together."""

    edit_format: EditFormat = EditFormat.FUNCTION
    prompt_tokens: int = DEFAULT_PROMPT


def rate(score: FormatScore) -> float:
    """The share of tasks that gave an edit."""
    return score.applied / score.asked if score.asked else 0.0


def best_format(scores: tuple[FormatScore, ...]) -> EditFormat:
    """Whole functions, unless search and replace gives an edit clearly more often.

    Infill is no answer to a question, and so is measured, but used beside the others.
    """
    rates = {score.format: rate(score) for score in scores}
    whole, search = rates.get(EditFormat.FUNCTION, 0.0), rates.get(EditFormat.SEARCH, 0.0)
    tried = min((s.asked for s in scores if s.format is not EditFormat.INFILL), default=0)
    clearly = tried >= _ENOUGH and search > whole + _MARGIN
    return EditFormat.SEARCH if clearly else EditFormat.FUNCTION


def grade(result: ProbeResult) -> Grade:
    """Unclear below two tasks. Good: edits in 8 of 10 answers, half of them right, ends by itself, held
    the context that was tried. Usable: edits in half of the answers. Weak: some edit. A model below 3
    tokens a second is weak at best, unless other programs kept the machine busy."""
    chosen = next((score for score in result.formats if score.format is result.edit_format), None)
    if chosen is None or chosen.asked < _LEAST:
        return Grade.UNCLEAR
    if not chosen.applied:
        infill = any(s.right for s in result.formats if s.format is EditFormat.INFILL)
        return Grade.WEAK if infill else Grade.UNSUITABLE
    slow = 0 < result.completion_speed < _SLOW and not result.busy
    if rate(chosen) < _USABLE or slow:
        return Grade.WEAK
    ends = result.ended >= _GOOD * result.answers and result.keeps_stops is not False
    holds = not result.context_tried or result.context_held > 0
    good = (
        chosen.asked > 1 and rate(chosen) >= _GOOD and 2 * chosen.right >= chosen.asked and ends and holds
    )
    return Grade.GOOD if good else Grade.USABLE


def prompt_budget(result: ProbeResult) -> int:
    """The default, or what the model reads in ten seconds where that is more; always with room for the
    answer in the context, and no longer than a prompt whose beginning was forgotten."""
    wanted = max(DEFAULT_PROMPT, min(MOST_PROMPT, int(result.prompt_speed * PROMPT_SECONDS)))
    if result.context_claimed:
        wanted = min(wanted, max(256, result.context_claimed - ANSWER_ROOM))
    if result.context_tried and not result.context_held:
        wanted = min(wanted, max(DEFAULT_PROMPT // 2, result.context_tried // 2))
    return wanted
