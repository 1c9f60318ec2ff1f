"""Refuses what a model cannot do, in plain words, before anything is sent."""

from __future__ import annotations

from core.errors import ModelError
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Grammar,
    JsonSchema,
    ModelInfo,
    Request,
)
from core.models.http_errors import WITHOUT_MODEL


def check(info: ModelInfo, request: Request) -> None:
    """Raise ModelError ``model.not_capable`` where ``request`` asks for more than there is."""
    if missing := lacking(info.capabilities, request):
        raise _not_capable(info, missing)


def check_embeddings(info: ModelInfo) -> None:
    """The same for a request for vectors."""
    if not info.capabilities.embeddings:
        raise _not_capable(info, "turn text into vectors")


def lacking(can: Capabilities, request: Request) -> str:
    """What cannot be done, as a verb phrase; empty where all can."""
    is_chat = isinstance(request, ChatRequest)
    is_infill = isinstance(request, CompletionRequest) and request.suffix is not None
    asked = (
        (is_chat, can.chat, "hold a conversation"),
        (is_infill, can.infill, "fill in the middle"),
        (not is_chat and not is_infill, can.completion, "complete raw text"),
        (request.samples > 1, can.samples, "give several answers at once"),
        (request.alternatives > 0, can.log_probabilities, "tell the chances of its tokens"),
        (isinstance(request.shape, JsonSchema), can.json_schema, "keep to a JSON schema"),
        (isinstance(request.shape, Grammar), can.grammar, "keep to a grammar"),
    )
    return next((words for wanted, possible, words in asked if wanted and not possible), "")


def _not_capable(info: ModelInfo, missing: str) -> ModelError:
    sentence = f"{info.name} cannot {missing} where it runs now."
    return ModelError("model.not_capable", sentence, (WITHOUT_MODEL,), info.spec)
