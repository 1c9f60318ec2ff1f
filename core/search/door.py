"""The only door to the models: one call at a time, metered, guarded, streamed to the window."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, replace

from core.errors import ModelError, TruncatedPrompt
from core.events import Body, ModelAnswered, ModelAsked, ModelStreamed, PromptDropped
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Delta,
    ModelClient,
    Request,
)
from core.models.guard import RepetitionGuard, StopSign, StreamGuard
from core.models.roles import ModelRoles
from core.models.truncation import TruncationGuard
from core.search.bandit import Gains
from core.search.base import BudgetExhausted
from core.search.meter import Meter
from core.search.strategy import PLAIN, Strategy
from core.search.turns import Turns
from core.types import Role, TokenUsage

CHARS_PER_TOKEN = 3.5
"""An estimate for code, used only where a server does not count."""
LAST_ASKED: ContextVar[int] = ContextVar("last_asked", default=0)
"""The number of the request that the running task made last: what a draft comes of can then be told
without every proposer handing it on."""
GATHER_SECONDS = 0.25
_REMEMBERED = 4
"""Prompts, of which a server that keeps their beginnings is believed to know one."""
_SHORT_SECONDS = 0.05
"""An answer that arrived within this has no speed worth telling."""


@dataclass(slots=True)
class _Call:
    """One call under way."""

    id: int
    proposer: str
    role: Role
    client: ModelClient
    request: Request
    prompt: str
    watching: tuple[StreamGuard, ...]
    text: str = ""
    usage: TokenUsage | None = None
    sign: StopSign | None = None

    @property
    def spec(self) -> str:
        return self.client.info.spec


class ModelDoor:
    """Asks the models for the proposers, each for its role.

    Several requests at once gain nothing on a local model (they share the cores); a shared prompt
    prefix does, and it survives between calls only if they do not interleave.
    """

    def __init__(
        self,
        models: ModelRoles,
        meter: Meter,
        emit: Callable[[Body], None],
        started: asyncio.Future[None] | None = None,
        strategy: Strategy = PLAIN,
        gains: Gains | None = None,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """``started`` is done once the models' start has succeeded or failed; nobody asks before.
        For ``gather_seconds`` the first questions of all wait for each other. ``strategy`` gives each
        proposer its share of the models, its role and its hints; what they gain tilts the shares and
        is entered in ``gains``."""
        self._models = models
        self._meter = meter
        self._emit = emit
        self._started = started
        self._gather_seconds = gather_seconds
        self._strategy = strategy
        self._gains = gains
        self._turns = Turns(self._share)
        self._sampled: Counter[str] = Counter()
        self._ids = itertools.count(1)
        self._filled: dict[CompletionRequest | None, tuple[int, str]] = {}
        self._gathered: asyncio.Future[None] | None = None
        self._prompts: deque[str] = deque(maxlen=_REMEMBERED)
        self._truncation = {client.info.spec: TruncationGuard(client) for client in models.clients}

    async def capabilities(self) -> Capabilities:
        await self._ready()
        return self._models.of(Role.PROPOSE).info.capabilities

    async def __call__(
        self,
        proposer: str,
        request: Request,
        guard: StreamGuard | None = None,
        role: Role = Role.PROPOSE,
    ) -> tuple[str, TokenUsage]:
        """See :class:`core.search.base.AskModel`. Raises BudgetExhausted, ModelError."""
        await self._ready()
        await self._gather()
        role = self._strategy.part(proposer).role or role
        request = self._with_hint(proposer, request)
        hole = _hole(request)
        if hole in self._filled:
            return self._once_more(hole)
        async with self._turns.of(proposer, request.max_tokens):
            if hole in self._filled:
                return self._once_more(hole)
            client = self._models.of(role)
            prompt = _as_text(request)
            allowed = self._meter.answer_tokens(
                client.info.spec, int(len(prompt) / CHARS_PER_TOKEN), request.max_tokens
            )
            if not allowed:
                raise BudgetExhausted
            request = replace(request, max_tokens=allowed)
            watching = (RepetitionGuard(prompt), *([guard] if guard else []))
            call = _Call(next(self._ids), proposer, role, client, request, prompt, watching)
            LAST_ASKED.set(call.id)
            self._emit(ModelAsked(call.id, proposer, prompt))
            answer, usage = await self._ask(call)
            if hole is not None:
                self._filled[hole] = call.id, answer
            return answer, usage

    def _once_more(self, hole: CompletionRequest | None) -> tuple[str, TokenUsage]:
        """What was written for this hole before: candidates that are worked on share most of their
        holes with the source, and the same question has the same answer."""
        request, answer = self._filled[hole]
        LAST_ASKED.set(request)
        return answer, TokenUsage()

    def _share(self, proposer: str) -> float:
        share = self._strategy.part(proposer).share
        return share if self._gains is None else share * self._gains.tilt(proposer)

    def _with_hint(self, proposer: str, request: Request) -> Request:
        """A sampled question with the strategy's next hint at its end, where a prefix cache loses
        nothing by it; greedy ones stay as they are."""
        hints = self._strategy.part(proposer).hints
        if not hints or not isinstance(request, ChatRequest) or request.temperature == 0:
            return request
        hint = hints[self._sampled[proposer] % len(hints)]
        self._sampled[proposer] += 1
        *before, last = request.messages
        return replace(request, messages=(*before, replace(last, content=f"{last.content}\n\n{hint}")))

    async def _ready(self) -> None:
        """All who wait go on in the same round of the loop, so that turns decide who is first."""
        if self._started is not None and not self._started.done():
            await asyncio.wait([self._started])

    async def _gather(self) -> None:
        """Before the first question of all: who had to look at the source first may have a shorter one
        than whoever could ask at once."""
        if self._gathered is None:
            loop = asyncio.get_running_loop()
            self._gathered = gathered = loop.create_future()
            loop.call_later(self._gather_seconds, gathered.set_result, None)
        if not self._gathered.done():
            await asyncio.wait([self._gathered])

    async def _ask(self, call: _Call) -> tuple[str, TokenUsage]:
        started = first = time.monotonic()
        finished = refused = False
        try:
            async with asyncio.timeout(self._meter.seconds_left):
                async with aclosing(_put(call)) as stream:  # type: ignore[type-var]
                    async for delta in stream:
                        if delta.text:
                            if not call.text:
                                first = time.monotonic()
                            call.text += delta.text
                            self._emit(ModelStreamed(call.id, delta.text))
                            call.sign = _watch(call, delta.text)
                            if call.sign is not None:
                                break
                        call.usage = delta.usage or call.usage
                if call.usage is not None:
                    await self._truncation[call.spec].check(call.request, call.usage)
            finished = True
        except TimeoutError:
            raise BudgetExhausted from None
        except ModelError as error:
            refused = not call.text
            if isinstance(error, TruncatedPrompt):
                self._emit(PromptDropped(error.spec, error.sent, error.counted))
            raise
        finally:
            # A model that is not there, or cannot be loaded, has read nothing.
            usage = call.usage or (TokenUsage() if refused else self._estimate(call))
            self._prompts.append(call.prompt)
            saved = self._count(call, usage, finished)
            now = time.monotonic()
            speed = usage.completion / (now - first) if now - first > _SHORT_SECONDS else 0.0
            stopped = call.sign.reason.value if call.sign else ""
            self._emit(
                ModelAnswered(
                    call.id, usage, now - started, speed, not finished, call.role, stopped, saved
                )
            )
        return call.text, usage

    def _estimate(self, call: _Call) -> TokenUsage:
        """What a call cost that ended before the server told: what it has in common with one of the
        last prompts, it has not read again."""
        known = 0
        if call.client.info.capabilities.prefix_cache:
            known = max((_shared(call.prompt, prompt) for prompt in self._prompts), default=0)
        return TokenUsage(
            int(len(call.prompt) / CHARS_PER_TOKEN),
            int(len(call.text) / CHARS_PER_TOKEN),
            estimated=True,
            cached=int(known / CHARS_PER_TOKEN),
        )

    def _count(self, call: _Call, usage: TokenUsage, finished: bool) -> int:
        """Enter the call into the meter; gives the tokens that a guard saved."""
        self._meter.add(call.role, call.spec, usage)
        if self._gains is not None:
            self._gains.asked(call.proposer, usage)
        if call.sign is not None:
            limit = call.request.max_tokens
            return self._meter.note_stopped(
                call.role, call.spec, call.sign.reason, usage.completion, limit
            )
        if finished:
            self._meter.note_whole(usage.completion)
        return 0


def _watch(call: _Call, piece: str) -> StopSign | None:
    for guard in call.watching:
        if sign := guard.feed(piece):
            return sign
    return None


def _put(call: _Call) -> AsyncIterator[Delta]:
    if isinstance(call.request, ChatRequest):
        return call.client.chat(call.request)
    return call.client.complete(call.request)


def _as_text(request: Request) -> str:
    if isinstance(request, ChatRequest):
        return "\n\n".join(f"[{m.role}]\n{m.content}" for m in request.messages)
    if request.suffix is None:
        return request.prompt
    return f"[before the gap]\n{request.prompt}\n\n[after the gap]\n{request.suffix}"


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common from their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _hole(request: Request) -> CompletionRequest | None:
    """The request where it fills a hole and would have the same answer again."""
    if not isinstance(request, CompletionRequest) or request.shape is not None:
        return None
    return request if request.temperature == 0 or request.seed is not None else None
