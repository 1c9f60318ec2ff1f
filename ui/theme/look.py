"""The theme in force, its fonts, and the switch between themes while the program runs."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme import sheet
from ui.theme.tokens import BASE, DARK, LIGHT, Theme

_CODE_FAMILIES = (
    "JetBrains Mono",
    "Cascadia Mono",
    "Cascadia Code",
    "SF Mono",
    "Menlo",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
)


_BASE_DPI: Final = 72 if sys.platform == "darwin" else 96


def text_scale() -> float:
    """How much larger than usual the desktop wants text, never below 1.

    Sizes are designed in pixels, so a larger font resolution (``QT_FONT_DPI``, a desktop's text
    size) would otherwise be lost. Scaling of the whole display is Qt's own business.
    """
    screen = QGuiApplication.primaryScreen()
    return max(1.0, screen.logicalDotsPerInch() / _BASE_DPI) if screen is not None else 1.0


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for everything that the style sheet leaves to the style."""
    palette = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.failed,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Link: theme.link,
        role.LinkVisited: theme.link,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Light: theme.panel,
        role.Midlight: theme.raised,
        role.Mid: theme.border,
        role.Dark: theme.strong_border,
        role.Shadow: theme.strong_border,
        role.Accent: theme.accent,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.strong_border))
    return palette


class Look(QObject):
    """Applies a theme to the application and tells painted widgets when it changes.

    ``choice`` is ``system``, ``light`` or ``dark``; with ``system`` it follows the desktop live.
    ``scale`` is that of text; the desktop's where none is given.
    """

    changed = Signal()

    def __init__(
        self, application: QApplication, choice: str = "system", scale: float | None = None
    ) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        self._code_family = ""
        self.scale = text_scale() if scale is None else scale
        """How much larger than designed text is, and what must grow with it."""
        self.theme = LIGHT
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        self._apply()

    @property
    def choice(self) -> str:
        return self._choice

    def choose(self, choice: str) -> None:
        """Switch to ``system``, ``light`` or ``dark``."""
        self._choice = choice
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice)
        # Tells the window system to draw its own frames to match.
        QGuiApplication.styleHints().setColorScheme(scheme or Qt.ColorScheme.Unknown)
        self._apply()

    def px(self, designed: int) -> int:
        """A length of the design in pixels at the text size in force."""
        return round(designed * self.scale)

    def colour(self, token: str) -> QColor:
        """The colour of a token of the theme in force."""
        return QColor(getattr(self.theme, token))

    def font(self, pixels: int = BASE, strong: bool = False) -> QFont:
        """The interface font; ``pixels`` as designed."""
        font = QFont(self._application.font())
        font.setPixelSize(self.px(pixels))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    def code_font(self, pixels: int = BASE, strong: bool = False) -> QFont:
        """The best installed monospaced font; ``pixels`` as designed."""
        if not self._code_family:
            installed = set(QFontDatabase.families())
            fallback = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
            self._code_family = next((name for name in _CODE_FAMILIES if name in installed), fallback)
        font = QFont(self._code_family)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(self.px(pixels))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    def _follow(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        dark = self._choice == "dark"
        if self._choice == "system":
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        self.theme = DARK if dark else LIGHT
        self._application.setPalette(palette_of(self.theme))
        self._application.setStyleSheet(sheet.sheet_of(self.theme, self.scale))
        self.changed.emit()
