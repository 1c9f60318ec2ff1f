"""The desk asks few questions, the weightiest first, one at a time, and none that is answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.clarify.answers import Answer
from core.clarify.desk import MOST_A_ROUND, AnswerConflict, Questions
from core.clarify.shelf import Shelf
from core.events import (
    AnswerRefused,
    AnswerTakenBack,
    Body,
    QuestionAnswered,
    QuestionAsked,
    QuestionWithdrawn,
)
from core.types import OTHER, Example, Option, Question, QuestionSource


def make_question(name: str, impact: float = 1.0) -> Question:
    return Question(
        QuestionSource.DISAGREEMENT,
        f"What should {name}([]) give?",
        "Two fixes that pass differ here.",
        (Option("None", expected="None"), Option("0", expected="0")),
        Example(f"{name}([])", "code.py", "code"),
        impact=impact,
    )


class Desk:
    """A desk over a folder, with what it told and what it recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[Body] = []
        self.recorded: list[Answer] = []
        self.questions = Questions(
            Shelf(folder / "notes.json"), self.told.append, self._read, self.recorded.append
        )

    def _read(self, path: str) -> bytes | None:
        file = self.folder / path
        return file.read_bytes() if file.exists() else None

    def asked(self) -> list[str]:
        return [body.question.text for body in self.told if isinstance(body, QuestionAsked)]

    def answer(self, number: int, choice: int, text: str = "") -> Body:
        asyncio.run(self.questions.answer(number, choice, text))
        return next(b for b in reversed(self.told) if isinstance(b, (QuestionAnswered, AnswerRefused)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "code.py").write_text("def f(x): ...\n")
    return Desk(tmp_path)


def test_one_is_asked_at_a_time_and_the_weightiest_of_the_rest_comes_next(desk: Desk) -> None:
    first = desk.questions.offer(make_question("f", 0.1))
    desk.questions.offer(make_question("g", 0.2))
    desk.questions.offer(make_question("h", 0.9))
    assert desk.asked() == ["What should f([]) give?"]
    assert first is not None
    desk.answer(first.id, 1)
    assert desk.asked()[1:] == ["What should h([]) give?"]


def test_no_more_than_four_are_asked_in_a_round(desk: Desk) -> None:
    for number in range(7):
        taken = desk.questions.offer(make_question(f"f{number}"))
        if taken is not None:
            desk.answer(taken.id, 1)
    assert len(desk.asked()) == MOST_A_ROUND
    desk.questions.begin_round()
    assert desk.questions.offer(make_question("g")) is not None


def test_what_has_been_answered_is_not_asked_again(desk: Desk) -> None:
    taken = desk.questions.offer(make_question("f"))
    assert taken is not None
    desk.answer(taken.id, 2)
    assert [answer.requirement for answer in desk.recorded] == ["f([]) gives 0"]
    assert desk.questions.offer(make_question("f")) is None
    assert Desk(desk.folder).questions.offer(make_question("f")) is None, "nor after a restart"


def test_what_can_be_looked_up_is_not_asked(desk: Desk) -> None:
    assert desk.questions.offer(make_question("f"), look_up=lambda _: "the docstring of f") is None
    assert desk.questions.offer(replace(make_question("g"), options=(Option("0"),))) is None, "no choice"
    assert desk.told == []


def test_an_open_question_outlives_a_restart_while_its_code_is_as_it_was(desk: Desk) -> None:
    desk.questions.offer(make_question("f"))
    again = Desk(desk.folder)
    again.questions.reopen()
    assert again.asked() == ["What should f([]) give?"]
    (desk.folder / "code.py").write_text("def f(x): return 0\n")
    again.questions.refresh()
    assert isinstance(again.told[-1], QuestionWithdrawn)
    changed = Desk(desk.folder)
    changed.questions.reopen()
    assert changed.told == []


def test_an_answer_that_is_none_leaves_the_question_open(desk: Desk) -> None:
    taken = desk.questions.offer(make_question("f"))
    assert taken is not None
    for text in ("", "what does g do?"):
        refused = desk.answer(taken.id, OTHER, text)
        assert isinstance(refused, AnswerRefused)
        assert not refused.conflict
    assert desk.questions.current == taken
    assert desk.recorded == []
    assert isinstance(desk.answer(taken.id, OTHER, "[]"), QuestionAnswered)
    assert isinstance(desk.answer(taken.id, 1), AnswerRefused), "it is not open any more"


def test_an_answer_that_rules_out_an_earlier_one_is_refused_until_that_is_taken_back(desk: Desk) -> None:
    first = desk.questions.offer(make_question("f"))
    assert first is not None
    desk.answer(first.id, 1)

    async def conflicts(answer: Answer) -> str:
        if desk.questions.answers:
            raise AnswerConflict("No fix does both.", first.id)
        return "It holds."

    second = desk.questions.offer(make_question("g"), conflicts)
    assert second is not None
    refused = desk.answer(second.id, 1)
    assert isinstance(refused, AnswerRefused)
    assert refused.conflict == first.id
    assert desk.questions.take_back(first.id) is not None
    assert isinstance(desk.told[-1], AnswerTakenBack)
    taken = desk.answer(second.id, 1)
    assert isinstance(taken, QuestionAnswered)
    assert taken.sentence == "It holds."


def test_a_shelf_that_cannot_be_read_is_an_empty_one(desk: Desk) -> None:
    (desk.folder / "notes.json").write_text('{"last": "no number", "pending": [{}]}')
    again = Desk(desk.folder)
    again.questions.reopen()
    assert again.told == []
    assert again.questions.offer(make_question("f")) is not None
