"""What the failures say of where their fault lies, in the window."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton

from core import commands as cmd
from core import events as ev
from core.types import Diagnosis, DiagnosisKind
from tests.ui import replay
from tests.ui.replay import Stage
from ui.fix.diagnosis_card import DiagnosisCard

NODE = "tests/test_parse.py::test_page"
NETWORK = Diagnosis(DiagnosisKind.NETWORK, f"{NODE} needs the network.", (NODE,), aside=True)
SYNTAX = Diagnosis(DiagnosisKind.SYNTAX, "parse.py:3 does not parse.", (NODE,))


def card(stage: Stage) -> DiagnosisCard:
    assert stage.window.workspace is not None
    return stage.window.workspace.fix.findChild(DiagnosisCard)


def test_what_no_patch_can_mend_is_said_and_can_be_tried_anyway(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), ev.Diagnosed((SYNTAX, NETWORK)), ev.WorkEnded())
    assert card(stage).isVisible()
    said = "\n".join(label.text() for label in card(stage).findChildren(QLabel))
    assert SYNTAX.sentence in said
    assert NETWORK.sentence in said
    assert "Fix leaves 1 test aside" in said
    card(stage).findChild(QPushButton).click()
    assert stage.posted[-1] == cmd.Fix((NODE,))


def test_where_a_fix_may_help_no_button_is_offered_and_the_next_run_forgets(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), ev.Diagnosed((SYNTAX,)), ev.WorkEnded())
    assert card(stage).isVisible()
    assert card(stage).findChildren(QPushButton) == []
    stage.play(ev.TestRunStarted("baseline"), *replay.suite_run())
    assert not card(stage).isVisible()
