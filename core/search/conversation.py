"""Ask a model for a corrected function and turn its answer into a draft; shared by model proposers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from core.context.prompt import render
from core.edits.apply import apply_answer
from core.edits.values import EditFailure
from core.edits.viable import EditGuard
from core.models.base import ChatRequest, Message
from core.search.base import AskModel, Draft
from core.search.focus import Focus, answer_tokens, focus_size
from core.testing.languages import Language
from core.types import EditFormat, RelPath, TokenUsage

NOTHING_SPENT: Final = TokenUsage()
CLOSING_FENCE: Final = "\n```\n"
"""Ends an answer right after its code; an opening fence names a language and so does not match."""


async def ask_for_draft(
    proposer: str,
    ask: AskModel,
    messages: tuple[Message, ...],
    focus: Focus,
    sources: Mapping[RelPath, str],
    language: Language,
    temperature: float = 0.0,
    seed: int | None = None,
    spent: TokenUsage = NOTHING_SPENT,
    form: EditFormat = EditFormat.FUNCTION,
) -> Draft | None:
    """One question, and where its answer cannot be applied one follow-up that says why.

    The follow-up is spared for samples (temperature above 0): another sample is as likely to help. What
    of the first answer could be applied stays, and the follow-up goes on from there.
    ``None`` where there is no usable answer. Raises BudgetExhausted.
    """
    made: dict[RelPath, str] = {}
    for attempt in (1, 2):
        stop = (CLOSING_FENCE,) if form is EditFormat.FUNCTION else ()
        limit = answer_tokens(sources, focus, language)
        request = ChatRequest(messages, limit, temperature, stop, seed)
        guard = EditGuard(
            form,
            sources,
            focus.path,
            focus.function,
            None if language.is_python else language.functions,
            max_tokens=request.max_tokens,
            size=focus_size(sources, focus, language),
        )
        answer, usage = await ask(proposer, request, guard)
        spent += usage
        applied = apply_answer(
            answer,
            sources,
            focus.path,
            focus.function,
            None if language.is_python else language.functions,
        )
        if not isinstance(applied, EditFailure):
            name = PurePosixPath(focus.path).name
            how = "rewrite" if temperature == 0 else "rewrite (sample)"
            edits = {**made, **applied.edits}
            return Draft(f"{name} {how} {focus.function}".rstrip(), edits, spent)
        if attempt == 2 or temperature > 0:
            return None
        made = dict(applied.edits)
        sources = {**sources, **made}
        correction = render(
            "retry_search" if form is EditFormat.SEARCH else "retry",
            made=_made(applied),
            sentence=applied.sentence,
            nearest="\n".join(applied.nearest),
            subject=focus.subject,
            kind=language.kind,
        )
        messages = (*messages, Message("assistant", answer), Message("user", correction))
    return None


def _made(failure: EditFailure) -> str:
    if not failure.applied:
        return "That answer cannot be used."
    edits = "\n".join(failure.applied)
    return f"Of that answer these edits are made and stay:\n{edits}\nThe rest cannot be used."
