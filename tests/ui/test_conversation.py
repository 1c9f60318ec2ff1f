"""The conversation in the real window: messages in, commands out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from core import commands as cmd
from core import events as ev
from core.types import (
    AnswerState,
    Attachment,
    AttachmentKind,
    Author,
    ChatMessage,
    Intent,
    Name,
    NameKind,
    Reference,
    Remedy,
    TokenUsage,
)
from tests.ui import replay
from tests.ui.replay import Stage
from ui.conversation.blocks import CodeBlock, Prose
from ui.conversation.pane import ConversationPane
from ui.conversation.prose import ProseWriter

RED = (*replay.opened(), *replay.suite_run())
TRACE = "Traceback (most recent call last):\n" + '  File "a.py", line 1, in f\n' * 9 + "ValueError: no\n"
ANSWER = "The **header** is kept, see headers/parse.py:25.\n\n```python\nx = 1\n```\n\nThat is all.\n"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pane(stage: Stage) -> ConversationPane:
    stage.show()
    stage.play(*RED, ev.ConversationOpened(()))
    assert stage.window.workspace is not None
    return stage.window.workspace.conversation


def question(number: int, text: str = "why?") -> ev.MessageAdded:
    return ev.MessageAdded(ChatMessage(number, 1.0, Author.USER, text))


def answered(number: int, text: str = ANSWER, **more: object) -> ev.AnswerEnded:
    return ev.AnswerEnded(
        ChatMessage(number, 1.0, Author.MODEL, text, model="qwen", **more),  # type: ignore[arg-type]
        TokenUsage(1, 2),
    )


def buttons(parent: QWidget, name: str) -> list[QPushButton]:
    """From top to bottom."""
    every = parent.findChildren(QPushButton)
    found = [one for one in every if name in (one.text(), one.accessibleName())]
    return sorted(found, key=lambda one: one.mapTo(one.window(), QPoint(0, 0)).y())


def shown(pane: ConversationPane) -> str:
    """Everything that can be read, from top to bottom."""
    found: list[tuple[int, str]] = []
    for one in pane.rows.viewport().findChildren(QWidget):
        if isinstance(one, Prose):
            text = one.toPlainText()
        elif isinstance(one, CodeBlock):
            text = one.raw
        elif isinstance(one, QLabel):
            text = one.text()
        else:
            continue
        if one.isVisible():
            found.append((one.mapTo(pane, one.rect().topLeft()).y(), text))
    return "\n".join(text for _, text in sorted(found))


def paste(pane: ConversationPane, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    pane.composer.edit.insertFromMimeData(data)


def test_a_question_is_typed_sent_by_ctrl_enter_and_answered_in_a_stream(
    stage: Stage, pane: ConversationPane
) -> None:
    QTest.keyClick(stage.window, Qt.Key.Key_L, CTRL)
    assert pane.composer.edit.hasFocus()
    QTest.keyClicks(pane.composer.edit, "why does it fail?")
    assert pane.composer.go.text() == "Ask"
    QTest.keyClick(pane.composer.edit, Qt.Key.Key_Return, CTRL)
    assert stage.posted[-1] == cmd.Say("why does it fail?", Intent.ASK)
    assert pane.composer.edit.toPlainText() == ""
    stage.play(question(1), ev.AnswerStarted(2, "qwen", (), "PROMPT"))
    for piece in ("The **head", "er** is ke", "pt, see headers/parse.py:25.\n\n```py", "thon\nx = "):
        stage.play(ev.AnswerStreamed(2, piece))
    stage.settle(0.2)
    said = shown(pane)
    assert "The header is kept, see headers/parse.py:25." in said
    assert "x = " in said
    assert "is answering" in said
    stage.play(ev.AnswerStreamed(2, "1\n```\n\nThat is all.\n"), answered(2))
    stage.settle(0.1)
    said = shown(pane)
    assert said.index("why?") < said.index("x = 1") < said.index("That is all.")
    assert "is answering" not in said


def test_an_answer_can_be_stopped_by_its_button_and_by_escape(
    stage: Stage, pane: ConversationPane
) -> None:
    stage.play(question(1), ev.AnswerStarted(2, "qwen", (), ""), ev.AnswerStreamed(2, "One two"))
    stage.settle(0.1)
    [stop] = buttons(pane, "Stop the answer")
    stop.click()
    assert stage.posted[-1] == cmd.StopAnswer()
    stage.posted.clear()
    pane.composer.edit.setFocus()
    stage.window.handlers.escape()
    assert stage.posted == [cmd.StopAnswer()]
    stage.play(answered(2, "One two", state=AnswerState.STOPPED))
    assert "Stopped." in shown(pane)


def test_a_message_is_edited_and_sent_again_and_what_followed_is_folded(
    stage: Stage, pane: ConversationPane
) -> None:
    stage.play(question(1, "the first"), answered(2, "an answer"))
    stage.play(question(3, "the second"), answered(4, "more"))
    stage.settle(0.05)
    buttons(pane, "Edit and send again")[-1].click()
    assert pane.composer.edit.toPlainText() == "the second"
    pane.composer.edit.setPlainText("a better second?")
    pane.composer.send()
    assert stage.posted[-1] == cmd.Say("a better second?", Intent.ASK, (), 3)
    stage.play(ev.MessagesFolded((3, 4), 5), question(5, "a better second?"), answered(6, "best"))
    stage.settle(0.05)
    said = shown(pane)
    assert "the second" not in said
    assert "an answer" in said
    [fold] = buttons(pane, "2 earlier messages, replaced")
    fold.click()
    stage.settle(0.05)
    assert "the second" in shown(pane), "folded away, not lost"
    buttons(pane, "2 earlier messages, replaced")[0].click()
    stage.settle(0.05)
    assert "the second" not in shown(pane)


def test_a_pasted_traceback_becomes_a_chip_that_opens_and_goes(
    stage: Stage, pane: ConversationPane
) -> None:
    paste(pane, TRACE)
    assert pane.composer.edit.toPlainText() == ""
    [attached] = pane.composer.attachments
    assert attached.kind is AttachmentKind.TRACEBACK
    [chip] = buttons(pane.composer, attached.title)
    chip.click()
    assert pane._viewer is not None
    assert pane._viewer.text.toPlainText() == TRACE
    pane._viewer.close()
    assert pane.composer.go.text() == "Fix", "tests fail, and this is a traceback"
    buttons(pane.composer, f"Remove {attached.title}")[0].click()
    assert pane.composer.attachments == ()
    assert pane.composer.go.text() == "Ask"


def test_a_paste_of_ten_thousand_words_does_not_weigh_on_the_message(
    stage: Stage, pane: ConversationPane
) -> None:
    paste(pane, "word " * 10_000)
    assert pane.composer.edit.toPlainText() == ""
    assert [one.title for one in pane.composer.attachments] == ["Pasted text, 10,000 words"]
    paste(pane, "two short\nlines")
    assert pane.composer.edit.toPlainText() == "two short\nlines"


def test_what_sending_does_is_shown_and_can_be_changed(stage: Stage, pane: ConversationPane) -> None:
    pane.composer.edit.setPlainText("drop empty headers")
    assert pane.composer.go.text() == "Change"
    pane.composer.choose(Intent.ASK)
    assert pane.composer.go.text() == "Ask"
    pane.composer.send()
    assert stage.posted[-1] == cmd.Say("drop empty headers", Intent.ASK)
    pane.composer.edit.setPlainText("drop empty headers, as @headers/parse.py does")
    pane.composer.send()
    said, request = stage.posted[-2:]
    assert isinstance(said, cmd.Say)
    assert said.intent is Intent.CHANGE
    assert request == cmd.Request(said.text, ("headers/parse.py",))


def test_fix_in_words_searches_a_fix_for_the_tests_that_it_names(
    stage: Stage, pane: ConversationPane
) -> None:
    node = replay.targets()[0]
    pane.composer.edit.setPlainText(f"fix @{node} please")
    assert pane.composer.go.text() == "Fix"
    pane.composer.send()
    assert stage.posted[-1] == cmd.Fix((node,))
    assert stage.window.session.is_busy()


def test_names_are_completed_by_keys_alone(stage: Stage, pane: ConversationPane) -> None:
    edit = pane.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, "see @par")
    assert stage.posted[-1] == cmd.FindNames("par")
    stage.play(
        ev.NamesFound(
            "par",
            (Name(NameKind.FILE, "headers/parse.py"), Name(NameKind.SYMBOL, "headers/parse.py::parse")),
        )
    )
    assert pane.composer.popup.isVisible()
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "see @headers/parse.py::parse "
    assert not pane.composer.popup.isVisible()
    QTest.keyClicks(edit, "@x")
    stage.play(ev.NamesFound("x", (Name(NameKind.FILE, "x.py"),)))
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert not pane.composer.popup.isVisible()
    assert edit.toPlainText().endswith("@x")


def test_up_recalls_what_was_sent_and_down_comes_back(stage: Stage, pane: ConversationPane) -> None:
    stage.play(question(1, "first"), answered(2), question(3, "second"), answered(4))
    edit = pane.composer.edit
    edit.setFocus()
    edit.setPlainText("half a")
    edit.moveCursor(edit.textCursor().MoveOperation.Start)
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.toPlainText() == "second"
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.toPlainText() == "first"
    edit.moveCursor(edit.textCursor().MoveOperation.End)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    assert edit.toPlainText() == "half a"


def test_a_hunk_goes_from_review_into_a_message(stage: Stage, pane: ConversationPane) -> None:
    stage.play(*replay.fixing(), *replay.fixed())
    stage.window.handlers.trigger("tab_review")
    stage.settle()
    stage.window.handlers.trigger("mention_hunk")
    stage.settle()
    [attached] = pane.composer.attachments
    assert attached.kind is AttachmentKind.HUNK
    assert attached.title.startswith("Hunk headers/parse.py:")
    assert pane.composer.edit.hasFocus()


def test_a_place_that_an_answer_names_opens(stage: Stage, pane: ConversationPane) -> None:
    stage.play(question(1), answered(2, references=(Reference("headers/parse.py", 25),)))
    stage.settle(0.05)
    prose = next(one for one in pane.findChildren(Prose) if "kept" in one.toPlainText())
    assert 'href="place:headers/parse.py:25"' in prose.document().toHtml()
    prose.place_opened.emit("headers/parse.py", 25)
    assert stage.posted[-1] == cmd.ShowSource("headers/parse.py", 25)
    stage.play(ev.SourceShown("headers/parse.py", 25, replay.BEFORE))
    assert pane._viewer is not None
    assert pane._viewer.text.textCursor().blockNumber() == 24
    pane._viewer.close()
    stage.play(*replay.fixing(), *replay.fixed())
    stage.window.handlers.trigger("tab_conversation")
    prose.place_opened.emit("headers/parse.py", 25)
    assert stage.window.workspace is not None
    assert stage.window.workspace.tabs.currentWidget() is stage.window.workspace.review


def test_where_nobody_can_answer_there_is_a_sentence_and_a_button(
    stage: Stage, pane: ConversationPane
) -> None:
    failed = ChatMessage(
        2, 1.0, Author.MODEL, "", state=AnswerState.FAILED, trouble="No model takes part."
    )
    stage.play(
        question(1),
        ev.AnswerEnded(failed, TokenUsage(), remedies=(Remedy("Download it", "download_model"),)),
    )
    stage.settle(0.05)
    assert "No model takes part." in shown(pane)
    buttons(pane, "Download it")[0].click()
    assert stage.posted[-1] == cmd.DownloadModel(use=True)


def test_words_are_found_and_shown_one_after_another(stage: Stage, pane: ConversationPane) -> None:
    messages = [
        ChatMessage(n, 1.0, Author.USER, f"message {n} needle" if n % 20 == 0 else f"{n}")
        for n in range(1, 101)
    ]
    stage.play(ev.ConversationOpened(tuple(messages)))
    stage.settle(0.3)
    stage.window.handlers.trigger("find_words")
    pane.find_bar.edit.setText("NEEDLE")
    pane.find_bar.look()
    stage.settle()
    assert pane.find_bar.count.text() == "5 of 5"
    assert "message 100 needle" in shown(pane)
    pane.find_bar.step(1)
    stage.settle()
    assert pane.find_bar.count.text() == "1 of 5"
    assert "message 20 needle" in shown(pane)
    stage.window.handlers.escape()
    assert not pane.find_bar.isVisible()


def test_two_thousand_messages_open_in_order_with_few_widgets(
    stage: Stage, pane: ConversationPane
) -> None:
    authors = (Author.MODEL, Author.USER)
    messages = [ChatMessage(n, 1.0, authors[n % 2], f"text {n}") for n in range(1, 2001)]
    stage.play(ev.ConversationOpened(tuple(messages)))
    stage.settle(0.6)
    texts = [str(getattr(row, "text", "")).strip() for row in pane.rows.rows]
    assert [text for text in texts if text.startswith("text")] == [f"text {n}" for n in range(1, 2001)]
    assert pane.rows.alive() < 150
    pane.rows.verticalScrollBar().setValue(0)
    stage.settle(0.1)
    assert "text 1" in shown(pane)


def test_how_a_task_ended_stays_in_the_conversation_when_another_begins(
    stage: Stage, pane: ConversationPane
) -> None:
    stage.play(*replay.fixing(), *replay.fixed())
    ended = ChatMessage(1, 1.0, Author.TASK, "Fix of 6 tests: 6 fixed, 0 broken, tests untouched.")
    stage.play(ev.MessageAdded(ended))
    stage.window.handlers.trigger("tab_conversation")
    stage.settle()
    assert "Fix of 6 tests: 6 fixed" not in shown(pane), "its own card says so"
    stage.play(*replay.fixing(2))
    pane.rows.verticalScrollBar().setValue(0)
    stage.settle(0.1)
    assert "Fix of 6 tests: 6 fixed" in shown(pane)


def test_the_conversation_is_written_to_a_file(
    stage: Stage, pane: ConversationPane, tmp_path: Path
) -> None:
    stage.play(question(1, "why so?"), answered(2))
    stage.window.handlers.export_conversation(str(tmp_path / "talk.md"))
    text = (tmp_path / "talk.md").read_text()
    assert text.startswith("# Conversation about headers")
    assert "why so?" in text
    stage.window.handlers.export_conversation(str(tmp_path / "no" / "talk.md"))
    assert stage.window.notices.isVisible()


def test_nothing_in_an_answer_is_markup_or_leads_outside(stage: Stage) -> None:
    document = QTextDocument()
    text = (
        "<b>bold</b> <img src='http://x/y'> ![p](http://x/z.png) [here](http://x/w)\n\n"
        "<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| <i>c</i> | `d` |\n"
    )
    ProseWriter(stage.look).write(document, text)
    plain = document.toPlainText()
    assert "<b>bold</b>" in plain
    assert "<script>" in plain
    assert "here (http://x/w)" in plain
    html = document.toHtml()
    assert "href=" not in html
    assert "<img" not in html


def test_an_attachment_of_a_message_opens_from_the_conversation(
    stage: Stage, pane: ConversationPane
) -> None:
    log = Attachment(AttachmentKind.TEXT, "Log, 3 lines", "a\nb\nc")
    stage.play(ev.MessageAdded(ChatMessage(1, 1.0, Author.USER, "what?", attachments=(log,))))
    stage.settle(0.05)
    buttons(pane.rows, "Log, 3 lines")[0].click()
    assert pane._viewer is not None
    assert pane._viewer.text.toPlainText() == "a\nb\nc"
    pane._viewer.close()


def test_the_tab_key_goes_through_messages_from_top_to_bottom(
    stage: Stage, pane: ConversationPane
) -> None:
    stage.play(question(1, "first"), answered(2), question(3, "second"), answered(4))
    stage.settle(0.3)
    stage.window.activateWindow()
    pane.rows.setFocus()
    seen: list[QWidget] = []
    while len(seen) < 40 and not pane.composer.edit.hasFocus():
        stage.window.focusNextChild()
        focused = stage.application.focusWidget()
        assert focused is not None
        seen.append(focused)
    copies = [one for one in seen if one.accessibleName() == "Copy the message"]
    assert len(copies) == 4
    assert pane.composer.edit in seen, "the message is written after all that was said"
