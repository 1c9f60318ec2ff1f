"""What each action of the table does: send its command, or change the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QApplication, QWidget

from core import events as ev
from core.commands import ACTIONS as CORE_ACTIONS
from core.commands import (
    Accept,
    DownloadModel,
    Fix,
    Request,
    RunDoctor,
    RunSelfTest,
    RunTests,
    SelectStrategy,
    ShowCandidate,
    Stop,
    VerifySelection,
    WatchTree,
)
from core.types import NodeId, Remedy, Verdict
from ui.actions import BY_ID
from ui.conversation.export import markdown_of
from ui.editor import open_test
from ui.evidence.desk import EvidenceDesk
from ui.session import Busy
from ui.theme.tokens import MAX_TEXT, MIN_TEXT
from ui.words import file_of, short_name, tr

if TYPE_CHECKING:
    from ui.conversation.pane import ConversationPane
    from ui.window.main_window import MainWindow
    from ui.window.palette import Palette

_AT_ONCE: Final = (Stop, RunDoctor, RunSelfTest, DownloadModel)
"""Commands that core carries out beside what runs."""
ZOOM_STEP: Final = 10
"""Per cent of the designed text size."""
LONGER: Final = 300.0
"""Seconds of *Fix with five minutes*."""


class Handlers:
    """Belongs to one window. Actions that cannot be done now do nothing."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._palette: Palette | None = None
        self._last_accept: Accept | None = None
        self.evidence = EvidenceDesk(window)
        self._last_run: tuple[NodeId, ...] = ()
        """The tests that were run alone; empty for the suite."""
        self._own: dict[str, Callable[[], None]] = {
            "open": self._open,
            "welcome": lambda: window.show_workspace(False),
            "back": lambda: window.show_workspace(True),
            "models": lambda: window.show_models(),
            "new_window": window.another_wanted.emit,
            "quit": lambda: self._close(),
            "show_set_up": lambda: window.show_set_up(),
            "history": lambda: window.show_history(),
            "go_on": self._go_on,
            "doctor": self._show_doctor,
            "back_from_doctor": self._leave_doctor,
            "run_failing": lambda: self._run(window.session.failing()),
            "run_selected": self._run_selected,
            "run_again": lambda: self._run(self._last_run),
            "watch": lambda: window.send(WatchTree(not window.session.watching)),
            "open_in_editor": self._open_in_editor,
            "go_to_test": self._go_to_test,
            "filter_tests": self._filter_tests,
            "fix": lambda: self._fix(()),
            "fix_selected": self._fix_selected,
            "fix_longer": lambda: self._fix(self._window.session.targets, LONGER),
            "strategy": self._choose_strategy,
            "review_best": self._review_best,
            "write": self._write,
            "edit_last": lambda: self._talk().edit_last(),
            "find_words": lambda: self._talk().find(),
            "export_conversation": self._export,
            "mention_hunk": self._mention_hunk,
            "next_hunk": lambda: window.ensure_workspace().review.view.step(1),
            "previous_hunk": lambda: window.ensure_workspace().review.view.step(-1),
            "accept_hunk": lambda: window.ensure_workspace().review.take_hunk(),
            "reject_hunk": lambda: window.ensure_workspace().review.refuse_hunk(),
            "undo_choice": lambda: window.ensure_workspace().review.undo_choice(),
            "remark": lambda: window.ensure_workspace().review.begin_remark(),
            "remark_all": lambda: window.ensure_workspace().review.begin_remark(whole=True),
            "refine": lambda: window.ensure_workspace().review.remarks.refine(),
            "accept_all": self._accept_all,
            "accept_anyway": self._accept_anyway,
            "accept_selected": self._accept_selected,
            "verify_selection": self._verify,
            "toggle_split": self._toggle_split,
            "copy_patch": self._copy_patch,
            "palette": self._open_palette,
            "question": self.show_question,
            "tab_conversation": lambda: self._tab("conversation"),
            "tab_review": lambda: self._tab("review"),
            "tab_candidates": lambda: self._tab("candidates"),
            "tab_matrix": lambda: self._tab("matrix"),
            "toggle_tree": self._toggle_tree,
            "tab_prompts": lambda: self._tab("prompts"),
            "tab_inspector": lambda: window.ensure_workspace().show_inspector(),
            "toggle_tests": lambda: window.ensure_workspace().toggle("tests"),
            "toggle_log": lambda: window.ensure_workspace().toggle("log"),
            "show_log": lambda: self._page("log"),
            "show_sandbox": lambda: self._page("sandbox"),
            "theme_system": lambda: window.change("look.theme", "system"),
            "theme_light": lambda: window.change("look.theme", "light"),
            "theme_dark": lambda: window.change("look.theme", "dark"),
            "theme_contrast": lambda: window.change("look.theme", "contrast"),
            "text_larger": lambda: self._zoom(ZOOM_STEP),
            "text_smaller": lambda: self._zoom(-ZOOM_STEP),
            "text_usual": lambda: window.change("look.text", 100),
            "settings": window.show_settings,
            "keys": self._keys,
            **self.evidence.actions(),
        }

    def covered(self) -> frozenset[str]:
        """Ids that the window itself carries out."""
        return frozenset(self._own)

    def trigger(self, action: str) -> None:
        """Carry out an action of the table, if it can be done now."""
        spec = BY_ID.get(action)
        if spec is None or not spec.enabled(self._window.session):
            return
        if spec.command is not None:
            self._window.send(spec.command, spec.busy)
        else:
            self._own[action]()

    def mend(self, remedy: Remedy) -> None:
        """Carry out a remedy: one of ours, one of core's, or a command line to copy."""
        if remedy.action in BY_ID:
            self.trigger(remedy.action)
        elif remedy.action in CORE_ACTIONS:
            command = CORE_ACTIONS[remedy.action]
            self._window.send(command, Busy.NOTHING if isinstance(command, _AT_ONCE) else Busy.PREPARING)
        elif remedy.shell:
            QApplication.clipboard().setText(remedy.shell)

    def escape(self) -> None:
        """Escape: close what lies on top, else stop what runs, else put a trouble away."""
        window = self._window
        if self._palette is not None and self._palette.close_quietly():
            return
        if window.workspace is not None and window.workspace.close_tests():
            return
        if window.shows_models() or window.shows_set_up() or window.shows_history():
            window.leave_page()
            return
        if window.shows_doctor():
            self._leave_doctor()
        elif window.session.repository is not None and not window.shows_workspace():
            window.show_workspace(True)
        elif window.workspace is not None and window.workspace.conversation.close_top():
            return
        elif window.session.is_busy():
            window.send(Stop())
        else:
            window.notices.dismiss_last()

    def show_test(self, node: NodeId) -> None:
        """Select a test in the tree and show what it says."""
        workspace = self._window.ensure_workspace()
        workspace.tests.select(node)
        workspace.inspector.show_test(node)
        if workspace.is_narrow():
            workspace.show_inspector()

    def open_candidate(self, candidate: int) -> None:
        """Show the diff of a candidate, asking core for it where it is not at hand."""
        window = self._window
        workspace = window.ensure_workspace()
        review = window.session.review
        if review is not None and review.candidate == candidate:
            workspace.show_tab(workspace.review)
            workspace.review.view.setFocus()
            return
        window.router.wanted = candidate
        window.send(ShowCandidate(candidate))

    def open_file(self, path: str) -> None:
        """Show the diff of one file of the patch under review."""
        workspace = self._window.ensure_workspace()
        workspace.show_tab(workspace.review)
        workspace.review.view.go_to_file(path)
        workspace.review.view.setFocus()

    def show_question(self) -> None:
        """Bring the open question into sight, if there is one."""
        window = self._window
        question = window.session.questions.current
        if question is not None and window.questions is not None and window.shows_workspace():
            workspace = window.ensure_workspace()
            workspace.tabs.setCurrentWidget(workspace.conversation)
            window.questions.reveal(question.id)

    # --- repository and view -----------------------------------------------------------------------

    def _open(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, tr("Open a git repository"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._window.open_path)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_doctor(self) -> None:
        self._window.show_doctor()
        self._window.send(RunDoctor())
        if self._window.session.self_test is None and not self._window.session.self_testing:
            self._window.send(RunSelfTest())

    def _leave_doctor(self) -> None:
        if self._window.shows_doctor():
            self._window.show_workspace(self._window.session.repository is not None)

    def _close(self) -> None:
        self._window.close()

    def _tab(self, name: str) -> None:
        workspace = self._window.ensure_workspace()
        self._window.show_workspace(True)
        page: QWidget = getattr(workspace, name)
        workspace.show_tab(page)
        if page is workspace.review:
            workspace.review.view.setFocus()

    def _zoom(self, by: int) -> None:
        percent = min(max(self._window.look.percent + by, MIN_TEXT), MAX_TEXT)
        self._window.change("look.text", percent)

    def _page(self, name: str) -> None:
        """Open the drawer at the foot on one of its pages."""
        workspace = self._window.ensure_workspace()
        self._window.show_workspace(True)
        page: QWidget = getattr(workspace.drawer, name)
        workspace.show_page(page)

    def _toggle_tree(self) -> None:
        self._tab("candidates")
        self._window.ensure_workspace().candidates.toggle_tree()

    def _keys(self) -> None:
        from ui.window.menus import CheatSheet

        CheatSheet(self._window, self._window.keys, self._window.look.scale).open()

    def _ensure_palette(self) -> Palette:
        if self._palette is None:
            from ui.window.palette import Palette

            self._palette = Palette(self._window, self._window.look)
        return self._palette

    def _open_palette(self) -> None:
        self._ensure_palette().open_with(self._window.ensure_menus().entries(), tr("Find an action"))

    def _go_to_test(self) -> None:
        from ui.window.palette import Entry

        entries = [
            Entry(short_name(node), file_of(node), lambda node=node: self.show_test(node))  # type: ignore[misc]
            for node in self._window.session.order
        ]
        self._ensure_palette().open_with(entries, tr("Go to test"))

    def _choose_strategy(self) -> None:
        from ui.window.palette import Entry

        session = self._window.session
        entries = [
            Entry(
                f"{tr(row.title)}: {tr(row.summary)}",
                tr("chosen") if row.name == session.strategy else "",
                lambda name=row.name: self._window.send(SelectStrategy(name)),  # type: ignore[misc]
            )
            for row in session.strategies
        ]
        self._ensure_palette().open_with(entries, tr("Choose how to search"))

    def _filter_tests(self) -> None:
        workspace = self._window.ensure_workspace()
        workspace.show_tests()
        workspace.tests.filter.setFocus()
        workspace.tests.filter.selectAll()

    # --- conversation ------------------------------------------------------------------------------

    def _talk(self) -> ConversationPane:
        """The conversation, in sight."""
        workspace = self._window.ensure_workspace()
        self._window.show_workspace(True)
        workspace.tabs.setCurrentWidget(workspace.conversation)
        return workspace.conversation

    def _write(self) -> None:
        self._talk().write()

    def change(self, text: str, mentions: tuple[str, ...]) -> None:
        """Ask for a change in words."""
        self._window.notices.dismiss_all()
        self._window.send(Request(text, mentions), Busy.PREPARING)

    def _mention_hunk(self) -> None:
        review = self._window.session.review
        current = self._window.ensure_workspace().review.view.current_hunk()
        hunks = (hunk for file in review.files for hunk in file.hunks) if review is not None else ()
        hunk = next((hunk for hunk in hunks if hunk.id == current), None)
        if hunk is not None:
            self._talk().mention_hunk(hunk)

    def _export(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, tr("Export the conversation"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("md")
        dialog.fileSelected.connect(self.export_conversation)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_conversation(self, path: str) -> None:
        """Write the conversation as Markdown to ``path``."""
        session = self._window.session
        name = session.repository.name if session.repository is not None else ""
        text = markdown_of(name, session.talk.messages.values())
        try:
            Path(path).write_text(text, encoding="utf-8", errors="replace")
        except OSError as error:
            self._window.notices.raise_trouble(
                ev.TroubleRaised(
                    "export.failed", tr("{path} cannot be written.", path=path), details=str(error)
                )
            )

    # --- fix and review ------------------------------------------------------------------------------

    def _fix(self, tests: tuple[NodeId, ...], seconds: float | None = None) -> None:
        budget = self._window.session.wanted_budget(seconds)
        workspace = self._window.ensure_workspace()
        workspace.show_tab(workspace.conversation)
        self._window.notices.dismiss_all()
        self._window.send(Fix(tests, budget), Busy.FIXING)

    def fix_these(self, tests: tuple[NodeId, ...]) -> None:
        """Search a patch for these tests, whatever speaks against it."""
        self._fix(tests)

    def _open_in_editor(self) -> None:
        workspace, session = self._window.ensure_workspace(), self._window.session
        node = workspace.tests.selected() or workspace.inspector.node()
        if node is None or session.repository is None:
            return
        trouble = open_test(node, session.results.get(node), session.repository.path, session.settings)
        if trouble:
            remedy = Remedy(tr("Choose an editor"), "settings")
            self._window.notices.raise_trouble(ev.TroubleRaised("editor", trouble, (remedy,)))

    def _run_selected(self) -> None:
        chosen = self._window.ensure_workspace().tests.selection()
        if chosen:
            self._run(chosen)

    def _run(self, tests: tuple[NodeId, ...]) -> None:
        self._last_run = tests
        self._window.send(RunTests(tests), Busy.TESTING)

    def _go_on(self) -> None:
        task = self._window.session.history.cut_off
        if task is not None:
            self._fix(task.targets)

    def _fix_selected(self) -> None:
        node = self._window.ensure_workspace().tests.selected()
        if node is not None and node in self._window.session.failing():
            self._fix((node,))

    def _review_best(self) -> None:
        session = self._window.session
        if session.accepted is not None and session.review is not None:
            self.open_candidate(session.review.candidate)
        elif session.best is not None:
            self.open_candidate(session.best)

    def _accept_all(self) -> None:
        review = self._window.session.review
        if review is None:
            return
        pane = self._window.ensure_workspace().review
        green = review.evidence is not None and review.evidence.comparison.verdict is Verdict.GREEN
        self._accept(Accept(review.candidate, pane.everything(), anyway=not green))

    def _accept(self, command: Accept) -> None:
        self._last_accept = command
        self._window.send(command, Busy.WRITING)

    def _accept_anyway(self) -> None:
        """The user insists on the accept that core has just refused."""
        last, review = self._last_accept, self._window.session.review
        if last is not None and review is not None and review.candidate == last.candidate:
            self._accept(replace(last, anyway=True))

    def _accept_selected(self) -> None:
        review = self._window.session.review
        pane = self._window.ensure_workspace().review
        chosen = pane.chosen()
        if review is None or not chosen:
            return
        judged = pane.judged()
        # Seen and known not to be green: pressing it again is the user's own decision.
        anyway = judged is not None and judged.verdict is not Verdict.GREEN
        hunks = None if pane.is_everything() else chosen
        self._accept(Accept(review.candidate, hunks, anyway=anyway))

    def _verify(self) -> None:
        review = self._window.session.review
        chosen = self._window.ensure_workspace().review.chosen()
        if review is not None and chosen:
            self._window.send(VerifySelection(review.candidate, chosen), Busy.VERIFYING)

    def _toggle_split(self) -> None:
        state = self._window.state
        state.side_by_side = not state.side_by_side
        self._window.ensure_workspace().review.set_side_by_side(state.side_by_side)

    def _copy_patch(self) -> None:
        QApplication.clipboard().setText(self._window.ensure_workspace().review.patch_text())
