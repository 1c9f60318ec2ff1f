"""What the window shows while a folder is held over it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFrame, QWidget

from ui.widgets import column, label
from ui.words import tr


def folder_in(data: QMimeData) -> Path | None:
    """The first local folder of what is dragged, or the one a dragged file lies in."""
    for url in data.urls():
        if url.isLocalFile():
            path = Path(url.toLocalFile())
            return path if path.is_dir() else path.parent
    return None


def model_file_in(data: QMimeData) -> Path | None:
    """The first local model file of what is dragged, by its name."""
    for url in data.urls():
        if url.isLocalFile() and url.fileName().lower().endswith(".gguf"):
            return Path(url.toLocalFile())
    return None


class DropCue(QFrame):
    """Covers the window; takes no input of its own."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setProperty("look", "drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = label(look="title")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column(self, (24, 24, 24, 24)).addWidget(self._words)
        self.hide()

    def show_for(self, folder: Path) -> None:
        self.show_words(tr("Drop to open {name}", name=folder.name or str(folder)))

    def show_words(self, words: str) -> None:
        """Cover the window with what a drop would do."""
        self._words.setText(words)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
