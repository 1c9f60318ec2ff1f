"""Pictures of every state of the window, in every theme, two sizes and at 200 % text; not a test.

Run ``xvfb-run python -m tests.ui.screenshots FOLDER`` and look at each of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from core import events as ev
from core.session.consent import set_up_request
from core.types import ConsentKind, ConsentRequest, Outcome, Remedy, SetUpChoice, TestResult, Verdict
from tests.ui import replay, replay_pages
from tests.ui.replay import Stage
from ui.app import create_application
from ui.state import UiState
from ui.widgets import Fold
from ui.window.menus import CheatSheet

LOOKS = (
    *((theme, 100, 1440, 900) for theme in ("light", "dark", "contrast")),
    ("light", 100, 1024, 700),
    ("light", 200, 1440, 900),
    ("dark", 200, 1024, 700),
)
"""Theme, per cent of the designed text size, width, height."""
RED = (*replay.opened(), *replay.suite_run())
CONSENT = ConsentRequest(
    ConsentKind.HOST,
    "Run the tests without a sandbox?",
    "Neither Docker nor bubblewrap works here. Without one, the tests and every candidate patch run "
    "as you, with your files and your network. This counts for this repository only.",
    "Run on this machine",
)
TROUBLE = ev.TroubleRaised(
    "docker.down",
    "Docker is installed but not running.",
    (
        Remedy("Start Docker", "start_docker"),
        Remedy("Run once with bubblewrap", "use_bubblewrap"),
        Remedy("By hand", "", "sudo systemctl start docker"),
    ),
    "Error while fetching server API version\nConnection refused",
)


def main_way(stage: Stage, shoot: Callable[[str], None]) -> None:
    """Welcome to accept."""
    trigger = stage.window.handlers.trigger
    stage.play(replay.readiness())
    shoot("01-welcome")
    stage.play(*replay.opened(), ev.Progress("sandbox", "Building the sandbox image", 0.42))
    stage.play(*(ev.TestFinished(result) for result in replay.results()[:70]))
    shoot("02-running")
    stage.play(*replay.suite_run())
    shoot("03-red")
    stage.play(*replay.fixing(11))
    shoot("04-fixing")
    stage.play(*replay.asked())
    shoot("04-question")
    stage.play(ev.QuestionAnswered(2, 2, sentence="2 fixes are ruled out; 1 that passes does this."))
    shoot("04-question-answered")
    stage.play(*replay.fixing(), *replay.fixed())
    shoot("05-review-side-by-side")
    assert stage.window.workspace is not None
    view = stage.window.workspace.review.view
    trigger("toggle_split")
    trigger("toggle_log")
    view.decide_current(True)
    view.decide_current(False)
    shoot("06-review-unified")
    stage.play(ev.SelectionVerified(14, view.chosen(), replay.comparison(6)))
    shoot("07-selection-verified")
    view.undo_choice()
    trigger("toggle_log")
    trigger("tab_candidates")
    stage.window.workspace.candidates.table.selectRow(6)
    shoot("08-candidates")
    trigger("tab_conversation")
    shoot("09-verdict")
    stage.play(ev.Accepted(1, ("headers/parse.py",)), ev.WorkEnded())
    shoot("10-accepted")
    trigger("tab_review")
    shoot("11-accepted-review")
    evidence(stage, shoot)
    trigger("palette")
    shoot("12-palette")
    stage.window.handlers.escape()


def evidence(stage: Stage, shoot: Callable[[str], None]) -> None:
    """After an accept: the commit as it is drafted, as a hook refuses it, and as it stands."""
    stage.play(ev.CommitDrafted(replay.commit_draft()))
    shoot("52-commit")
    dialog = stage.window.handlers.evidence.dialog
    assert dialog is not None
    dialog.leave.setChecked(True)
    dialog.commit.click()
    said = "headers/parse.py:25:101: E501 line too long (104 > 100 characters)"
    sentence = "The project's pre-commit hook refused the commit. Nothing was committed."
    stage.play(ev.TroubleRaised("commit.hook", sentence, (), said))
    shoot("53-commit-refused")
    branch, paths = replay.commit_draft().branch, replay.commit_draft().paths
    stage.play(ev.Committed(branch, "3f9c2ab", paths), ev.WorkEnded())
    stage.window.handlers.trigger("tab_conversation")
    shoot("54-committed")


def requests(stage: Stage, shoot: Callable[[str], None]) -> None:
    """A request as understood, its proposed tests, and the ledger."""
    stage.play(*replay.opened(), *replay.suite_run(True), *replay.requested())
    shoot("60-request")
    stage.play(*replay.proposed(), ev.WorkEnded())
    shoot("61-proposed-tests")


def other_states(stage: Stage, shoot: Callable[[str], None]) -> None:
    """What goes wrong, what is green from the start, what is large."""
    stage.play(ev.TroubleRaised("repository.not_git", "/home/ada/Downloads is not a git repository."))
    shoot("13-welcome-trouble")
    stage.window.handlers.trigger("doctor")
    stage.play(*replay_pages.doctor())
    shoot("18-doctor")
    stage.play(*replay_pages.doctor(troubled=True))
    shoot("19-doctor-troubled")
    stage.window.handlers.escape()
    stage.play(*RED, *replay.fixing(12), *replay.fixed(Verdict.IMPROVED))
    shoot("14-no-confident-fix")
    stage.play(TROUBLE, ev.ConsentNeeded(CONSENT))
    shoot("15-consent-and-trouble")
    stage.play(ev.ConsentGiven(ConsentKind.HOST, granted=False))
    stage.play(*replay.opened(), *replay.suite_run(True))
    shoot("16-all-green")
    nodes = tuple(f"tests/test_{n // 50:03}.py::test_{n}" for n in range(3000))
    stage.play(ev.TestRunStarted("baseline"), ev.TestsCollected(nodes))
    for number, node in enumerate(nodes[:2000]):
        red = number % 211 == 7
        outcome = Outcome.FAILED if red else Outcome.PASSED
        stage.inbox.push(
            stage.event(ev.TestFinished(TestResult(node, outcome, 0.001, "ValueError: x" * red)))
        )
    stage.settle()
    shoot("17-three-thousand")


def models_page(stage: Stage, shoot: Callable[[str], None]) -> None:
    """The model manager: looking, full, at work, without a keyring."""
    stage.window.handlers.trigger("models")
    shoot("20-models-looking")
    stage.play(
        *replay_pages.models(fetching=False), ev.ModelReady("embedded", "Qwen2.5-Coder 1.5B", 8192)
    )
    shoot("21-models")
    stage.play(*replay_pages.models())
    shoot("22-models-at-work")
    page = stage.window.models
    assert page is not None
    page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
    shoot("23-models-keys")
    none = "No keyring here; keys come from environment variables."
    rows = stage.window.session.keys
    assert rows is not None
    stage.play(ev.KeysChanged(rows[2:3], none))
    for fold in page.findChildren(Fold):
        fold.set_open(True)
    page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
    shoot("24-models-no-keyring")


def measured(stage: Stage, shoot: Callable[[str], None]) -> None:
    """The model in use while it is measured, and its result."""
    stage.window.handlers.trigger("models")
    stage.play(
        *replay_pages.models(fetching=False), ev.ModelReady("embedded", "Qwen2.5-Coder 1.5B", 8192)
    )
    stage.play(ev.Progress("probe", "Measuring Qwen2.5-Coder 1.5B: search and replace", 0.3))
    shoot("28-measuring")
    stage.play(ev.Progress("probe", "", 1.0, done=True), replay_pages.probed())
    shoot("29-measured")


def set_up_page(stage: Stage, shoot: Callable[[str], None]) -> None:
    """What is installed: as found, by the user's commands; and the question before it."""
    stage.play(*RED, ev.WorkEnded())
    stage.window.handlers.trigger("show_set_up")
    stage.play(replay_pages.set_up())
    shoot("25-set-up")
    stage.play(replay_pages.set_up(SetUpChoice.COMMANDS))
    shoot("26-set-up-commands")
    stage.window.handlers.escape()
    request = set_up_request("headers", "2 commands", ("make environment", "pip install -e .[test]"))
    stage.play(ev.ConsentNeeded(request))
    shoot("27-set-up-asked")


