"""The *Review* tab: the verdict line first, then the diff, then what the user may do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.events import Accepted
from core.types import Comparison, HunkId, RemarkPlace, Verdict
from ui.candidates.model import tone_of
from ui.evidence.words import is_sound, is_unneeded, note, proof_sentence
from ui.flow import Flow
from ui.remarks.pane import RemarksPane
from ui.review.layout import unified_text
from ui.review.view import DiffView
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.widgets import Elided, button, card, column, label, restyle, row
from ui.words import counted, flaky_lines, made_for_tests, short_name, tr, verdict_line, verdict_sign

_LOW = 360
"""Pixels as designed; below this height the reminder of the keys gives way."""


class ReviewPane(QWidget):
    """Shows ``session.review``. Hunks in locked files are left out until they are chosen by hand."""

    accept_all = Signal()
    accept_selected = Signal()
    verify = Signal()
    undo = Signal()
    mode_toggled = Signal()
    choice_changed = Signal()

    def __init__(self, session: Session, look: Look, side_by_side: bool) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._shown: object = None
        self.view = DiffView(look)
        self.view.choice_changed.connect(self._choice_changed)
        self._empty = label(
            tr("Nothing to review yet. The best candidate of a fix is shown here as a diff."),
            look="muted",
            wrap=True,
        )
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._head = card(look="panel")
        self._sign = label(look="title")
        self._line = label(look="lead", wrap=True)
        self._title = Elided(look="muted")
        self._proof = label(wrap=True)
        self._reasons = label(wrap=True, tone="attention")
        self._state = label(look="muted", wrap=True)
        self._all = button(tr("Accept all"), self.accept_all.emit, "primary")
        self._some = button(tr("Accept selected"), self.accept_selected.emit)
        self._verify = button(tr("Verify selection"), self.verify.emit)
        self._undo = button(tr("Undo"), self.undo.emit, name=tr("Undo the last accept"))
        self._mode = button("", self.mode_toggled.emit, "quiet")
        self._keys = label(_keys(choosable=True), look="small", wrap=True)
        self._keys.setContentsMargins(16, 6, 16, 6)
        self._build_head()
        self.remarks = RemarksPane(session, look)
        self.remarks.left.connect(self.view.setFocus)
        layout = column(self)
        layout.addWidget(self._empty)
        layout.addWidget(self._head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.remarks)
        layout.addWidget(self._keys)
        layout.addStretch(0)
        self.set_side_by_side(side_by_side)
        self.refresh()

    def _build_head(self) -> None:
        layout = column(self._head, (16, 12, 16, 12), 8)
        words = column(gap=2)
        words.addWidget(self._line)
        words.addWidget(self._title)
        top = row(gap=12)
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        verbs = Flow()
        for part in (self._all, self._some, self._verify, self._undo):
            verbs.addWidget(part)
        buttons = row(gap=8)
        buttons.addLayout(verbs, 1)
        buttons.addWidget(self._mode, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addWidget(self._proof)
        layout.addWidget(self._reasons)
        layout.addWidget(self._state)
        layout.addLayout(buttons)

    # --- what the window asks ----------------------------------------------------------------------

    def chosen(self) -> tuple[HunkId, ...]:
        return self.view.chosen()

    def everything(self) -> tuple[HunkId, ...] | None:
        """The hunks of *Accept all*: ``None`` for truly all, the open lane where tests are touched."""
        review = self._session.review
        if review is None or all(file.is_offered for file in review.files):
            return None
        offered = self.offered()
        return tuple(hunk.id for file in review.files for hunk in file.hunks if hunk.id in offered)

    def offered(self) -> set[HunkId]:
        """The hunks of the open lane: what *Accept all* writes."""
        review = self._session.review
        files = review.files if review else ()
        return {hunk.id for file in files if file.is_offered for hunk in file.hunks}

    def _accepted(self) -> Accepted | None:
        """The accept of what is shown, where it stands."""
        session = self._session
        if session.review is None or session.review.candidate != session.accepted_candidate:
            return None
        return session.accepted

    def _left_out(self) -> bool:
        return not self.offered() <= set(self.chosen())

    def is_everything(self) -> bool:
        """True where every hunk is chosen, those in locked files included."""
        return len(self.chosen()) == self.view.hunk_count()

    def patch_text(self) -> str:
        review = self._session.review
        return unified_text(review.files, set(self.chosen())) if review else ""

    def judged(self) -> Comparison | None:
        """How exactly the chosen hunks fare; ``None`` while nobody knows."""
        session = self._session
        if session.selection is not None and set(session.selection.hunks) == set(self.chosen()):
            return session.selection.comparison
        # Verdicts are taken with locked files as they were, so the open lane decides.
        if session.review is not None and not self._left_out() and session.review.evidence is not None:
            return session.review.evidence.comparison
        return None

    def take_hunk(self) -> None:
        """Take the current hunk, also where it was refused, and go on."""
        hunk = self.view.current_hunk()
        self.view.decide_current(True)
        if hunk is not None:
            self.remarks.allow(hunk)

    def refuse_hunk(self) -> None:
        """Leave the current hunk out, never to be proposed again, and go on."""
        hunk = self.view.current_hunk()
        self.view.decide_current(False)
        if hunk is not None:
            self.remarks.refuse(hunk)

    def undo_choice(self) -> None:
        """Take the last choice back, with the refusal that came of it."""
        before = set(self.chosen())
        self.view.undo_choice()
        for hunk in set(self.chosen()) - before:
            self.remarks.allow(hunk)

    def begin_remark(self, *, whole: bool = False) -> None:
        """Open the box for a remark on the current line or hunk, or on the whole patch."""
        self.remarks.begin(RemarkPlace() if whole else self.view.current_place())

    def set_side_by_side(self, split: bool) -> None:
        self.view.set_side_by_side(split)
        self._mode.setText(tr("Unified") if split else tr("Side by side"))
        self._mode.setAccessibleName(tr("Show as unified diff") if split else tr("Show side by side"))

    # --- showing -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the session's review as it now is."""
        review = self._session.review
        for part in (self._head, self.view):
            part.setVisible(review is not None)
        self._show_keys()
        self._empty.setVisible(review is None)
        if review is None:
            self._shown = None
            self.remarks.refresh()
            return
        if review is not self._shown:
            self._shown = review
            self.view.show_files(review.files)
        self._show_verdict()
        self._show_proof()
        self._show_buttons()
        self.remarks.choose(self.chosen())

    def _show_verdict(self) -> None:
        review, accepted = self._session.review, self._accepted()
        assert review is not None
        touched = not all(file.is_offered for file in review.files)
        comparison = review.evidence.comparison if review.evidence else None
        self._title.setText(tr("Candidate {id}: {title}", id=review.candidate, title=review.title))
        if comparison is None:
            self._sign.setText("?")
            self._line.setText(tr("Not verified"))
        else:
            self._sign.setText(verdict_sign(comparison.verdict))
            confirmed = any(file.confirmed for file in review.files)
            self._line.setText(verdict_line(comparison, touched, confirmed))
        tone = tone_of(comparison)
        if accepted is not None:
            self._sign.setText("✓")
            self._title.setText(
                tr("Written to {paths}. Nothing was staged or committed.", paths=_names(accepted.paths))
            )
        restyle(self._sign, tone=tone)
        restyle(self._line, tone=tone)
        reasons = list(comparison.reasons) if comparison else []
        if (
            comparison is not None
            and comparison.verdict is not Verdict.GREEN
            and comparison.still_failing
        ):
            names = ", ".join(short_name(node) for node in comparison.still_failing[:3])
            more = len(comparison.still_failing) - 3
            reasons.append(tr("Still failing: {names}", names=names) + (f" +{more}" if more > 0 else ""))
        if comparison is not None:
            reasons.extend(flaky_lines(comparison))
        if signs := self._session.signs():
            reasons.append(made_for_tests(signs))
        self._reasons.setText("\n".join(reasons))
        self._reasons.setVisible(bool(reasons))

    def _show_proof(self) -> None:
        """Of exactly what is chosen; hunks keep what is known of them from the whole."""
        review, state = self._session.review, self._session.evidence
        assert review is not None
        whole = state.proof(review.candidate)
        proof = whole if not self._left_out() else state.proof(review.candidate, self.chosen())
        self._proof.setText(proof_sentence(proof) if proof else "")
        self._proof.setVisible(proof is not None)
        if proof is not None:
            restyle(self._proof, tone="" if is_sound(proof) else "attention")
        known, requirements = proof or whole, self._session.ledger.requirements
        self.view.notes = {
            need.hunk: (note(need, requirements), "attention" if is_unneeded(need) else "muted")
            for need in (known.hunks if known else ())
        }

    def _show_buttons(self) -> None:
        session = self._session
        accepted = self._accepted() is not None
        whole, chosen, total = not self._left_out(), len(self.chosen()), self.view.hunk_count()
        judged = self.judged()
        comparison = (
            session.review.evidence.comparison if session.review and session.review.evidence else None
        )
        green = comparison is not None and comparison.verdict is Verdict.GREEN
        lane = self.everything() is not None
        self._all.setText(
            (tr("Accept all but tests") if lane else tr("Accept all")) if green else tr("Accept anyway")
        )
        self._all.setAccessibleName(self._all.text())
        restyle(self._all, look="primary" if green and not self._left_out() else "")
        ready = session.may_accept()
        self.view.choosable = session.accepted is None
        self._keys.setText(_keys(choosable=self.view.choosable))
        for part in (self._all, self._some, self._verify):
            part.setVisible(not accepted)
        self._undo.setVisible(accepted)
        self._undo.setEnabled(not session.is_busy())
        self._all.setEnabled(ready and not self._left_out())
        self._some.setVisible(not accepted and total > 1)
        self._verify.setVisible(not accepted and total > 1)
        self._some.setText(tr("Accept selected ({n} of {total})", n=chosen, total=total))
        self._some.setAccessibleName(self._some.text())
        partial = ready and chosen > 0 and set(self.chosen()) != self.offered()
        restyle(self._some, look="primary" if partial else "")
        self._some.setEnabled(partial)
        self._verify.setEnabled(partial and judged is None)
        self.view.proven = judged is not None and judged.verdict is Verdict.GREEN
        self.view.viewport().update()
        self._state.setText(self._sentence(whole, chosen, judged))
        self._state.setVisible(bool(self._state.text()))
        tone = tone_of(judged) if judged is not None and not whole else ""
        restyle(self._state, tone=tone)

    def _sentence(self, whole: bool, chosen: int, judged: Comparison | None) -> str:
        if self._accepted() is not None or whole:
            return ""
        if self._session.busy is Busy.VERIFYING:
            return tr("Verifying the chosen hunks…")
        if chosen == 0:
            return tr("No hunk is chosen.")
        if judged is not None:
            hunks = counted(chosen, "With this {n} hunk", "With these {n} hunks")
            return f"{verdict_sign(judged.verdict)}  {hunks}: {verdict_line(judged)}"
        return tr(
            "? These hunks have not been verified on their own. Accepting them verifies them first."
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_keys()

    def _show_keys(self) -> None:
        # In a low window the diff needs the room more than the reminder.
        self._keys.setVisible(self._session.review is not None and self.height() > self._look.px(_LOW))

    def _choice_changed(self) -> None:
        self._session.choose(self.chosen(), as_verified=not self._left_out())
        self._show_proof()
        self._show_buttons()
        self.remarks.choose(self.chosen())
        self.choice_changed.emit()


def _keys(*, choosable: bool) -> str:
    going = tr("N P  next, previous")
    if not choosable:
        return going
    return (
        going + "     " + tr("A  take     R  refuse     C  remark     U  undo choice     Space  toggle")
    )


def _names(paths: tuple[str, ...]) -> str:
    if len(paths) <= 3:
        return ", ".join(paths)
    return ", ".join(paths[:2]) + tr(" and {n} more", n=len(paths) - 2)
