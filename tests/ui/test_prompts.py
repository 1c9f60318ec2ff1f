"""Prompts can be read in the window, exactly as they were sent."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from core import events as ev
from core.types import TokenUsage
from tests.ui import replay
from tests.ui.replay import Stage
from ui.session import MOST_CALLS, Session

PROMPT = "[user]\nFile a.py:\n```python\n<b>x</b> = 1\n```\n\nIts tests fail."


def texts(stage: Stage) -> list[str]:
    assert stage.window.workspace is not None
    blocks = stage.window.workspace.prompts.findChildren(QPlainTextEdit)
    return [block.toPlainText() for block in blocks if block.isVisible()]


def press(stage: Stage, name: str) -> None:
    found = [b for b in stage.window.findChildren(QPushButton) if b.accessibleName() == name]
    assert len(found) == 1
    found[0].click()
    stage.settle()


def asked(request: int, prompt: str = PROMPT, answer: str = "y = 2") -> list[ev.Body]:
    return [
        ev.ModelAsked(request, "direct", prompt),
        ev.ModelStreamed(request, answer[:2]),
        ev.ModelStreamed(request, answer[2:]),
        ev.ModelAnswered(request, TokenUsage(61, 5, cached=40), 1.25),
    ]


def test_the_tab_follows_the_newest_prompt_until_another_one_is_chosen(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), *replay.fixing(1), *asked(2, "second"))
    stage.window.handlers.trigger("tab_prompts")
    stage.settle()
    assert texts(stage) == ["second", "y = 2"]
    press(stage, "Previous prompt")
    assert texts(stage)[0] == "..."
    stage.play(*asked(3))
    assert texts(stage)[0] == "..."
    press(stage, "Newest prompt")
    assert texts(stage) == [PROMPT, "y = 2"]
    press(stage, "Copy the prompt")
    assert stage.application.clipboard().text() == PROMPT


def test_a_candidate_leads_to_the_prompt_that_it_came_of(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), *replay.fixing(1), *asked(7), *asked(8, "later"))
    proposed = ev.CandidateProposed(2, "direct", "a.py rewrite f", ("a.py",), 1, 1, request=7)
    stage.play(proposed)
    workspace = stage.window.workspace
    assert workspace is not None
    stage.window.handlers.trigger("tab_candidates")
    stage.settle()
    table = workspace.candidates.table
    table.setCurrentIndex(workspace.candidate_model.index_of(1))
    stage.settle()
    shown = [b for b in workspace.candidates.findChildren(QPushButton) if b.text() == "Show the prompt"]
    assert [b.isVisible() for b in shown] == [False]
    table.setCurrentIndex(workspace.candidate_model.index_of(2))
    stage.settle()
    press(stage, "Show the prompt")
    assert workspace.tabs.currentWidget() is workspace.prompts
    assert texts(stage)[0] == PROMPT


def test_only_so_many_prompts_are_kept() -> None:
    session = Session()
    for number in range(1, MOST_CALLS + 11):
        session.apply(ev.ModelAsked(number, "infill", "p"), 1.0)
    assert len(session.calls) == MOST_CALLS
    assert min(session.calls) == 11
