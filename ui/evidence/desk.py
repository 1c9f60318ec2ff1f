"""What the actions about proof, evidence and commit do, and what their answers bring about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from core import events as ev
from core.commands import CommitAccepted, DraftCommit, DraftPullRequest, Prove, SaveEvidence, Stop
from core.types import CommitDraft, OwnChanges
from ui.coalesce import Shown
from ui.session import Busy
from ui.words import tr

if TYPE_CHECKING:
    from ui.evidence.commit_dialog import CommitDialog
    from ui.window.main_window import MainWindow


class EvidenceDesk:
    """Belongs to one window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.dialog: CommitDialog | None = None

    def actions(self) -> dict[str, Callable[[], None]]:
        """By their ids in the table."""
        return {
            "prove": self._prove,
            "save_evidence": self._save,
            "copy_pull_request": lambda: self._window.send(DraftPullRequest(), Busy.PREPARING),
            "commit": lambda: self._window.send(DraftCommit(), Busy.PREPARING),
        }

    def take(self, body: Shown) -> bool:
        """Answer one event; ``True`` where nobody else need show it."""
        match body:
            case ev.CommitDrafted(draft):
                self._open(draft)
            case ev.Committed():
                self._close()
            case ev.PullRequestDrafted(text):
                QApplication.clipboard().setText(text)
            case ev.TroubleRaised() if self.dialog is not None and self.dialog.is_busy():
                self.dialog.show_trouble(body)
                return True
            case ev.RepositoryOpened():
                self._close()
            case ev.WorkEnded() if self.dialog is not None:
                self.dialog.work_ended()
            case _:
                pass
        return False

    def show_hunk(self, candidate: int, hunk: str) -> None:
        """Bring a hunk into sight."""
        self._window.handlers.open_candidate(candidate)
        self._window.ensure_workspace().review.view.go_to_hunk(hunk)

    def show_hunk_here(self, hunk: str) -> None:
        """Bring a hunk of the candidate under review into sight."""
        review = self._window.session.review
        if review is not None:
            self.show_hunk(review.candidate, hunk)

    def _prove(self) -> None:
        review = self._window.session.review
        pane = self._window.ensure_workspace().review
        chosen = pane.chosen()
        if review is not None and chosen:
            hunks = None if set(chosen) >= pane.offered() else chosen
            self._window.send(Prove(review.candidate, hunks), Busy.VERIFYING)

    def _save(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, tr("Save evidence"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("HTML page (*.html)"), tr("Markdown (*.md)")])
        dialog.setDefaultSuffix("html")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("md" if "*.md" in chosen else "html")
        )
        dialog.selectFile("evidence.html")
        dialog.fileSelected.connect(self.save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, path: str) -> None:
        """Write the evidence to a file that the user has named."""
        self._window.send(SaveEvidence(path), Busy.PREPARING)

    def _open(self, draft: CommitDraft) -> None:
        self._close()
        from ui.evidence.commit_dialog import CommitDialog

        self.dialog = made = CommitDialog(draft, self._window.look, self._window)
        made.wanted.connect(self._commit)
        made.stopped.connect(lambda: self._window.send(Stop()))
        made.finished.connect(self._forget)
        made.open()

    def _commit(self, branch: str, message: str, own_changes: OwnChanges) -> None:
        self._window.send(CommitAccepted(branch, message, own_changes), Busy.WRITING)

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.accept()

    def _forget(self) -> None:
        self.dialog = None
