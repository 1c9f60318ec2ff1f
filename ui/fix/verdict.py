"""The card that says how a fix ended: proven, or not, and what would help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.types import FixResult, TokenUsage, Verdict
from ui.evidence.words import is_sound, proof_sentence
from ui.flow import Flow
from ui.session import Session
from ui.widgets import button, clear, column, label, restyle, row, tab_after
from ui.words import (
    amount,
    clock,
    counted,
    duration,
    first_line,
    made_for_tests,
    short_name,
    tr,
    verdict_line,
    verdict_sign,
)


class VerdictCard(QFrame):
    """Shows ``session.result``; hidden while there is none. The Tab key comes to it from ``before``."""

    action = Signal(str)

    def __init__(self, session: Session, before: QWidget) -> None:
        super().__init__()
        self._session = session
        self._before = before
        self._shown: tuple[object, ...] = ()
        self.setProperty("look", "card")
        self._sign = label(look="title")
        self._line = label(look="lead", wrap=True)
        self._why = label(wrap=True)
        self._proof = label(wrap=True)
        self._cost = label(look="muted", wrap=True)
        self._buttons = Flow()
        words = column(gap=6)
        for part in (self._line, self._why, self._proof, self._cost):
            words.addWidget(part)
        words.addSpacing(4)
        words.addLayout(self._buttons)
        layout = row(self, (16, 12, 16, 14), 12)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def refresh(self) -> None:
        session = self._session
        result = session.result
        self.setVisible(result is not None)
        key = (result, session.accepted, session.is_busy(), session.model, session.evidence.changes)
        if result is None or key == self._shown:
            return
        self._shown = key
        if session.accepted is not None:
            self._show_accepted(session.accepted.paths)
        elif result.verdict is Verdict.GREEN:
            self._show_green(result)
        else:
            self._show_short(result)
        self._show_proof(result)
        cost = [clock(result.seconds) if result.seconds >= 60 else duration(result.seconds)]
        cost.append(counted(result.candidates, "{n} candidate", "{n} candidates"))
        cost.append(tr("{n} tokens", n=_tokens(result.tokens)) if session.fix_model else tr("no model"))
        self._cost.setText("  ·  ".join(cost))

    def _show_proof(self, result: FixResult) -> None:
        proof = self._session.evidence.proof(result.best.id) if result.best else None
        self._proof.setText(proof_sentence(proof) if proof else "")
        self._proof.setVisible(proof is not None)
        if proof is not None:
            restyle(self._proof, tone="" if is_sound(proof) else "attention")

    def _show_accepted(self, paths: tuple[str, ...]) -> None:
        self._tone("passed", "✓", counted(len(paths), "{n} file written", "{n} files written"))
        committed = self._session.evidence.committed
        if committed is not None:
            self._why.setText(
                tr(
                    "Committed as {commit} on {branch}; nothing was pushed. Undo would take it out of "
                    "your files, not out of the branch.",
                    commit=committed.commit,
                    branch=committed.branch,
                )
                + (f" {committed.notice}" if committed.notice else "")
            )
        else:
            self._why.setText(
                tr(
                    "{paths}. Nothing was staged or committed; Undo brings every byte back.",
                    paths=", ".join(paths[:4]),
                )
            )
        offers = [(tr("Undo"), "undo"), (tr("Show the diff"), "review_best")]
        if committed is None:
            offers.insert(0, (tr("Commit on a new branch…"), "commit"))
        offers.append((tr("Save evidence…"), "save_evidence"))
        offers.append((tr("Copy as pull request text"), "copy_pull_request"))
        self._offer(*offers)

    def _show_green(self, result: FixResult) -> None:
        line = (
            verdict_line(result.evidence.comparison) if result.evidence else tr("All target tests pass")
        )
        self._tone("passed", "✓", line)
        title = result.best.title if result.best else ""
        lines = [tr("{title}. Nothing was written yet.", title=title)]
        if result.choice is not None and result.choice.rule:
            lines.append(tr(result.choice.rule))
        if result.choice is not None and result.choice.signs:
            lines.append(made_for_tests(result.choice.signs))
        if result.choice is not None and result.choice.proposed:
            lines.append(tr("Proposed check: {check}", check=result.choice.proposed[0]))
        self._why.setText("\n".join(lines))
        self._offer((tr("Review the diff"), "review_best"), primary=True)

    def _show_short(self, result: FixResult) -> None:
        comparison = result.evidence.comparison if result.evidence else None
        sign = verdict_sign(result.verdict)
        tone = "attention" if result.verdict in (Verdict.IMPROVED, Verdict.SUSPICIOUS) else ""
        if result.stopped:
            head = tr("Stopped after {time}", time=clock(result.seconds))
        else:
            head = tr("No confident fix in {time}", time=clock(result.seconds))
        wanted = len(result.targets)
        fixed = len(comparison.fixed) if comparison else 0
        if fixed:
            head += tr(". Best: {n} of {wanted}", n=fixed, wanted=wanted)
        self._tone(tone, sign if not result.stopped else "–", head)
        lines = [result.shortfall] if result.shortfall else []
        if result.evidence is not None and result.evidence.failure is not None:
            failure = result.evidence.failure
            lines.append(
                tr(
                    "{test} still says: {message}",
                    test=short_name(failure.node_id),
                    message=first_line(failure.message),
                )
            )
        lines.append(tr("Nothing was written."))
        self._why.setText("\n".join(lines))
        offers = [(tr("Try for five minutes"), "fix_longer")]
        if fixed and result.best is not None:
            offers.insert(0, (tr("Look at the best"), "review_best"))
        if not self._session.fix_model:
            offers.append((tr("Download the embedded model"), "download_model"))
        offers.append((tr("Set up what the tests need"), "set_up"))
        self._offer(*offers)

    def _tone(self, tone: str, sign: str, line: str) -> None:
        restyle(self, tone=tone)
        self._sign.setText(sign)
        self._line.setText(line)
        restyle(self._sign, tone=tone or "idle")

    def _offer(self, *offers: tuple[str, str], primary: bool = False) -> None:
        clear(self._buttons)
        buttons: list[QWidget] = []
        for place, (text, action) in enumerate(offers):
            look = "primary" if primary and place == 0 else ""
            made = button(text, lambda action=action: self.action.emit(action), look)  # type: ignore[misc]
            made.setEnabled(not self._session.is_busy() or action == "review_best")
            self._buttons.addWidget(made)
            buttons.append(made)
        tab_after(self._before, buttons)


def _tokens(usage: TokenUsage) -> str:
    return ("~" if usage.estimated else "") + amount(usage.prompt + usage.completion)
