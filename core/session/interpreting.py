"""Asks the model about a request in words: a shorter wording, checks, and readings to be compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from core.errors import ModelError
from core.events import TroubleRaised
from core.models.base import ChatRequest
from core.models.guard import StopSign
from core.models.roles import ModelRoles
from core.request.asking import (
    checking,
    checks_in,
    expected_in,
    expecting,
    restated,
    restating,
    shortened,
)
from core.request.examples import Example
from core.request.places import Place
from core.request.readings import ENOUGH, SAMPLES, agree
from core.search.base import BudgetExhausted
from core.search.door import ModelDoor
from core.search.meter import CostOf, Meter
from core.session.emitter import Emitter
from core.types import Budget

MODEL_SECONDS: Final = 120.0
"""For one question about a request; a small model on a busy machine needs most of it."""
_TRIES: Final = ((None, 0.0), (1, 0.8))
"""Seeds and temperatures of the questions for checks; the second where the first had none."""


class Interpreter:
    """Says nothing where there is no model: every caller goes on without."""

    def __init__(
        self, models: Callable[[], Awaitable[ModelRoles | None]], cost: CostOf, emit: Emitter
    ) -> None:
        self._models = models
        self._cost = cost
        self._emit = emit

    async def restate(self, words: str) -> tuple[str, str]:
        """The task in short, and who said it; the user's own words where nobody can say it better."""
        answer, model = await self._ask(restating(words))
        said = restated(answer, words)
        return said, model if answer and said != shortened(words) else ""

    async def checks(
        self, task: str, place: Place, source: str, test: str, required: Sequence[str]
    ) -> tuple[tuple[Example, ...], str]:
        """Checks of a task, and who thought of them."""
        for seed, temperature in _TRIES:
            question = checking(task, place, source, test, required, temperature, seed)
            answer, model = await self._ask(question, may_be_cut=True)
            checks = checks_in(answer)
            if checks or not answer:
                return checks, model
        return (), ""

    async def readings(
        self, task: str, place: Place, source: str, first: Mapping[str, str]
    ) -> list[Mapping[str, str]]:
        """What calls give by several readings of a task, ``first`` being one; no more are asked for once
        some agree."""
        found: list[Mapping[str, str]] = [first]
        for seed in range(1, SAMPLES + 1):
            if not first or (seed > ENOUGH and agree(found)):
                break
            question = expecting(task, place, source, list(first), seed)
            answer, _ = await self._ask(question, may_be_cut=True)
            if not answer:
                break
            found.append(expected_in(answer, list(first)))
        return found

    async def _ask(self, question: ChatRequest, *, may_be_cut: bool = False) -> tuple[str, str]:
        """An answer and the model's name; two empty texts where no model can be asked, or where it was
        cut off by its time and that will not do."""
        heard, name = _Heard(), ""
        try:
            models = await self._models()
            if models is None:
                return "", ""
            await models.proposer.start()
            name = models.proposer.info.name
            meter = Meter(Budget(seconds=MODEL_SECONDS), self._cost)
            door = ModelDoor(models, meter, self._emit, gather_seconds=0.0)
            answer, _ = await door("request", question, heard)
            return answer, name
        except BudgetExhausted:
            return (heard.text, name) if may_be_cut else ("", "")
        except ModelError as error:
            self._emit(TroubleRaised(error.code, error.sentence, error.remedies, error.details))
            return "", ""


class _Heard:
    """Keeps what was streamed, for an answer that is cut off; a guard that stops nothing."""

    def __init__(self) -> None:
        self.text = ""

    def feed(self, piece: str) -> StopSign | None:
        self.text += piece
        return None
