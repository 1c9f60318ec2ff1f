"""A minute with a model: does it keep to our edit formats, hold its context, stop, and how fast is it.

Runs no answer and writes nothing. Every step is one short request; whoever runs the probe cancels it when
a fix begins, and :meth:`Probe.run` goes on later with the steps that are left.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from core.errors import TruncatedPrompt
from core.models import grading
from core.models.base import ChatRequest, CompletionRequest, Message, ModelClient, Request, Timing
from core.models.machine import is_busy
from core.models.probe_tasks import make_needle, make_task
from core.models.truncation import TruncationGuard
from core.types import EditFormat, FormatScore, Grade, ProbeResult, TokenUsage

SECONDS: Final = 60.0
ROUNDS: Final = 3
_CHARACTERS_PER_TOKEN: Final = 3.0
"""Of the needle's text, which has many numbers."""
_NEEDLE_SHARE: Final = 0.7
_LEAST_NEEDLE: Final = 600
_ROOM: Final = 256
_ANSWER: Final = {EditFormat.FUNCTION: 160, EditFormat.SEARCH: 120, EditFormat.INFILL: 24}
_ORDER: Final = (EditFormat.FUNCTION, EditFormat.SEARCH, EditFormat.INFILL)
_STOP_WORD: Final = "four"

OnStep = Callable[[str, float], None]
"""A sentence for people, and the fraction done."""


