"""The page of models and keys. Draws the session's rows, sends commands, waits for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QMessageBox, QVBoxLayout

from core import commands as cmd
from core.types import ModelKind, ModelRow, ModelState
from ui.models.add import AddSection
from ui.models.keys import KeysSection
from ui.models.probe import ProbeCard
from ui.models.row import ModelLine
from ui.models.words import Act, gigabytes
from ui.page import Page
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import Line, button, card, clear, column, label, row
from ui.words import tr

_WIDTH: Final = 920
_SECTIONS: Final = (
    ("FILES THAT GREENBAR RUNS ITSELF", (ModelKind.CATALOGUE, ModelKind.FILE)),
    ("OLLAMA", (ModelKind.OLLAMA,)),
    ("SERVERS", (ModelKind.ENDPOINT,)),
)


class ModelsPage(Page):
    """``post`` hands a command to core and returns at once."""

    left = Signal()

    def __init__(self, session: Session, post: Callable[[cmd.Command], None], look: Look) -> None:
        super().__init__(look, tr("Models and keys"), "models", _WIDTH)
        self._session = session
        self._post = post
        self._look = look
        self._shown: object = None
        self._measured: object = None
        self._lines: dict[str, ModelLine] = {}
        layout = self.column
        self._add_head(layout)
        self._probe = ProbeCard(look)
        self._probe.measure.connect(lambda: post(cmd.ProbeModel()))
        layout.addWidget(self._probe)
        layout.addSpacing(20)
        self._models = column(gap=8)
        layout.addLayout(self._models)
        layout.addSpacing(24)
        self._add = AddSection(look)
        self._add.file_wanted.connect(self._choose_file)
        self._add.server.connect(self._add_server)
        self._add.ollama_wanted.connect(lambda name: post(cmd.DownloadModel(f"ollama:{name}")))
        layout.addWidget(self._add)
        layout.addSpacing(24)
        self._keys = KeysSection(look)
        self._keys.given.connect(lambda *key: post(cmd.SetKey(*key)))
        self._keys.removed.connect(lambda name: post(cmd.DeleteKey(name)))
        layout.addWidget(self._keys)
        layout.addStretch(1)
        self.refresh()

    def look(self) -> None:
        """Ask core what there is now."""
        self._post(cmd.ListModels())
        self._post(cmd.ListKeys())

    def refresh(self) -> None:
        """Show the session's rows; only what has changed is built anew."""
        session = self._session
        self._keys.show_keys(session.keys, session.keys_trouble)
        self._said.setText(
            session.model_said or tr("A model on this machine needs no account and no key.")
        )
        measured = (session.model, session.probe, session.probing)
        if measured != self._measured:
            self._measured = measured
            self._probe.show_result(*measured)
        now = (session.models, frozenset(session.fetching), session.model_spec)
        if now != self._shown:
            self._shown = now
            self._rebuild(session.models)
        for spec, line in self._lines.items():
            line.show_progress(session.fetching.get(spec))

    def _rebuild(self, rows: tuple[ModelRow, ...] | None) -> None:
        focused = self._focused_spec()
        clear(self._models)
        self._lines.clear()
        if rows is None:
            self._models.addWidget(label(tr("Looking for models…"), look="muted"))
            return
        for title, kinds in _SECTIONS:
            chosen = [model for model in rows if model.kind in kinds]
            if chosen:
                self._models.addWidget(label(tr(title), look="zone"))
                self._models.addWidget(self._section(chosen))
                self._models.addSpacing(8)
        self._add.show_ollama(
            any(r.kind is ModelKind.OLLAMA and r.state is not ModelState.UNREACHABLE for r in rows)
        )
        if focused in self._lines:
            # Not before it is in sight: what is hidden cannot have the focus.
            QTimer.singleShot(0, self._lines[focused], self._lines[focused].take_focus)

    def _section(self, models: list[ModelRow]) -> QFrame:
        box = card()
        inside = column(box, (1, 4, 1, 4), 0)
        session = self._session
        for place, model in enumerate(models):
            if place:
                inside.addWidget(Line())
            used = bool(model.spec) and model.spec == session.model_spec
            line = ModelLine(model, self._look, fetching=model.spec in session.fetching, in_use=used)
            line.acted.connect(self._act)
            line.verify.connect(lambda spec: self._post(cmd.VerifyModel(spec)))
            line.delete.connect(self._ask_to_delete)
            inside.addWidget(line)
            if model.spec:
                self._lines[model.spec] = line
        return box

    # --- what the user wants ---------------------------------------------------------------------

    def _act(self, spec: str, act: Act) -> None:
        match act:
            case Act.DOWNLOAD:
                self._post(cmd.DownloadModel(spec))
            case Act.CANCEL:
                self._post(cmd.CancelDownload(spec))
            case Act.USE:
                self._post(cmd.SelectModel(spec, keep=True))
            case Act.FORGET:
                self._post(cmd.DeleteModel(spec))
            case Act.LOOK:
                self.look()
            case Act.NONE:
                pass

    def _ask_to_delete(self, model: ModelRow) -> None:
        """What is only taken off a list needs no question."""
        if model.kind in (ModelKind.FILE, ModelKind.ENDPOINT):
            self._post(cmd.DeleteModel(model.spec))
            return
        box = QMessageBox(self)
        box.setWindowTitle(tr("Delete a model"))
        size = gigabytes(model.done or model.size)
        box.setText(tr("Delete {name} ({size})?", name=model.name, size=size))
        box.setInformativeText(tr("It can be downloaded again."))
        yes = box.addButton(tr("Delete"), QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        yes.clicked.connect(lambda: self._post(cmd.DeleteModel(model.spec)))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Add a model file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Model files (*.gguf)"))
        dialog.fileSelected.connect(lambda path: self._post(cmd.AddModelFile(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add_server(self, name: str, address: str, model: str, key: str) -> None:
        if key:
            can_keep = not self._session.keys_trouble
            self._post(cmd.SetKey(name, key, not can_keep))
        self._post(cmd.AddEndpoint(name, address, model, name if key else ""))

    # --- inner -----------------------------------------------------------------------------------

    def _add_head(self, layout: QVBoxLayout) -> None:
        self.back = button(tr("← Back"), self.left.emit, "link", tr("Back"))
        layout.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        head = row(gap=12)
        head.addWidget(label(tr("Models and keys"), look="title"))
        head.addStretch(1)
        head.addWidget(button(tr("Look again"), self.look, "quiet", tr("Look again for models")))
        layout.addLayout(head)
        layout.addSpacing(4)
        self._said = label(look="muted", wrap=True)
        layout.addWidget(self._said)
        layout.addSpacing(20)

    def _focused_spec(self) -> str:
        """Of the row that has the focus: it must have it again when the rows are built anew."""
        focused = self.focusWidget()
        lines = self._lines.items()
        return next((spec for spec, line in lines if focused and line.isAncestorOf(focused)), "")
