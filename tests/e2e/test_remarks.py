"""A remark on a hunk, the three steps, a round that keeps the other hunk, and a hunk refused for good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.events import (
    CandidateProposed,
    FixFinished,
    ModelAsked,
    RefusalsChanged,
    RemarkUnderstood,
    ReviewReady,
    RoundStarted,
    TestRunFinished,
    TroubleRaised,
)
from core.types import Verdict
from tests.e2e.test_window import FIXED, SOURCE, TESTS, open_and_fix
from ui.remarks.card import RemarkCard

SHIFTED = FIXED.replace("a * 2", "a << 1")
SUMMED = FIXED.replace("a * 2", "a + a")


def transcript(folder: Path) -> str:
    """Fixes both bugs; reads the remark in part wrongly; carries it out; and repeats itself when told
    not to, before it has another idea."""
    reading = json.dumps({"kind": "add", "line": 20, "solution": "shift a by one bit"})
    rows = (
        {"contains": "The remark:", "answer": reading},
        {"contains": "A reviewer looked at", "answer": f"```python\n{SHIFTED}```"},
        {"contains": "The user refused these changes", "answer": f"```python\n{SHIFTED}```"},
        {"contains": "The user refused these changes", "answer": f"```python\n{SUMMED}```"},
        {"matches": "def", "answer": f"```python\n{FIXED}```"},
    )
    path = folder / "transcript.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return f"scripted:{path}"


@pytest.mark.bubblewrap
def test_a_remark_leads_to_a_round_and_a_refused_hunk_never_returns(open_desktop, repository, tmp_path):
    root = repository({"calc.py": SOURCE, "test_calc.py": TESTS})
    desktop = open_desktop(sandbox="bubblewrap", model=transcript(tmp_path))
    open_and_fix(desktop, root)
    desktop.do("review_best")
    desktop.wait(lambda: bool(desktop.bodies(ReviewReady)) and desktop.idle(), "the review")
    pane = desktop.window.ensure_workspace().review
    first = desktop.window.session.review.candidate

    # A remark on the second hunk, read by the model and corrected in the card.
    pane.view.setFocus()
    pane.view.step(1)
    QTest.keyClick(pane.view, Qt.Key.Key_C)
    QTest.keyClicks(pane.remarks.box, "a shift is quicker here")
    QTest.keyClick(pane.remarks.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def cards():
        return [found for found in pane.findChildren(RemarkCard) if found.isVisible()]

    desktop.wait(lambda: len(cards()) == 1 and desktop.idle(), "the reading")
    [card] = cards()
    assert card.kind.currentText() == "Add something", "the model has got that wrong"
    card.kind.setCurrentIndex(0)
    card.kind.activated.emit(0)
    desktop.wait(lambda: len(desktop.bodies(RemarkUnderstood)) == 2 and desktop.idle(), "the correction")

    desktop.do("refine")
    desktop.wait(lambda: len(desktop.bodies(FixFinished)) == 2 and desktop.idle(), "the round")
    assert desktop.bodies(RoundStarted) == [RoundStarted(first, (1,))]
    result = desktop.bodies(FixFinished)[-1].result
    assert result.verdict is Verdict.GREEN
    assert result.best.patch.changes[0].after.decode() == SHIFTED, "and the first hunk is kept"
    assert "(change): a shift is quicker here" in desktop.bodies(ModelAsked)[-1].prompt

    # The new hunk is refused, with a reason; the model proposes it again all the same.
    desktop.wait(lambda: desktop.window.session.review.candidate == result.best.id, "its review")
    pane.view.setFocus()
    pane.view.step(1)
    QTest.keyClick(pane.view, Qt.Key.Key_R)
    pane.remarks.refused.why.setText("hard to read")
    pane.remarks.refused.why.editingFinished.emit()
    desktop.wait(lambda: len(desktop.bodies(RefusalsChanged)) == 2 and desktop.idle(), "the refusal")
    proposed = len(desktop.bodies(CandidateProposed))
    desktop.do("refine")
    desktop.wait(lambda: len(desktop.bodies(FixFinished)) == 3 and desktop.idle(), "another round")
    result = desktop.bodies(FixFinished)[-1].result
    assert result.verdict is Verdict.GREEN
    assert "a << 1" not in result.best.patch.changes[0].after.decode()
    later = desktop.bodies(CandidateProposed)[proposed:]
    assert not [shown for shown in later if "<< 1" in shown.diff]
    assert any("# refused because: hard to read" in asked.prompt for asked in desktop.bodies(ModelAsked))

    # Also not when the tests have run anew.
    runs = len(desktop.bodies(TestRunFinished))
    desktop.do("run_tests")
    desktop.wait(lambda: len(desktop.bodies(TestRunFinished)) > runs and desktop.idle(), "the tests")
    assert len(desktop.window.session.remarks.refusals) == 1
    assert (root / "calc.py").read_text() == SOURCE, "nothing was written"
    assert desktop.bodies(TroubleRaised) == []
