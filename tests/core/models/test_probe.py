"""The probe: tasks, steps, the grade, and what is kept of it."""

from __future__ import annotations

import ast
import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.edits.functions import function_source
from core.models import grading
from core.models.base import Capabilities, ChatRequest, CompletionRequest, Delta, ModelInfo, Timing
from core.models.embedded import EmbeddedModel
from core.models.ollama import OllamaModel
from core.models.probe import Probe
from core.models.probe_store import ProbeStore
from core.models.probe_tasks import EditTask, make_needle, make_task
from core.types import EditFormat, FormatScore, Grade, ProbeResult, TokenUsage
from tests.core.models.conftest import CONTEXT, THREADS
from tests.core.models.servers import OLLAMA_MODEL, OllamaServer

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_task_can_be_solved_in_every_format_and_a_wrong_answer_is_told(seed: int) -> None:
    task = make_task(random.Random(seed))
    assert task.source.count(task.line) == 1
    ast.parse(task.expected)
    whole = function_source(task.expected, task.function)
    assert task.judge(f"```python\n{whole}```") == (True, True)
    unchanged = function_source(task.source, task.function)
    assert task.judge(f"```python\n{unchanged}```") == (True, False)
    block = f"<<<<<<< SEARCH\n{task.line}\n=======\n{task.wanted}\n>>>>>>> REPLACE\n"
    assert task.judge(block) == (True, True)
    assert task.judge(block.replace(task.line, "something else entirely here")) == (False, False)
    assert task.judge("I would change the line.") == (False, False)
    assert task.judge_infill(f" {task.wanted}\n") == (True, True)
    assert task.judge_infill("if (:") == (False, False)
    assert task.judge_infill("") == (False, False)


def test_no_two_probes_ask_the_same() -> None:
    assert len({make_task(random.Random(seed)).source for seed in SEEDS}) > len(SEEDS) * 0.9


def test_the_needle_stands_at_the_start_and_nowhere_else() -> None:
    needle = make_needle(random.Random(1), 6000)
    assert needle.text.index(needle.answer) < 60
    assert needle.text.count(needle.answer) == 1
    assert 6000 < len(needle.text) < 6300


class Pupil:
    """Solves a share of the tasks, by reading what is asked; ``forgets`` all but the end of a prompt."""

    def __init__(self, solves: float = 1.0, *, forgets: bool = False, runs_on: bool = False) -> None:
        self.info = ModelInfo("test", "a pupil", 4096, Capabilities(infill=True))
        self._chance = random.Random(3)
        self._solves, self._forgets, self._runs_on = solves, forgets, runs_on
        self.asked = 0
        self.tasks: list[EditTask] = []

    async def start(self) -> None:
        return

    async def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
        prompt = request.messages[-1].content
        if "depot" in prompt:
            number = prompt.split(" depot is ")[1][:5]
            answer = "I do not know" if self._forgets else number
        elif "six seven" in prompt:
            answer = "one two three "
        else:
            answer = self._edit(prompt) if self._chance.random() < self._solves else "I would not."
        async for delta in self._say(answer, len(prompt) // 3):
            yield delta

    async def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        async for delta in self._say("pass", len(request.prompt) // 3):
            yield delta

    async def close(self) -> None:
        return

    async def _say(self, answer: str, prompt: int) -> AsyncIterator[Delta]:
        self.asked += 1
        await asyncio.sleep(0.02)
        yield Delta(answer)
        finish = "length" if self._runs_on else "stop"
        yield Delta(usage=TokenUsage(prompt, 9), finish=finish, timing=Timing(0.02, 50.0))  # type: ignore[arg-type]

    def _edit(self, prompt: str) -> str:
        source = prompt.split("```python\n")[1].split("```")[0]
        name = prompt.split("In `")[1].split("`")[0]
        code = function_source(source, name).replace("total", "total_", 1)
        return f"```python\n{code}```"


def probe(client: Pupil, seconds: float = 2.0) -> ProbeResult:
    return asyncio.run(Probe(client, seconds=seconds, seed=7).run())  # type: ignore[arg-type]


def test_a_probe_tries_every_format_the_context_and_the_stop() -> None:
    result = probe(Pupil())
    assert [(s.format, s.asked, s.applied) for s in result.formats] == [
        (EditFormat.FUNCTION, 3, 3),
        (EditFormat.SEARCH, 3, 3),
        (EditFormat.INFILL, 3, 0),
    ] or result.formats[2].applied == 3
    assert result.keeps_stops is True
    assert result.context_held == result.context_tried > 1000
    assert result.completion_speed == 50.0
    assert result.ended == result.answers


def test_a_model_that_forgets_is_asked_shortly_and_one_that_runs_on_is_not_good() -> None:
    forgetful = probe(Pupil(forgets=True))
    assert forgetful.context_tried > 1000
    assert forgetful.context_held == 0
    assert forgetful.grade is not Grade.GOOD
    assert probe(Pupil(runs_on=True)).grade is not Grade.GOOD


def test_a_model_that_gives_no_edit_is_unsuitable() -> None:
    assert probe(Pupil(0.0)).grade in (Grade.UNSUITABLE, Grade.WEAK)


def test_a_probe_that_is_cut_off_goes_on_where_it_was() -> None:
    client = Pupil()
    work = Probe(client, seconds=5.0, seed=7)  # type: ignore[arg-type]

    async def twice() -> ProbeResult:
        first = asyncio.create_task(work.run())
        await asyncio.sleep(0.09)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert 1 < client.asked < 9
        return await work.run()

    result = asyncio.run(twice())
    assert [score.asked for score in result.formats] == [3, 3, 3]
    assert client.asked <= 13


def test_the_time_is_kept_and_what_was_not_reached_was_not_tried() -> None:
    result = probe(Pupil(), seconds=0.05)
    assert sum(score.asked for score in result.formats) < 4
    assert result.context_tried == 0


SCORES = (FormatScore(EditFormat.FUNCTION, 3, 3, 3), FormatScore(EditFormat.SEARCH, 3, 3, 3))
BEST = ProbeResult(
    "embedded",
    "a model",
    Grade.GOOD,
    SCORES,
    EditFormat.FUNCTION,
    850,
    context_claimed=8192,
    context_held=3000,
    context_tried=3000,
    ended=6,
    answers=6,
    keeps_stops=True,
    prompt_speed=100.0,
    completion_speed=20.0,
)


def scores(function: int, search: int, asked: int = 3) -> tuple[FormatScore, ...]:
    return (
        FormatScore(EditFormat.FUNCTION, asked, function, function),
        FormatScore(EditFormat.SEARCH, asked, search, search),
    )


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, Grade.GOOD),
        ({"formats": scores(2, 3)}, Grade.USABLE),
        ({"formats": scores(1, 0)}, Grade.WEAK),
        ({"formats": scores(0, 0)}, Grade.UNSUITABLE),
        ({"formats": scores(1, 1, asked=1)}, Grade.UNCLEAR),
        ({"completion_speed": 2.0}, Grade.WEAK),
        ({"completion_speed": 2.0, "busy": True}, Grade.GOOD),
        ({"ended": 3}, Grade.USABLE),
        ({"keeps_stops": False}, Grade.USABLE),
        ({"context_held": 0}, Grade.USABLE),
    ],
)
def test_the_grade_follows_its_rules(change: dict[str, object], grade: Grade) -> None:
    assert grading.grade(replace(BEST, **change)) is grade  # type: ignore[arg-type]


