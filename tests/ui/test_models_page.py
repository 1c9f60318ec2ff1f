"""The page of models and keys: every row has its one button, nothing waits, no key is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QToolButton,
    QWidget,
)

from core import commands as cmd
from core import events as ev
from core.types import (
    EditFormat,
    FormatScore,
    Grade,
    KeyRow,
    KeySource,
    ModelKind,
    ModelRow,
    ModelState,
    ProbeResult,
)
from tests.ui import replay, replay_pages
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off, described
from ui.models.page import ModelsPage
from ui.models.words import Act, primary
from ui.window.cards import JobLine


@pytest.fixture
def page(stage: Stage) -> ModelsPage:
    """Full of rows, one download under way."""
    stage.show()
    stage.window.handlers.trigger("models")
    stage.play(*replay_pages.models(), ev.ModelReady("embedded", "Qwen2.5-Coder 1.5B", 8192))
    stage.posted.clear()
    made = stage.window.models
    assert made is not None
    return made


def press(page: QWidget, name: str) -> None:
    found = [b for b in page.findChildren(QAbstractButton) if b.accessibleName() == name]
    assert len(found) == 1, name
    found[0].click()


def menu_of(page: QWidget, name: str) -> dict[str, Callable[[], None]]:
    for button in page.findChildren(QToolButton):
        if button.accessibleName() == f"More for {name}":
            return {action.text(): action.trigger for action in button.menu().actions()}
    raise AssertionError(name)


def texts(page: QWidget) -> str:
    return "\n".join(found.text() for found in page.findChildren(QLabel) if found.isVisible())


def test_opening_the_page_looks_at_models_and_keys_and_says_so_meanwhile(stage: Stage) -> None:
    stage.show()
    stage.window.handlers.trigger("models")
    assert stage.posted == [cmd.ListModels(), cmd.ListKeys()]
    assert stage.window.models is not None
    assert "Looking for models…" in texts(stage.window.models)


def test_the_models_name_in_the_status_strip_opens_the_page_and_escape_leaves_it(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    stage.window.status.model_clicked.emit()
    assert stage.window.shows_models()
    stage.window.handlers.escape()
    assert stage.window.shows_workspace()


def test_without_a_repository_back_leads_to_the_welcome_page(stage: Stage) -> None:
    stage.show()
    stage.window.handlers.trigger("models")
    assert stage.window.models is not None
    stage.window.models.back.click()
    assert stage.window.stack.currentWidget() is stage.window.welcome


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("Download Qwen2.5-Coder 0.5B", cmd.DownloadModel("embedded:qwen2.5-coder-0.5b")),
        ("Cancel Qwen2.5-Coder 3B", cmd.CancelDownload("embedded:qwen2.5-coder-3b")),
        ("Download again Qwen2.5-Coder 14B", cmd.DownloadModel("embedded:qwen2.5-coder-14b")),
        ("Use Devstral Small", cmd.SelectModel("embedded:/home/ada/models/devstral.gguf", keep=True)),
        ("Take off the list gone", cmd.DeleteModel("embedded:/home/ada/old/gone.gguf")),
        ("Use qwen3-coder:30b", cmd.SelectModel("ollama:qwen3-coder:30b", keep=True)),
        ("Look again lab", cmd.ListModels()),
    ],
)
def test_the_button_of_a_row_sends_its_command(
    stage: Stage, page: ModelsPage, name: str, command: cmd.Command
) -> None:
    press(page, name)
    assert stage.posted[0] == command


def test_what_is_in_use_says_so_and_needs_no_button(page: ModelsPage) -> None:
    assert "in use · verified · 1.1 GB" in texts(page)
    assert not [
        b for b in page.findChildren(QAbstractButton) if b.isVisible() and "1.5B" in b.accessibleName()
        and not b.accessibleName().startswith("More")
    ]  # fmt: skip


def test_progress_moves_the_bar_of_its_row_and_builds_nothing_anew(
    stage: Stage, page: ModelsPage
) -> None:
    bar = next(b for b in page.findChildren(QProgressBar) if b.isVisible())
    stage.play(ev.Progress("model:embedded:qwen2.5-coder-3b", "Downloading: 2,000 of 2,105 MB", 0.95))
    assert (bar.isVisible(), bar.value()) == (True, 950)
    assert "2,000 of 2,105 MB" in texts(page)
    assert not [line for line in stage.window.notices.findChildren(JobLine) if line.isVisible()]


def test_away_from_the_page_a_download_is_a_line_that_outlives_other_work(
    stage: Stage, page: ModelsPage
) -> None:
    page.left.emit()
    stage.play(ev.Progress("model:embedded:qwen2.5-coder-3b", "Downloading", 0.7), ev.WorkEnded())
    assert [line for line in stage.window.notices.findChildren(JobLine) if line.isVisible()]
    stage.window.handlers.trigger("models")
    stage.settle()
    assert not [line for line in stage.window.notices.findChildren(JobLine) if line.isVisible()]


def test_the_end_of_a_download_is_said_and_the_row_offers_what_is_next(
    stage: Stage, page: ModelsPage
) -> None:
    spec = "embedded:qwen2.5-coder-3b"
    rows = stage.window.session.models
    assert rows is not None
    done = ModelRow(spec, "Qwen2.5-Coder 3B", ModelKind.CATALOGUE, ModelState.VERIFIED, 2_104_932_800)
    after = tuple(done if row.spec == spec else row for row in rows)
    stage.play(ev.Progress(f"model:{spec}", "It is ready.", 1.0, done=True), ev.ModelsChanged(after))
    assert "It is ready." in texts(page)
    press(page, "Use Qwen2.5-Coder 3B")


def test_the_focus_stays_on_its_row_when_rows_change(stage: Stage, page: ModelsPage) -> None:
    wanted = "Download Qwen2.5-Coder 7B"
    next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == wanted).setFocus()
    rows = stage.window.session.models
    assert rows is not None
    stage.play(ev.ModelsChanged(rows[:-1]))
    stage.settle(0.05)
    focused = page.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == wanted


def test_deleting_asks_first_and_keeping_is_the_safe_answer(stage: Stage, page: ModelsPage) -> None:
    menu_of(page, "Qwen2.5-Coder 1.5B")["Delete…"]()
    box = page.findChild(QMessageBox)
    assert box is not None
    assert box.text() == "Delete Qwen2.5-Coder 1.5B (1.1 GB)?"
    assert box.defaultButton().text() == "Keep it"
    assert stage.posted == []
    next(b for b in box.buttons() if b.text() == "Delete").click()
    assert stage.posted == [cmd.DeleteModel("embedded")]


def test_the_menu_of_a_row_holds_what_can_be_done_with_it(stage: Stage, page: ModelsPage) -> None:
    assert set(menu_of(page, "Qwen2.5-Coder 1.5B")) == {"Verify the file", "Delete…"}
    assert set(menu_of(page, "Qwen2.5-Coder 0.5B")) == set()
    assert set(menu_of(page, "lab")) == {"Take off the list"}
    menu_of(page, "Devstral Small")["Verify the file"]()
    menu_of(page, "Devstral Small")["Take off the list"]()
    spec = "embedded:/home/ada/models/devstral.gguf"
    assert stage.posted == [cmd.VerifyModel(spec), cmd.DeleteModel(spec)]


def field(page: QWidget, name: str) -> QLineEdit:
    return [f for f in page.findChildren(QLineEdit) if f.accessibleName() == name][-1]


def test_a_pasted_key_loses_its_line_break_is_sent_once_and_never_shown(
    stage: Stage, page: ModelsPage
) -> None:
    given = field(page, "Key for OpenRouter")
    assert given.echoMode() is QLineEdit.EchoMode.Password
    QApplication.clipboard().setText("  sk-or-0123456789\r\n")
    given.paste()
    press(page, "Keep: OpenRouter")
    assert stage.posted == [cmd.SetKey("openrouter", "sk-or-0123456789", False)]
    assert given.text() == ""
    press(page, "Keep: OpenRouter")
    assert len(stage.posted) == 1, "an empty field is no key"
    press(page, "Forget Anthropic")
    assert stage.posted[-1] == cmd.DeleteKey("anthropic")


def test_a_key_of_the_environment_is_named_and_cannot_be_edited(page: ModelsPage) -> None:
    assert "from the environment variable OPENAI_API_KEY" in texts(page)
    assert not [f for f in page.findChildren(QLineEdit) if f.accessibleName() == "Key for OpenAI"]


def test_without_a_keyring_a_key_is_for_this_run_only(stage: Stage, page: ModelsPage) -> None:
    row = KeyRow("hf", "Hugging Face", KeySource.NONE, "HF_TOKEN")
    stage.play(ev.KeysChanged((row,), "No keyring here; keys come from environment variables."))
    assert "for this run only" in texts(page)
    field(page, "Key for Hugging Face").setText("hf_x0123456789")
    press(page, "Use for this run: Hugging Face")
    assert stage.posted == [cmd.SetKey("hf", "hf_x0123456789", True)]


def test_a_server_is_added_with_its_key_beside(stage: Stage, page: ModelsPage) -> None:
    for name, text in (("Name", "Lab"), ("Address", "http://lab:8000/v1"), ("Key", "k-0123456789")):
        field(page, f"{name} of the server").setText(text)
    press(page, "Add the server")
    assert stage.posted == [
        cmd.SetKey("lab", "k-0123456789", False),
        cmd.AddEndpoint("lab", "http://lab:8000/v1", "", "lab"),
    ]


def test_ollama_fetches_what_is_named(stage: Stage, page: ModelsPage) -> None:
    field(page, "Model for Ollama to fetch").setText("qwen3:8b")
    press(page, "Fetch with Ollama")
    assert stage.posted == [cmd.DownloadModel("ollama:qwen3:8b")]


def test_a_model_file_that_is_dropped_is_listed(stage: Stage, tmp_path: Path) -> None:
    stage.show()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.GGUF"))])
    stage.window.dropEvent(
        QDropEvent(
            QPoint(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert stage.window.shows_models()
    assert stage.posted[-1] == cmd.AddModelFile(str(tmp_path / "mine.GGUF"))


def test_every_state_of_every_kind_offers_one_thing_or_nothing() -> None:
    for kind in ModelKind:
        for state in ModelState:
            row = ModelRow("spec", "name", kind, state)
            offered = primary(row, fetching=False, in_use=False)
            assert bool(offered.label) is (offered.act is not Act.NONE)
            assert primary(row, fetching=True, in_use=False).act is Act.CANCEL


def test_every_widget_of_the_page_that_takes_the_focus_has_a_name(page: ModelsPage) -> None:
    taking = [w for w in page.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [described(w) for w in taking if w.isVisible() and not w.accessibleName()] == []


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(900, 560, 1.0), (1440, 900, 1.0), (1200, 800, 1.5)]
)
def test_nothing_of_the_page_is_cut_off(
    qapp: QApplication, width: int, height: int, scale: float
) -> None:
    stage = Stage(qapp, scale=scale)
    stage.show(width, height)
    stage.window.handlers.trigger("models")
    stage.play(*replay_pages.models())
    page = stage.window.models
    assert page is not None
    fits = page.widget().width() <= page.viewport().width()
    cut = cut_off(stage.window)
    stage.close()
    assert cut == set()
    assert fits, "nothing is to the right of the window"


def test_the_card_shows_the_grade_and_its_figures_and_measures_again(
    page: ModelsPage, stage: Stage
) -> None:
    assert "Not measured yet" in texts(page)
    press(page, "Measure the model in use")
    assert stage.posted == [cmd.ProbeModel()]
    stage.play(ev.Progress("probe", "Measuring qwen: search and replace", 0.3))
    assert "Measuring qwen: search and replace" in texts(page)
    scores = (FormatScore(EditFormat.FUNCTION, 3, 3, 2), FormatScore(EditFormat.INFILL))
    result = ProbeResult(
        "embedded",
        "Qwen2.5-Coder 1.5B",
        Grade.USABLE,
        scores,
        EditFormat.FUNCTION,
        850,
        context_claimed=8192,
        context_held=1200,
        context_tried=1200,
        ended=5,
        answers=6,
        prompt_speed=61.0,
        completion_speed=14.2,
    )
    stage.play(ev.Progress("probe", "", 1.0, done=True), ev.ModelProbed(result))
    shown = texts(page)
    assert "Qwen2.5-Coder 1.5B: usable" in shown
    assert "3 of 3 answers were edits, 2 the right ones" in shown
    assert "not tried" in shown
    assert "8,192 tokens claimed; the start of 1,200 tokens was remembered" in shown
    assert "14.2 tokens a second" in shown