class Probe:
    """One probe of one model. ``seconds`` bound all of its runs together; each of ``rounds`` has a task
    in every format; ``seed`` makes them."""

    def __init__(
        self,
        client: ModelClient,
        *,
        seconds: float = SECONDS,
        rounds: int = ROUNDS,
        seed: int | None = None,
    ) -> None:
        self._client = client
        self._seconds = seconds
        self._rounds = rounds
        self._chance = random.Random(seed)
        self._guard = TruncationGuard(client)
        self._scores = {form: FormatScore(form) for form in EditFormat}
        self._spent = 0.0
        self._busy = is_busy()
        self._usage = TokenUsage()
        self._ended = self._answers = 0
        self._keeps_stops: bool | None = None
        self._tried = self._held = 0
        self._needle_done = self._stop_done = False
        self._speeds: list[float] = []
        self._reading: list[float] = []
        self._first: list[float] = []
        self._steps: list[float] = []

    async def run(self, on_step: OnStep = lambda text, fraction: None) -> ProbeResult:
        """Raises ModelError where the model cannot be had. May be cancelled and run again."""
        await self._client.start()
        try:
            async with asyncio.timeout(max(0.0, self._seconds - self._spent)):
                await self._steps_left(on_step)
        except TimeoutError:
            pass  # the step under way counts for nothing
        return self._result()

    async def _steps_left(self, on_step: OnStep) -> None:
        for turn in range(self._rounds):
            for form in _ORDER:
                if self._scores[form].asked <= turn and self._can(form) and self._has_time():
                    on_step(f"Measuring {self._client.info.name}: {form}", self._fraction)
                    await self._ask_for_edit(form)
            if turn == 0 and not self._stop_done and self._has_time():
                on_step(f"Measuring {self._client.info.name}: does it stop", self._fraction)
                await self._ask_to_stop()
            if turn == 1 and not self._needle_done and self._has_time():
                on_step(f"Measuring {self._client.info.name}: its context", self._fraction)
                await self._look_for_needle()

    @property
    def _fraction(self) -> float:
        return min(1.0, self._spent / self._seconds)

    def _can(self, form: EditFormat) -> bool:
        can = self._client.info.capabilities
        return can.infill if form is EditFormat.INFILL else can.chat

    def _has_time(self) -> bool:
        """Whether half of a usual step still fits; a step itself ends with the time."""
        usual = statistics.median(self._steps) if self._steps else 0.0
        return self._spent + usual / 2 < self._seconds

    # --- steps -----------------------------------------------------------------------------------

    async def _ask_for_edit(self, form: EditFormat) -> None:
        task = make_task(self._chance)
        if form is EditFormat.INFILL:
            before, after = task.hole()
            answer = await self._ask(CompletionRequest(before, after, _ANSWER[form], stop=("\n",)))
            applied, right = task.judge_infill(answer)
        else:
            answer = await self._ask(ChatRequest(task.messages(form), _ANSWER[form]))
            applied, right = task.judge(answer)
        score = self._scores[form]
        self._scores[form] = FormatScore(
            form, score.asked + 1, score.applied + applied, score.right + right
        )

    async def _ask_to_stop(self) -> None:
        words = "Write one two three four five six seven eight on one line, and nothing else."
        request = ChatRequest((Message("user", words),), 40, stop=(_STOP_WORD,))
        answer = await self._ask(request, counts=False)
        self._stop_done = True
        if _STOP_WORD in answer:
            self._keeps_stops = False
        elif "three" in answer.lower() and _STOP_WORD not in answer.lower():
            self._keeps_stops = True  # else it was written in another way, which says nothing

    async def _look_for_needle(self) -> None:
        left = (self._seconds - self._spent) * _NEEDLE_SHARE
        speed = statistics.median(self._reading) if self._reading else 0.0
        claimed = self._client.info.context or 8192
        tokens = int(min(left * speed, claimed - _ROOM))
        self._needle_done = True
        if tokens < _LEAST_NEEDLE:
            return
        needle = make_needle(self._chance, int(tokens * _CHARACTERS_PER_TOKEN))
        request = ChatRequest((Message("user", needle.text),), 16)
        before = self._usage.prompt
        try:
            answer = await self._ask(request, counts=False)
        except TruncatedPrompt as error:
            self._tried = error.sent
            return
        self._tried = self._usage.prompt - before or tokens
        self._held = self._tried if needle.answer in answer.replace(",", "") else 0

    async def _ask(self, request: Request, *, counts: bool = True) -> str:
        """One answer. ``counts``: it must end by itself."""
        begun = time.monotonic()
        text, usage, finish = "", TokenUsage(), ""
        timing: Timing | None = None
        client = self._client
        stream = client.chat(request) if isinstance(request, ChatRequest) else client.complete(request)
        try:
            async with aclosing(stream) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    text += delta.text
                    if delta.usage is not None:
                        usage, finish, timing = delta.usage, delta.finish, delta.timing
        finally:
            self._steps.append(time.monotonic() - begun)
            self._spent += self._steps[-1]
            self._usage += usage
        if timing is not None:
            self._note(usage, timing)
        if counts:
            self._answers += 1
            self._ended += finish == "stop"
        await self._guard.check(request, usage)
        return text

    def _note(self, usage: TokenUsage, timing: Timing) -> None:
        self._first.append(timing.first_seconds)
        if timing.tokens_per_second and usage.completion >= 8:
            self._speeds.append(timing.tokens_per_second)
        read = usage.prompt - usage.cached
        if read >= 50 and timing.first_seconds > 0.01:
            self._reading.append(read / timing.first_seconds)

    def _result(self) -> ProbeResult:
        info = self._client.info
        scores = tuple(self._scores.values())
        result = ProbeResult(
            spec=info.spec,
            name=info.name,
            grade=Grade.UNCLEAR,
            formats=scores,
            edit_format=grading.best_format(scores),
            prompt_tokens=grading.DEFAULT_PROMPT,
            context_claimed=info.context,
            context_held=self._held,
            context_tried=self._tried,
            ended=self._ended,
            answers=self._answers,
            keeps_stops=self._keeps_stops,
            prompt_speed=_median(self._reading),
            completion_speed=_median(self._speeds),
            first_seconds=_median(self._first),
            busy=self._busy,
            seconds=self._spent,
            tokens=self._usage,
            taken=time.time(),
        )
        return replace(result, grade=grading.grade(result), prompt_tokens=grading.prompt_budget(result))


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2) if values else 0.0
