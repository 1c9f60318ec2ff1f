"""Talking about a repository in the real window on the real core, with a model that has a script."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest

from core.events import (
    AnswerEnded,
    AnswerStreamed,
    ConversationOpened,
    FixFinished,
    MessageAdded,
    MessagesFolded,
    RepositoryOpened,
    TroubleRaised,
)
from core.types import AnswerState, Author, Intent, Reference, Verdict
from tests.core.models.servers import Asked, head, piece, serve

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}
CODE = "```python\nreturn a - b\n```\n"
TRACE = 'Traceback (most recent call last):\n  File "/ci/calc.py", line 2, in add\nValueError: no\n'


def scripted(folder: Path, *answers: dict[str, str]) -> str:
    path = folder / "talk.jsonl"
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    return f"scripted:{path}"


def open_quietly(desktop, root: Path) -> None:
    """Open the repository; what its tests say does not matter here."""
    desktop.window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(ConversationOpened)), "the conversation")
    desktop.wait(desktop.idle, "the baseline")


def ask(desktop, text: str) -> None:
    desktop.do("write")
    edit = desktop.window.workspace.conversation.composer.edit
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.bubblewrap
def test_ask_edit_paste_mention_and_come_back(open_desktop, repository, tmp_path):
    root = repository(FILES)
    model = scripted(
        tmp_path,
        {"contains": "better question", "answer": "A better answer."},
        {"contains": "ValueError", "answer": "It comes from `calc.py:2`."},
        {"contains": "return a - b", "answer": f"It **subtracts**, see calc.py:2.\n\n{CODE}"},
    )
    desktop = open_desktop(sandbox="bubblewrap", model=model)
    open_quietly(desktop, root)
    pane = desktop.window.workspace.conversation

    ask(desktop, "what does @calc.py do?")
    desktop.wait(lambda: len(desktop.bodies(AnswerEnded)) == 1 and desktop.idle(), "the answer")
    first = desktop.bodies(AnswerEnded)[0].message
    assert "".join(body.text for body in desktop.bodies(AnswerStreamed)) == first.text
    assert first.looked_at[0] == Reference("calc.py")
    assert first.references == (Reference("calc.py", 2),)
    assert (root / "calc.py").read_text() == FILES["calc.py"], "an answer changes nothing"

    log = QMimeData()
    log.setText(
        'Traceback (most recent call last):\n  File "/ci/calc.py", line 2, in add\nValueError: no\n'
    )
    pane.composer.edit.insertFromMimeData(log)
    pane.composer.choose(Intent.ASK)
    QTest.keyClick(pane.composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desktop.wait(
        lambda: len(desktop.bodies(AnswerEnded)) == 2 and desktop.idle(), "the answer to the traceback"
    )
    assert Reference("calc.py") in desktop.bodies(AnswerEnded)[1].message.looked_at

    desktop.do("edit_last")
    pane.composer.edit.setPlainText("a better question?")
    pane.composer.send()
    desktop.wait(lambda: len(desktop.bodies(AnswerEnded)) == 3, "the answer to the edited message")
    assert desktop.bodies(MessagesFolded)[0].messages == (3, 4)
    assert desktop.bodies(AnswerEnded)[2].message.text == "A better answer."
    assert desktop.bodies(TroubleRaised) == []

    again = open_desktop(sandbox="bubblewrap", model=model)
    open_quietly(again, root)
    kept = again.window.session.talk.messages
    assert [message.folded_by for message in kept.values()] == [0, 0, 5, 5, 0, 0]


@contextmanager
def slow_server() -> Iterator[str]:
    """A model's server that writes ten words a second for a minute; gives its address."""
    address: queue.SimpleQueue[str] = queue.SimpleQueue()
    over = threading.Event()

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head())
        for number in range(600):
            writer.write(piece(f"word{number} "))
            await writer.drain()
            await asyncio.sleep(0.1)

    async def run() -> None:
        async with serve(answer) as where:
            address.put(where)
            while not over.is_set():
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield address.get(timeout=20)
    finally:
        over.set()
        thread.join()


@pytest.mark.bubblewrap
def test_an_answer_is_stopped_in_the_middle(
    open_desktop, repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_server() as address:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        desktop = open_desktop(sandbox="bubblewrap", model="openai:slow")
        open_quietly(desktop, repository(FILES))
        ask(desktop, "what does it do?")
        desktop.wait(lambda: len(desktop.bodies(AnswerStreamed)) > 2, "words")
        QTest.keyClick(desktop.window, Qt.Key.Key_Escape)
        desktop.wait(lambda: bool(desktop.bodies(AnswerEnded)), "the end")
        message = desktop.bodies(AnswerEnded)[0].message
        assert message.state is AnswerState.STOPPED
        assert message.text.startswith("word0 word1 word2 ")
        assert "word300" not in message.text


@pytest.mark.bubblewrap
def test_fix_in_words_is_a_fix_and_its_end_is_told(open_desktop, repository):
    root = repository(FILES)
    desktop = open_desktop(sandbox="bubblewrap")
    open_quietly(desktop, root)
    assert desktop.bodies(RepositoryOpened)
    desktop.wait(lambda: desktop.window.session.failing() != (), "the failing test")
    ask(desktop, "fix the failing test")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the fix")
    assert desktop.bodies(FixFinished)[0].result.verdict is Verdict.GREEN
    said = [body.message for body in desktop.bodies(MessageAdded)]
    assert [message.author for message in said] == [Author.USER, Author.TASK]
    assert "1 fixed, 0 broken" in said[1].text
