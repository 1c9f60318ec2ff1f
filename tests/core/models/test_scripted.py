"""The scripted model: which answer belongs to which prompt, and transcripts that are wrong."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from core.errors import ModelError, UsageError
from core.models.base import CompletionRequest
from core.models.scripted import ScriptedAnswer, ScriptedModel, read_transcript
from tests.core.models.clients import ask, question


def answers(model: ScriptedModel, *prompts: str) -> list[str]:
    async def body() -> list[str]:
        return [(await ask(model, question(prompt)))[0] for prompt in prompts]

    return asyncio.run(body())


def test_answers_without_a_condition_come_once_each_in_order_and_then_end() -> None:
    model = ScriptedModel([ScriptedAnswer("one"), ScriptedAnswer("two")])
    assert answers(model, "a", "b") == ["one", "two"]
    with pytest.raises(ModelError) as caught:
        answers(model, "c")
    assert caught.value.code == "model.script_ended"
    assert [request.messages[0].content for request in model.requests] == ["a", "b", "c"]


def test_conditions_choose_and_the_last_fitting_answer_stays() -> None:
    model = ScriptedModel(
        [
            ScriptedAnswer("other"),
            ScriptedAnswer("first", contains="gcd"),
            ScriptedAnswer("second", contains="gcd"),
            ScriptedAnswer("lcm!", matches=r"def l[cd]m"),
        ]
    )
    prompts = ["gcd", "def lcm", "hello", "gcd", "gcd", "def ldm"]
    assert answers(model, *prompts) == ["first", "lcm!", "other", "second", "second", "lcm!"]


def test_only_answers_for_a_gap_fill_gaps_and_the_others_keep_their_turn() -> None:
    model = ScriptedModel([ScriptedAnswer("one"), ScriptedAnswer("b", before="a + ")])

    async def fill(before: str) -> str:
        request = CompletionRequest(before, "\n", stop=("\n",))
        return "".join([delta.text async for delta in model.complete(request)])

    assert asyncio.run(fill("return a + ")) == "b"
    assert asyncio.run(fill("return ")) == ""
    assert answers(model, "a") == ["one"]
    assert model.info.capabilities.infill
    assert not ScriptedModel([ScriptedAnswer("one")]).info.capabilities.infill


def test_an_answer_arrives_in_pieces_with_the_delay_between() -> None:
    async def body() -> None:
        model = ScriptedModel([ScriptedAnswer("x" * 50)], delay=0.01)
        start = time.monotonic()
        deltas = [delta async for delta in model.chat(question("a"))]
        assert len(deltas) > 3
        assert time.monotonic() - start >= 0.01 * (len(deltas) - 1) * 0.9

    asyncio.run(body())


def test_a_transcript_is_read_from_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a b é.jsonl"
    path.write_text('{"answer": "ä", "contains": "q"}\n\n{"error": "On fire."}\n', "utf-8")
    model = ScriptedModel(read_transcript(path))
    assert answers(model, "q") == ["ä"]
    with pytest.raises(ModelError, match="On fire"):
        answers(model, "other")


@pytest.mark.parametrize(
    "bad", ["{", "[]", '{"answer": 5}', "5", '{"asnwer": "x"}', '{"answer": "x", "matches": "("}']
)
def test_a_wrong_line_of_a_transcript_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"answer": "fine"}\n' + bad + "\n", "utf-8")
    with pytest.raises(UsageError, match="Line 2"):
        read_transcript(path)


def test_a_transcript_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_transcript(tmp_path / "none.jsonl")
