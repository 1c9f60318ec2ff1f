"""Our line icons, drawn in the text colour of the theme in force.

The files in ``resources/icons`` are 16 x 16 SVG with ``currentColor``; they are read on first use,
which is after the first paint.
"""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from ui.theme.look import Look


def application_icon() -> QIcon:
    """The program's own icon: a bar, two thirds green."""
    icon = QIcon()
    for side in (16, 32, 64, 128, 256):
        icon.addPixmap(_render("greenbar", side, ""))
    return icon


def icon(name: str, look: Look, token: str = "text") -> QIcon:
    """``name`` is a file in ``resources/icons`` without its suffix; ``token`` its colour."""
    made = QIcon()
    for side in (16, 32):
        made.addPixmap(_render(name, side, look.colour(token).name()))
        made.addPixmap(_render(name, side, look.theme.strong_border), QIcon.Mode.Disabled)
    return made


def _render(name: str, side: int, colour: str) -> QPixmap:
    text = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    buffer = QBuffer()
    buffer.setData(QByteArray(text.replace("currentColor", colour).encode()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, b"svg")
    reader.setScaledSize(QSize(side, side))
    return QPixmap.fromImage(reader.read())
