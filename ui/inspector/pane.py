"""The right zone: one test, what it expected, where it failed, what it printed; then the sections of
others: requirements and evidence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from core.types import Frame, NodeId, TestResult
from ui.history.words import past_line
from ui.inspector.section import Section
from ui.session import Session
from ui.textblock import TextBlock, TracebackColours
from ui.theme.look import Look
from ui.theme.tokens import BASE
from ui.widgets import Elided, Fold, card, column, label, restyle
from ui.words import counted, duration, file_of, outcome_sign, outcome_word, short_name, tr


class InspectorPane(QScrollArea):
    """Shows one test of the session."""

    past_wanted = Signal(str)
    """A test whose earlier runs are to be shown."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._node: NodeId | None = None
        self._candidate = 0
        self._given: TestResult | None = None
        self._asked: tuple[NodeId, float] | None = None
        self.setAccessibleName(tr("Inspector"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        self.setWidget(page)
        layout = column(page, (16, 12, 16, 16), 8)
        layout.addWidget(label(tr("INSPECTOR"), look="zone"))
        self._hint = label(tr("Select a test to see what it says."), look="muted", wrap=True)
        layout.addWidget(self._hint)
        self._body = QWidget()
        layout.addWidget(self._body)
        self.requirements = Section(tr("REQUIREMENTS"))
        """What the patch must do; ``hold`` its panel."""
        self.evidence = Section(tr("EVIDENCE"))
        """What proves the patch; ``hold`` its panel."""
        layout.addSpacing(8)
        layout.addWidget(self.requirements)
        layout.addWidget(self.evidence)
        layout.addStretch(1)
        self._build(column(self._body, gap=8))
        self._body.hide()

    def _build(self, layout: QVBoxLayout) -> None:
        self._title = label(look="lead", wrap=True)
        self._path = Elided(look="small", mode=Qt.TextElideMode.ElideLeft)
        self._state = label(look="strong", wrap=True)
        self._past = label(look="muted", wrap=True)
        self._message_card = card(look="well")
        self._message = label(wrap=True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column(self._message_card, (12, 8, 12, 8)).addWidget(self._message)
        self._frames = label(look="muted", wrap=True)
        self._values = TextBlock(self._look, tr("Values of the variables"))
        self._values_fold = Fold(tr("Values"), self._values, is_open=True)
        self._traceback = TextBlock(self._look, tr("Traceback"))
        self._colours = TracebackColours(self._traceback.document(), self._look)
        self._output = TextBlock(self._look, tr("Output of the test"))
        self._output_fold = Fold(tr("Output"), self._output)
        for part in (
            self._title,
            self._path,
            self._state,
            self._past,
            self._message_card,
            self._frames,
            self._values_fold,
            self._traceback,
            self._output_fold,
        ):
            layout.addWidget(part)

    def node(self) -> NodeId | None:
        return self._node

    def show_test(self, node: NodeId | None) -> None:
        """Show a test, or with ``None`` the hint."""
        self._node, self._given = node, None
        self.refresh()

    def _ask_for_past(self, node: NodeId) -> None:
        """Once for each test and run."""
        wanted = (node, self._session.run_ended)
        if self._session.run_ended and wanted != self._asked:
            self._asked = wanted
            self.past_wanted.emit(node)

    def show_failure(self, candidate: int, failure: TestResult) -> None:
        """Show how a test failed with a candidate, instead of how it stands."""
        self._node, self._given, self._candidate = failure.node_id, failure, candidate
        self.refresh()

    def refresh(self) -> None:
        """Read the test shown anew from the session."""
        node = self._node
        if node is not None and node not in self._session.results and node not in self._session.order:
            self._node = node = self._given = None
        if self._candidate not in self._session.candidates:  # of a fix before this one
            self._given = None
        self._hint.setVisible(node is None)
        self._body.setVisible(node is not None)
        if node is None:
            return
        result = self._given or self._session.results.get(node)
        outcome = result.outcome if result else None
        self._title.setText(_breakable(short_name(node)))
        self._path.setText(file_of(node))
        words = f"{outcome_sign(outcome)}  {outcome_word(outcome).capitalize()}"
        if result is not None and result.seconds >= 0.0005:
            words += tr(" in {time}", time=duration(result.seconds))
        if self._given is not None:
            words += tr(", with candidate {id}", id=self._candidate)
        self._state.setText(words)
        tone = "idle"
        if outcome is not None:
            tone = "passed" if outcome.is_green else "failed" if outcome.is_red else "idle"
        restyle(self._state, tone=tone)
        self._ask_for_past(node)
        past = past_line(self._session.history.past.get(node, ()))
        self._past.setText(past)
        self._past.setVisible(bool(past))
        message = result.message if result else ""
        self._message.setText(_breakable(message))
        self._message.setFont(self._look.code_font(BASE))
        self._message_card.setVisible(bool(message))
        frames = result.frames if result else ()
        places = [
            tr("{path}:{line}  in {function}", path=f.path, line=f.line, function=f.function)
            for f in frames
        ]
        self._frames.setText("\n".join(places[-6:]))
        self._frames.setVisible(bool(places))
        _fill(self._values, values_text(frames), self._values_fold)
        _fill(self._traceback, result.traceback if result else "", self._traceback)
        output = result.output if result else ""
        _fill(self._output, output, self._output_fold)
        self._output_fold.set_title(
            counted(output.count("\n") + 1, "Output, {n} line", "Output, {n} lines")
        )


def values_text(frames: tuple[Frame, ...]) -> str:
    """What variables held where a test failed, innermost frame first; empty where nobody looked."""
    parts = []
    for frame in reversed(frames):
        if frame.values:
            place = tr("in {function}, line {line}", function=frame.function, line=frame.line)
            parts.append("\n".join([place, *(f"  {name} = {text}" for name, text in frame.values)]))
    return "\n".join(parts)


def _fill(block: TextBlock, text: str, shown: QWidget) -> None:
    text = text.rstrip("\n")
    if text and block.toPlainText() != text:
        block.show_text(text)
    shown.setVisible(bool(text))


def _breakable(text: str) -> str:
    """Allow a line break after the signs at which long names may be cut."""
    for sign in ("_", "[", ",", "/", "="):
        text = text.replace(sign, sign + "\u200b")
    return text
