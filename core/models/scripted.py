"""A model that replays a transcript: for tests, demonstrations and bug reports.

A transcript is a JSONL file, one answer a line::

    {"answer": "return a"}                               the next answer, used once, in order
    {"contains": "gcd", "answer": "..."}                 whenever the prompt contains these words
    {"matches": "def (gcd|lcm)", "answer": "..."}        whenever this regular expression is found
    {"before": "if a ", "answer": "> b:"}                for a gap right after these words
    {"thinking": "Let me see.", "answer": "..."}         thoughts that come before the answer
    {"error": "The server is on fire."}                  fails instead of answering

Answers with a condition come first, in the order of the file; one that has been used makes way for the
next whose condition holds too, and the last one stays. Only answers with ``before`` fill gaps, and a
transcript without one is of a model that cannot; a gap that none of them fits is left empty.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Literal

from core.errors import ModelError, UsageError
from core.models import capable
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Delta,
    ModelInfo,
    Request,
    Vector,
)
from core.models.estimate import estimate_tokens, estimate_usage
from core.models.http_errors import WITHOUT_MODEL
from core.models.stopwatch import Stopwatch

_PIECE: Final = 12
"""Characters that arrive at once."""
_CAN: Final = Capabilities(completion=True, seed=True, samples=True, thinking=True)


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """One line of a transcript."""

    answer: str = ""
    contains: str = ""
    matches: str = ""
    before: str = ""
    error: str = ""
    thinking: str = ""
    finish: Literal["stop", "length"] = "stop"

    @property
    def is_conditional(self) -> bool:
        return bool(self.contains or self.matches or self.before)

    def fits(self, prompt: str, gap_after: str | None) -> bool:
        """``gap_after`` is what comes before the gap, where there is one to fill."""
        if bool(self.before) != (gap_after is not None):
            return False
        at_gap = gap_after is None or gap_after.endswith(self.before)
        return at_gap and self.contains in prompt and re.search(self.matches, prompt) is not None


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
        can = replace(_CAN, infill=any(answer.before for answer in answers))
        self._info = ModelInfo(spec, "scripted", capabilities=can)
        self._requests: list[ChatRequest] = []
        self._completions: list[CompletionRequest] = []

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def requests(self) -> tuple[ChatRequest, ...]:
        """Every conversation so far, in order."""
        return tuple(self._requests)

    @property
    def completions(self) -> tuple[CompletionRequest, ...]:
        """Every text that was to be completed, in order."""
        return tuple(self._completions)

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to end."""

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer that the transcript has for this prompt; ModelError where it has none."""
        self._requests.append(request)
        prompt = "\n".join(message.content for message in request.messages)
        async with aclosing(self._replay(request, prompt)) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Delta, None]:
        """The same for a text; conditions look at what comes before the gap and after it."""
        self._completions.append(request)
        prompt = f"{request.prompt}\n{request.suffix or ''}"
        async with aclosing(self._replay(request, prompt)) as deltas:
            async for delta in deltas:
                yield delta

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """A transcript has no vectors: always ModelError."""
        capable.check_embeddings(self._info)
        return ()

    async def _replay(self, request: Request, prompt: str) -> AsyncGenerator[Delta, None]:
        capable.check(self._info, request)
        gap_after = None
        if isinstance(request, CompletionRequest) and request.suffix is not None:
            gap_after = request.prompt
        watch, written = Stopwatch(), ""
        for sample in range(request.samples):
            answer = self._choose(prompt, gap_after)
            if answer.error:
                raise ModelError("model.scripted", answer.error, (WITHOUT_MODEL,))
            text, finish = _cut(answer, request)
            for piece in _pieces(answer.thinking):
                await asyncio.sleep(self._delay)
                yield Delta(thinking=piece, sample=sample)
            for piece in _pieces(text):
                await asyncio.sleep(self._delay)
                watch.piece()
                yield Delta(piece, sample=sample)
            if request.samples > 1:
                yield Delta(finish=finish, sample=sample)
            written += answer.thinking + text
        usage = estimate_usage(request, written)
        yield Delta(usage=usage, finish=finish, timing=watch.read(usage.completion))

    def _choose(self, prompt: str, gap_after: str | None) -> ScriptedAnswer:
        fitting = [answer for answer in self._conditional if answer.fits(prompt, gap_after)]
        if fitting:
            if len(fitting) > 1:
                self._conditional.remove(fitting[0])
            return fitting[0]
        if gap_after is not None:
            return ScriptedAnswer()
        if self._in_order:
            return self._in_order.pop(0)
        sentence = "The transcript has no answer left for this prompt."
        raise ModelError("model.script_ended", sentence, (WITHOUT_MODEL,), prompt[-500:])


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def _cut(answer: ScriptedAnswer, request: Request) -> tuple[str, Literal["stop", "length"]]:
    """End the answer where a server would: at a stop sequence, or at the token limit."""
    ends = [answer.answer.find(stop) for stop in request.stop]
    text = answer.answer[: min((end for end in ends if end >= 0), default=None)]
    if estimate_tokens(text) > request.max_tokens:
        return text[: request.max_tokens * 4], "length"
    return text, answer.finish
