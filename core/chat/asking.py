"""Putting a question to the model: the request, how long it may be, and who answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.chat.context import Context
from core.context.prompt import render
from core.models.base import ChatRequest, Message, ModelInfo
from core.models.grading import ModelProfile

ANSWER_TOKENS: Final = 1024
ANSWER_SECONDS: Final = 600.0
_LEAST: Final = 300
_LARGE: Final = 8000
"""Tokens of a prompt for a model on a server of somebody's, which reads them in a moment."""
_MARGIN: Final = 200


def room_for_context(info: ModelInfo, profile: ModelProfile, limit: int) -> int:
    """Tokens that the context may take.

    A model in a file of ours reads some tens of tokens a second on a laptop, so it is shown what its
    probe says that it reads in ten seconds, twice; others get more. ``limit`` is the user's own, 0: none.
    """
    wished = 2 * profile.prompt_tokens if info.size_bytes else max(_LARGE, profile.prompt_tokens)
    if info.context:
        wished = min(wished, info.context - ANSWER_TOKENS - _MARGIN)
    if limit:
        wished = min(wished, limit)
    return max(wished - _MARGIN, _LEAST)


def make_request(context: Context, question: str, before: Sequence[tuple[str, str]]) -> ChatRequest:
    """``before`` are earlier questions and answers of this conversation."""
    messages = [Message("system", render("chat"))]
    for asked, answered in before:
        messages += [Message("user", asked), Message("assistant", answered)]
    asked = render("chat_question", question=question)
    messages.append(Message("user", f"{context.text}\n\n{asked}".strip()))
    return ChatRequest(tuple(messages), max_tokens=ANSWER_TOKENS)