def test_search_and_replace_is_used_only_where_it_is_clearly_better() -> None:
    assert grading.best_format(scores(3, 3)) is EditFormat.FUNCTION
    assert grading.best_format(scores(0, 3)) is EditFormat.SEARCH
    assert grading.best_format(scores(0, 1, asked=1)) is EditFormat.FUNCTION


def test_prompts_grow_with_the_speed_and_fit_the_context() -> None:
    assert grading.prompt_budget(replace(BEST, prompt_speed=20.0)) == 850
    assert grading.prompt_budget(replace(BEST, prompt_speed=150.0)) == 1500
    assert grading.prompt_budget(replace(BEST, prompt_speed=9000.0)) == 4000
    assert grading.prompt_budget(replace(BEST, context_claimed=2048)) == 768
    assert grading.prompt_budget(replace(BEST, context_held=0, context_tried=1000)) == 500


def test_a_result_is_kept_and_a_damaged_file_is_none(tmp_path: Path) -> None:
    store = ProbeStore(tmp_path / "probes.json")
    assert store.get("sha256:1") is None
    store.put("sha256:1", BEST)
    store.put("sha256:2", replace(BEST, name="another"))
    assert store.get("sha256:1") == BEST
    (tmp_path / "probes.json").write_text('{"sha256:1": {"grade": "excellent"}}')
    assert store.get("sha256:1") is None
    (tmp_path / "probes.json").write_text("{")
    store.put("sha256:1", BEST)
    assert store.get("sha256:1") == BEST


@pytest.mark.model
@pytest.mark.slow
def test_the_embedded_model_is_measured(model_file: Path) -> None:
    async def work() -> ProbeResult:
        client = EmbeddedModel(model_file, "qwen", context=CONTEXT, threads=THREADS)
        try:
            return await Probe(client, rounds=1, seed=7).run()
        finally:
            await client.close()

    check_real(asyncio.run(work()))


@pytest.mark.model
@pytest.mark.slow
def test_a_model_of_a_real_ollama_is_measured(ollama_server: OllamaServer) -> None:
    async def work() -> ProbeResult:
        client = OllamaModel(ollama_server.host, OLLAMA_MODEL, context=CONTEXT)
        try:
            return await Probe(client, seconds=20.0, rounds=1, seed=7).run()
        finally:
            await client.close()

    check_real(asyncio.run(work()))


def check_real(result: ProbeResult) -> None:
    """What holds on any machine, however busy it is."""
    assert sum(score.asked for score in result.formats) >= 1
    assert result.seconds < 65.0
    assert result.prompt_speed > 0
    assert result.tokens.completion > 0
