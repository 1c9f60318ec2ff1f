"""What the user adds: a file, a server, a model for Ollama to fetch."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.flow import Flow
from ui.theme.look import Look
from ui.widgets import Fold, button, card, column, label
from ui.words import tr


class AddSection(QWidget):
    """A button for a file; a folded form for a server."""

    file_wanted = Signal()
    server = Signal(str, str, str, str)
    """Name, address, model (may be empty), key (may be empty)."""
    ollama_wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        layout = column(self, gap=8)
        layout.addWidget(label(tr("YOUR OWN"), look="zone"))
        first = Flow()
        self.file_button = button(tr("Add a GGUF file…"), self.file_wanted.emit)
        first.addWidget(self.file_button)
        drop = label(tr("or drop one here; it stays where it is"), look="muted")
        drop.setMinimumHeight(self.file_button.sizeHint().height())
        first.addWidget(drop)
        layout.addLayout(first)
        self._ollama = self._field(tr("Model for Ollama to fetch"), tr("qwen2.5-coder:7b"), 260)
        fetch = button(tr("Fetch with Ollama"), self._fetch)
        self._ollama.returnPressed.connect(self._fetch)
        self._with_ollama = QWidget()
        with_ollama = Flow()
        self._with_ollama.setLayout(with_ollama)
        with_ollama.addWidget(self._ollama)
        with_ollama.addWidget(fetch)
        layout.addWidget(self._with_ollama)
        layout.addWidget(Fold(tr("Add a server that speaks the OpenAI protocol"), self._server_form()))

    def show_ollama(self, reachable: bool) -> None:
        self._with_ollama.setVisible(reachable)

    def _server_form(self) -> QWidget:
        form = card()
        flow = Flow()
        inside = column(form, (16, 12, 16, 12), 8)
        self._name = self._field(tr("Name of the server"), tr("name, e.g. lab"), 160)
        self._address = self._field(tr("Address of the server"), tr("http://host:port/v1"), 260)
        self._model = self._field(tr("Model of the server"), tr("model (may be empty)"), 200)
        self._key = self._field(tr("Key of the server"), tr("key (may be empty)"), 200)
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        for field in (self._name, self._address, self._model, self._key):
            flow.addWidget(field)
            field.returnPressed.connect(self._add_server)
        flow.addWidget(button(tr("Add the server"), self._add_server))
        inside.addLayout(flow)
        return form

    def _field(self, name: str, hint: str, width: int) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(hint)
        self._look.fit(made, "setMinimumWidth", width)
        return made

    def _add_server(self) -> None:
        name, address = self._name.text().strip().lower(), self._address.text().strip()
        if not name or not address:
            (self._address if name else self._name).setFocus()
            return
        key = "".join(self._key.text().split())
        self.server.emit(name, address, self._model.text().strip(), key)
        for field in (self._name, self._address, self._model, self._key):
            field.clear()

    def _fetch(self) -> None:
        name = self._ollama.text().strip()
        if name:
            self._ollama.clear()
            self.ollama_wanted.emit(name)
