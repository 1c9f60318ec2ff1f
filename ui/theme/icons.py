"""Line icons of one family (Phosphor, through QtAwesome), in the text colour of the theme in force.

QtAwesome's own start loads a dozen fonts; we load the one that we use, on first need, which is after
the first paint. The application's icon is our own drawing.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from ui.theme.look import Look

if TYPE_CHECKING:
    from qtawesome.iconic_font import IconicFont

SIDE: Final = 16
"""Pixels as designed."""
_PREFIX: Final = "ph"
NAMES: Final = {
    "branch": "git-branch",
    "close": "x",
    "commit": "git-commit",
    "copy": "copy",
    "export": "export",
    "folder": "folder",
    "more": "dots-three",
    "play": "play",
    "question": "question",
    "sample": "test-tube",
    "search": "magnifying-glass",
    "send": "paper-plane-right",
    "settings": "gear-six",
    "stop": "stop",
    "tests": "tree-structure",
    "undo": "arrow-counter-clockwise",
    "wrench": "wrench",
}
"""Our words for what an icon means, and the family's name of the drawing."""


def application_icon() -> QIcon:
    """The program's own icon: a bar, two thirds green."""
    icon = QIcon()
    for side in (16, 32, 64, 128, 256):
        icon.addPixmap(_drawing(side))
    return icon


def icon(name: str, look: Look, token: str = "text") -> QIcon:
    """``name`` is one of :data:`NAMES`; ``token`` its colour."""
    made = QIcon()
    for side in (look.px(SIDE), 2 * look.px(SIDE)):
        made.addPixmap(_glyph(name, side, look.colour(token).name()))
        made.addPixmap(_glyph(name, side, look.theme.strong_border), QIcon.Mode.Disabled)
    return made


@cache
def _family() -> IconicFont:
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    folder = Path(qtawesome.__file__).parent / "fonts"
    font, names = (next(folder.glob(pattern)).name for pattern in ("phosphor-*.ttf", "phosphor-*.json"))
    return IconicFont((_PREFIX, font, names, str(folder)))


def _glyph(name: str, side: int, colour: str) -> QPixmap:
    drawn = _family().icon(f"{_PREFIX}.{NAMES[name]}", color=colour)
    # A copy: the icon's engine is written in Python and must not outlive the application.
    return QPixmap(drawn.pixmap(QSize(side, side)))


def _drawing(side: int) -> QPixmap:
    buffer = QBuffer()
    buffer.setData(QByteArray((files("resources") / "icons" / "greenbar.svg").read_bytes()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, b"svg")
    reader.setScaledSize(QSize(side, side))
    return QPixmap.fromImage(reader.read())
