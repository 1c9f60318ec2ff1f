"""The budget of one task: what is spent, and the only door to the model."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from core.errors import ModelError
from core.events import Body, ModelAnswered, ModelAsked, ModelStreamed
from core.models.base import ChatRequest, ModelClient
from core.search.base import BudgetExhausted
from core.types import Budget, TokenUsage

CHARS_PER_TOKEN = 3.5
"""An estimate for code, used only where a server does not count."""
MIN_CALL_SECONDS = 1.0
"""A call that could not run this long is not begun."""
MIN_ANSWER_TOKENS = 32
"""A call whose answer could not be this long is not begun."""


class Meter:
    """Time and tokens of one task. Seconds run from construction."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.tokens = TokenUsage()
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.budget.seconds - self.seconds)

    @property
    def spent(self) -> bool:
        return self.seconds_left <= 0

    def answer_tokens(self, prompt_tokens: int, wanted: int) -> int:
        """How long an answer may get after a prompt of about this size; 0 where the budget has no
        room for the call."""
        if self.seconds_left < MIN_CALL_SECONDS:
            return 0
        if not self.budget.tokens:
            return wanted
        left = self.budget.tokens - self.tokens.prompt - self.tokens.completion - prompt_tokens
        return min(wanted, left) if left >= MIN_ANSWER_TOKENS else 0


class ModelDoor:
    """Asks the model for the proposers: one call at a time, metered, streamed to the window.

    Several requests at once gain nothing on a local model (they share the cores); a shared prompt
    prefix does, and it survives between calls only if they do not interleave.
    """

    def __init__(self, client: ModelClient, meter: Meter, emit: Callable[[Body], None]) -> None:
        self._client = client
        self._meter = meter
        self._emit = emit
        self._turn = asyncio.Lock()
        self._ids = itertools.count(1)

    async def __call__(self, proposer: str, request: ChatRequest) -> tuple[str, TokenUsage]:
        async with self._turn:
            prompt = "\n\n".join(f"[{m.role}]\n{m.content}" for m in request.messages)
            tokens = self._meter.answer_tokens(int(len(prompt) / CHARS_PER_TOKEN), request.max_tokens)
            if not tokens:
                raise BudgetExhausted
            request = replace(request, max_tokens=tokens)
            request_id = next(self._ids)
            self._emit(ModelAsked(request_id, proposer, prompt))
            return await self._ask(request_id, request, prompt)

    async def _ask(self, request_id: int, request: ChatRequest, prompt: str) -> tuple[str, TokenUsage]:
        pieces: list[str] = []
        usage: TokenUsage | None = None
        started = first = time.monotonic()
        finished = refused = False
        try:
            async with asyncio.timeout(self._meter.seconds_left):
                async with aclosing(self._client.chat(request)) as stream:  # type: ignore[type-var]
                    async for delta in stream:
                        if delta.text:
                            if not pieces:
                                first = time.monotonic()
                            pieces.append(delta.text)
                            self._emit(ModelStreamed(request_id, delta.text))
                        usage = delta.usage or usage
            finished = True
        except TimeoutError:
            raise BudgetExhausted from None
        except ModelError:
            refused = not pieces
            raise
        finally:
            answer = "".join(pieces)
            # A model that is not there, or cannot be loaded, has read nothing.
            usage = usage or (TokenUsage() if refused else _estimate(prompt, answer))
            self._meter.tokens = self._meter.tokens + usage
            now = time.monotonic()
            speed = usage.completion / (now - first) if now - first > 0.05 else 0.0
            self._emit(ModelAnswered(request_id, usage, now - started, speed, cancelled=not finished))
        return answer, usage


def _estimate(prompt: str, answer: str) -> TokenUsage:
    return TokenUsage(
        int(len(prompt) / CHARS_PER_TOKEN), int(len(answer) / CHARS_PER_TOKEN), estimated=True
    )