def shell(stage: Stage, shoot: Callable[[str], None], shoot_of: Callable[[QWidget, str], None]) -> None:
    """What stands around the work: drawers, settings, keys."""
    window = stage.window
    stage.play(*replay_pages.doctor(), *RED)
    window.handlers.trigger("show_sandbox")
    shoot("30-drawer-sandbox")
    window.handlers.trigger("toggle_log")
    if window.workspace is not None and window.workspace.side.is_drawer():
        window.handlers.trigger("toggle_tests")
        shoot("31-tests-drawer")
        window.handlers.escape()
    window.handlers.trigger("settings")
    stage.settle(0.2)
    assert window.settings is not None
    for name, words in (("32-settings", ""), ("33-settings-searched", "text"), ("34-keys", "view")):
        window.settings.search.setText(words)
        stage.settle(0.1)
        shoot_of(window.settings, name)
    window.settings.close()
    window.handlers.trigger("keys")
    stage.settle(0.2)
    for sheet in window.findChildren(CheatSheet):
        shoot_of(sheet, "35-cheat-sheet")
        sheet.close()


def recent() -> UiState:
    state = UiState()
    for path, passed, failed, other in (
        ("/home/ada/code/headers", 121, 6, 1),
        ("/home/ada/code/a rather long path/with spaces/and more of them/paginator", 88, 0, 0),
        ("/home/ada/code/new", 0, 0, 0),
    ):
        entry = state.remember(path, path.rsplit("/", 1)[-1], 1.0)
        entry.passed, entry.failed, entry.other = passed, failed, other
    return state


def shoot_all(application: QApplication, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    walks = (main_way, requests, other_states, models_page, measured, set_up_page)
    for theme, percent, width, height in LOOKS:
        tag = f"{theme}-{percent}-{width}"
        for walk in (*walks, None):
            stage = Stage(application, recent(), theme)
            stage.window.change("look.text", percent)
            stage.show(width, height)

            def shoot(name: str, stage: Stage = stage, tag: str = tag) -> None:
                stage.settle(0.25)
                stage.grab(folder / f"{name}-{tag}.png")

            def shoot_of(widget: QWidget, name: str, tag: str = tag) -> None:
                widget.grab().save(str(folder / f"{name}-{tag}.png"))

            if walk is not None:
                walk(stage, shoot)
            else:
                shell(stage, shoot, shoot_of)
            stage.close()


if __name__ == "__main__":
    shoot_all(create_application(sys.argv), Path(sys.argv[1]))
