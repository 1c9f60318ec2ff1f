"""Questions about the opened repository: answered in a stream, stopped, edited, kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.commands import FindNames, Say, ShowSource
from core.errors import UsageError
from core.events import (
    AnswerEnded,
    AnswerStarted,
    AnswerStreamed,
    ConversationOpened,
    MessageAdded,
    MessagesFolded,
    NamesFound,
    SourceShown,
    TestRunFinished,
    TroubleRaised,
)
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.session.talking import Talking
from core.types import AnswerState, Attachment, AttachmentKind, Author, Intent, Reference
from tests.core.session.conftest import BUGGY, Opened, WithSession

Make = Callable[[Mapping[str, str]], Path]
LONG = " ".join(f"word{n}" for n in range(400))


def answers(*texts: str, delay: float = 0.0) -> ScriptedModel:
    return ScriptedModel([ScriptedAnswer(text) for text in texts], delay=delay)


@pytest.fixture
def talk(with_session: WithSession, repository: Callable[..., Path]) -> Callable[..., Any]:
    """Run an async function with a talking session on a repository."""
    made: list[Path] = []

    def run(work: Callable[[Opened, Talking], Any], model: ScriptedModel | None = None) -> Any:
        async def main(opened: Opened) -> Any:
            talking = Talking(opened.services, opened.session, opened.emit)
            if not made:
                made.append(repository(BUGGY))
            await opened.session.open(str(made[0]))
            try:
                return await work(opened, talking)
            finally:
                while talking.tasks:
                    await asyncio.wait(talking.tasks)
                await talking.close()

        return with_session(main, model=model)

    return run


def contents(root: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(root).iterdir() if path.is_file()}


async def until(opened: Opened, kind: type, count: int = 1) -> Any:
    end = time.monotonic() + 20
    while len(opened.bodies(kind)) < count:
        assert time.monotonic() < end, [type(event.body).__name__ for event in opened.events]
        await asyncio.sleep(0.005)
    return opened.bodies(kind)[-1]


def test_an_answer_is_streamed_kept_and_knows_what_it_names(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        await talking.say(Say("what does @calc.py do?"))
        started = opened.bodies(AnswerStarted)[0]
        assert BUGGY["calc.py"].strip() in started.prompt
        assert started.looked_at[0] == Reference("calc.py")
        streamed = "".join(body.text for body in opened.bodies(AnswerStreamed))
        assert streamed == "It adds; see calc.py:2."
        [ended] = opened.bodies(AnswerEnded)
        assert ended.message.state is AnswerState.WHOLE
        assert ended.message.references == (Reference("calc.py", 2),)
        assert ended.usage.completion > 0

    talk(work, answers("It adds; see calc.py:2."))

    async def later(opened: Opened, talking: Talking) -> None:
        kept = (await until(opened, ConversationOpened)).messages
        assert [(m.author, m.text) for m in kept] == [
            (Author.USER, "what does @calc.py do?"),
            (Author.MODEL, "It adds; see calc.py:2."),
        ]

    talk(later)


def test_a_question_changes_no_file(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        before = contents(opened.session.info.path)
        await talking.say(Say("please rewrite calc.py"))
        assert contents(opened.session.info.path) == before

    talk(work, answers("```python\n# calc.py\nraise SystemExit\n```"))


def test_stop_ends_an_answer_within_200_ms_and_keeps_what_there_is(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        talking.take(Say("tell me a lot"))
        await until(opened, AnswerStreamed, 3)
        began = time.monotonic()
        talking.stop()
        ended = await until(opened, AnswerEnded)
        assert time.monotonic() - began < 0.2
        assert ended.message.state is AnswerState.STOPPED
        assert LONG.startswith(ended.message.text)
        assert ended.message.text

    talk(work, answers(LONG, delay=0.02))


def test_a_new_question_ends_the_answer_to_the_one_before(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        talking.take(Say("first"))
        await until(opened, AnswerStreamed, 2)
        talking.take(Say("second"))
        await until(opened, AnswerEnded, 2)
        first, second = opened.bodies(AnswerEnded)
        assert (first.message.state, second.message.text) == (AnswerState.STOPPED, "short")
        numbers = [body.message.id for body in opened.bodies(MessageAdded)]
        assert sorted([*numbers, first.message.id, second.message.id]) == [1, 2, 3, 4]

    talk(work, answers(LONG, "short", delay=0.01))


def test_an_edited_question_folds_what_came_after_it(talk: Callable[..., Any]) -> None:
    model = answers("one", "two", "three")

    async def work(opened: Opened, talking: Talking) -> None:
        await talking.say(Say("first question"))
        await talking.say(Say("second question"))
        await talking.say(Say("better question", replaces=3))
        assert opened.bodies(MessagesFolded) == [MessagesFolded((3, 4), 5)]

    talk(work, model)
    sent = "\n".join(message.content for message in model.requests[-1].messages)
    assert "first question" in sent
    assert "second question" not in sent

    async def later(opened: Opened, talking: Talking) -> None:
        kept = (await until(opened, ConversationOpened)).messages
        assert [m.folded_by for m in kept] == [0, 0, 5, 5, 0, 0]

    talk(later)


def test_without_a_model_the_answer_is_a_sentence_and_a_remedy(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        await talking.say(Say("why?"))
        [ended] = opened.bodies(AnswerEnded)
        assert ended.message.state is AnswerState.FAILED
        assert ended.message.trouble == "No model takes part, so nobody can answer."
        assert [remedy.action for remedy in ended.remedies] == ["download_model", "models"]
        assert opened.bodies(TroubleRaised) == []

    talk(work)


def test_keys_in_a_pasted_log_are_blotted_out(talk: Callable[..., Any]) -> None:
    model = answers("fine")
    secret = "sk-ant-api03-" + "a1B2" * 20
    log = Attachment(AttachmentKind.TEXT, "log", f"key {secret} refused")

    async def work(opened: Opened, talking: Talking) -> None:
        await talking.say(Say(f"why was {secret} refused?", attachments=(log,)))
        assert secret not in repr(opened.events)

    talk(work, model)
    assert secret not in repr(model.requests)


def test_a_fix_that_was_asked_for_in_words_is_noted_down_and_not_answered(
    talk: Callable[..., Any],
) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        await talking.say(Say("fix it", Intent.FIX))
        assert opened.bodies(MessageAdded)[0].message.intent is Intent.FIX
        assert opened.bodies(AnswerStarted) == []

    talk(work, answers("never"))


def test_an_empty_message_is_refused(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        with pytest.raises(UsageError, match="empty"):
            await talking.say(Say("  \n"))

    talk(work)


def test_files_symbols_and_tests_can_be_mentioned(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        await opened.session.run_tests()
        await until(opened, TestRunFinished)
        for text in ("calc", "twice", "test_add"):
            talking.take(FindNames(text))
            await until(opened, NamesFound, len(opened.bodies(NamesFound)) + 1)
        found = {body.text: [name.mention for name in body.names] for body in opened.bodies(NamesFound)}
        assert found["calc"][:2] == ["calc.py", "test_calc.py"]
        assert found["twice"][0] == "calc.py::twice"
        assert "test_calc.py::test_add" in found["test_add"]

    talk(work)


def test_a_file_can_be_read_and_a_file_outside_cannot(talk: Callable[..., Any]) -> None:
    async def work(opened: Opened, talking: Talking) -> None:
        talking.take(ShowSource("calc.py", 2))
        assert await until(opened, SourceShown) == SourceShown("calc.py", 2, BUGGY["calc.py"])
        talking.take(ShowSource("../../../etc/passwd"))
        trouble = await until(opened, TroubleRaised)
        assert trouble.code == "chat.no_file"

    talk(work)
