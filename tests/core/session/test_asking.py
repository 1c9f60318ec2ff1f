"""Fixes that pass and differ raise a question; its answer chooses among them, and is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from core.events import (
    AnswerTakenBack,
    QuestionAnswered,
    QuestionAsked,
    QuestionWithdrawn,
    Reranked,
    ReviewReady,
)
from core.repo.patch import overlay
from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.search.strategy import StopRule, Strategy
from core.types import OTHER, Budget, Example, RequirementSource, Verdict

SOURCE = 'def last(values):\n    """{said}"""\n    return values[0]\n'
SHORT = "return values[-1]\n"
CAREFUL = "return values[-1] if values else None\n"
TEST = "from lists import last\n\n\ndef test_last():\n    assert last([1, 2]) == 2\n"


@dataclass
class Ideas:
    """A proposer of whole files."""

    texts: Sequence[Mapping[str, str]]
    name: str = "ideas"
    needs_model: bool = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        for number, edits in enumerate(self.texts, 1):
            yield Draft(f"idea {number}", edits)


def set_up(opened, said: str, *returns: str) -> None:
    source = SOURCE.format(said=said)
    texts = [{"lists.py": source.replace("return values[0]\n", one)} for one in returns]
    stop = StopRule(greens=len(returns), share=1e9, seconds=60.0)
    opened.services.having = (Ideas(texts),)
    opened.services.strategies = lambda: (Strategy("auto", stop=stop),)


def files(said: str) -> dict[str, str]:
    return {"lists.py": SOURCE.format(said=said), "test_lists.py": TEST}


def test_an_answer_chooses_among_those_that_pass_and_is_a_requirement(with_session, repository):
    root = repository(files("The last of them."))

    async def work(opened):
        set_up(opened, "The last of them.", SHORT, CAREFUL)
        session = opened.session
        await session.open(str(root))
        result = await session.fix((), Budget(60))
        assert result.verdict is Verdict.GREEN
        first = result.best.id
        [asked] = opened.bodies(QuestionAsked)
        question = asked.question
        assert question.text == "What should last([]) give?"
        assert question.example == Example("last([])", "lists.py", "lists")
        assert [option.label for option in question.options] == ["It raises IndexError", "None"]
        assert question.options[0].candidates == (first,), "the best comes first"
        assert "the docstring of last" in question.looked_up

        await session.asking.answer(question.id, 2, "")
        [answered] = opened.bodies(QuestionAnswered)
        assert answered.sentence == "1 fix is ruled out; 1 that passes does this."
        [reranked] = opened.bodies(Reranked)
        best = reranked.result.best
        assert best.id != first
        assert b"else None" in overlay(best.patch)["lists.py"]
        assert reranked.result.choice.rule == (
            "It gives what your answer says; 1 of the 2 that pass does not."
        )
        assert opened.bodies(ReviewReady)[-1].candidate == best.id
        [line] = session.requirements.ledger.requirements
        assert (line.text, line.source) == ("last([]) gives None", RequirementSource.ANSWER)

        await session.fix((), Budget(60))
        assert len(opened.bodies(QuestionAsked)) == 1, "what is answered is not asked again"
        assert session.asking.questions.current is None

        await session.asking.take_back(question.id)
        assert opened.bodies(AnswerTakenBack)
        assert session.requirements.ledger.requirements == ()
        assert opened.bodies(Reranked)[-1].result.best.id != best.id
        again = opened.bodies(QuestionAsked)[-1].question
        assert again.id != question.id, "it is open again"

        await session.asking.answer(again.id, OTHER, "it should be 0")
        assert opened.bodies(QuestionAnswered)[-1].sentence.startswith("No fix that was tried gives")
        rule = opened.bodies(Reranked)[-1].result.choice.rule
        assert rule == "None of the 2 that pass gives what your answer says."
        assert [line.text for line in session.requirements.ledger.requirements] == ["last([]) gives 0"]

    with_session(work)


def test_what_a_docstring_says_decides_and_is_not_asked(with_session, repository):
    said = (
        "The last of them.\n\n    >>> last([])\n    >>> last([3])\n    3\n\n    last([]) is None.\n    "
    )
    root = repository(files(said))

    async def work(opened):
        set_up(opened, said, SHORT, CAREFUL)
        await opened.session.open(str(root))
        result = await opened.session.fix((), Budget(60))
        assert opened.bodies(QuestionAsked) == []
        assert b"else None" in overlay(result.best.patch)["lists.py"]
        assert result.choice.rule.startswith("It gives what the docstring of last says")

    with_session(work)


def test_fixes_that_behave_alike_ask_nothing(with_session, repository):
    root = repository(files("The last of them."))

    async def work(opened):
        set_up(opened, "The last of them.", SHORT, "return values[len(values) - 1]\n")
        await opened.session.open(str(root))
        result = await opened.session.fix((), Budget(60))
        assert result.verdict is Verdict.GREEN
        assert opened.bodies(QuestionAsked) == []

    with_session(work)


def test_an_open_question_is_asked_again_on_opening_until_its_code_changes(with_session, repository):
    root = repository(files("The last of them."))

    async def first(opened):
        set_up(opened, "The last of them.", SHORT, CAREFUL)
        await opened.session.open(str(root))
        await opened.session.fix((), Budget(60))
        return opened.bodies(QuestionAsked)[-1].question

    question = with_session(first)

    async def second(opened):
        await opened.session.open(str(root))
        assert [body.question for body in opened.bodies(QuestionAsked)] == [question]
        (root / "lists.py").write_text("def last(values):\n    return values[-1]\n")
        await opened.session.run_tests()
        assert opened.bodies(QuestionWithdrawn)[-1].question == question.id

    with_session(second)
