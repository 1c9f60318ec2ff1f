"""A model that replays a transcript: for tests, demonstrations and bug reports.

A transcript is a JSONL file, one answer a line::

    {"answer": "return a"}                               the next answer, used once, in order
    {"contains": "gcd", "answer": "..."}                 whenever the prompt contains these words
    {"matches": "def (gcd|lcm)", "answer": "..."}        whenever this regular expression is found
    {"error": "The server is on fire."}                  fails instead of answering

Answers with a condition come first, in the order of the file; one that has been used makes way for the
next whose condition holds too, and the last one stays.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Literal

from core.errors import ModelError, UsageError
from core.models.base import Capabilities, ChatRequest, Delta, ModelInfo
from core.models.http_errors import WITHOUT_MODEL
from core.models.openai_compatible import estimate_tokens
from core.types import TokenUsage

_PIECE: Final = 12
"""Characters that arrive at once."""


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """One line of a transcript."""

    answer: str = ""
    contains: str = ""
    matches: str = ""
    error: str = ""
    finish: Literal["stop", "length"] = "stop"

    @property
    def is_conditional(self) -> bool:
        return bool(self.contains or self.matches)

    def fits(self, prompt: str) -> bool:
        return self.contains in prompt and re.search(self.matches, prompt) is not None


def read_transcript(path: Path) -> tuple[ScriptedAnswer, ...]:
    """Read a JSONL transcript; empty lines are skipped. Raises UsageError naming the line at fault."""
    try:
        lines = path.expanduser().read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        sentence = f"The transcript {path} cannot be read."
        raise UsageError("model.transcript", sentence, (), str(error)) from error
    known = {field.name for field in fields(ScriptedAnswer)}
    answers = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if unknown := set(row) - known:
                raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
            if not all(isinstance(value, str) for value in row.values()):
                raise ValueError("every value must be text")
            answer = ScriptedAnswer(**row)
            re.compile(answer.matches)
        except (ValueError, TypeError, AttributeError, re.error) as error:
            sentence = f"Line {number} of the transcript {path} is not an answer."
            raise UsageError("model.transcript", sentence, (), str(error)) from error
        answers.append(answer)
    return tuple(answers)


class ScriptedModel:
    """A :class:`core.models.base.ModelClient` that replays answers; ``delay`` is seconds per piece."""

    def __init__(
        self, answers: Sequence[ScriptedAnswer], *, delay: float = 0.0, spec: str = "scripted:"
    ) -> None:
        self._in_order = [answer for answer in answers if not answer.is_conditional]
        self._conditional = [answer for answer in answers if answer.is_conditional]
        self._delay = delay
        self._info = ModelInfo(spec, "scripted", capabilities=Capabilities(seed=True))
        self._requests: list[ChatRequest] = []

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def requests(self) -> tuple[ChatRequest, ...]:
        """Everything that was asked, in order."""
        return tuple(self._requests)

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to end."""

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer that the transcript has for this prompt; ModelError where it has none."""
        self._requests.append(request)
        prompt = "\n".join(message.content for message in request.messages)
        answer = self._choose(prompt)
        if answer.error:
            raise ModelError("model.scripted", answer.error, (WITHOUT_MODEL,))
        text, finish = _cut(answer, request)
        for start in range(0, len(text), _PIECE):
            await asyncio.sleep(self._delay)
            yield Delta(text[start : start + _PIECE])
        yield Delta(
            usage=TokenUsage(estimate_tokens(prompt), estimate_tokens(text), estimated=True),
            finish=finish,
        )

    def _choose(self, prompt: str) -> ScriptedAnswer:
        fitting = [answer for answer in self._conditional if answer.fits(prompt)]
        if fitting:
            if len(fitting) > 1:
                self._conditional.remove(fitting[0])
            return fitting[0]
        if self._in_order:
            return self._in_order.pop(0)
        sentence = "The transcript has no answer left for this prompt."
        raise ModelError("model.script_ended", sentence, (WITHOUT_MODEL,), prompt[-500:])


def _cut(answer: ScriptedAnswer, request: ChatRequest) -> tuple[str, Literal["stop", "length"]]:
    """End the answer where a server would: at a stop sequence, or at the token limit."""
    ends = [answer.answer.find(stop) for stop in request.stop]
    text = answer.answer[: min((end for end in ends if end >= 0), default=None)]
    if estimate_tokens(text) > request.max_tokens:
        return text[: request.max_tokens * 4], "length"
    return text, answer.finish
