"""The theme in force, its fonts, and the switch between themes while the program runs."""

from __future__ import annotations

import sys
from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from ui.theme import sheet
from ui.theme.tokens import (
    BASE,
    CONTRAST,
    DARK,
    LIGHT,
    MAX_TEXT,
    MIN_TEXT,
    MOTION_MS,
    THEMES,
    Theme,
)

_CODE_FAMILIES = (
    "JetBrains Mono",
    "Cascadia Mono",
    "Cascadia Code",
    "SF Mono",
    "Menlo",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
)
_TABULAR: Final = QFont.Tag("tnum")
"""Figures of one width, so that numbers do not dance."""
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

    ``choice`` is one of :data:`ui.theme.tokens.CHOICES`; with ``system`` it follows the desktop live,
    its wish for high contrast too. ``scale`` is that of text; the desktop's where none is given, times
    what the user has set.
    """

    changed = Signal()

    def __init__(
        self, application: QApplication, choice: str = "system", scale: float | None = None
    ) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        self._code_family = ""
        self._desktop = text_scale() if scale is None else scale
        self._percent = 100
        self._calm = False
        self._sized: WeakKeyDictionary[QWidget, dict[str, int]] = WeakKeyDictionary()
        self.theme = LIGHT
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow)
        self._apply()

    @property
    def choice(self) -> str:
        return self._choice

    @property
    def scale(self) -> float:
        """How much larger than designed text is, and what must grow with it."""
        return self._desktop * self._percent / 100

    @property
    def percent(self) -> int:
        """The text size that the user has set."""
        return self._percent

    @property
    def motion_ms(self) -> int:
        """How long a movement takes; 0 where the user wants none."""
        return 0 if self._calm else MOTION_MS

    def choose(self, choice: str) -> None:
        """Switch to another theme, or to follow the system."""
        self._choice = choice
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice)
        # Tells the window system to draw its own frames to match.
        QGuiApplication.styleHints().setColorScheme(scheme or Qt.ColorScheme.Unknown)
        self._apply()

    def zoom(self, percent: int) -> None:
        """Set the text size, in per cent of the designed one; kept within what is designed for."""
        percent = min(max(percent, MIN_TEXT), MAX_TEXT)
        if percent != self._percent:
            self._percent = percent
            self._apply()

    def calm(self, reduced: bool) -> None:
        """Reduced motion: what changes is there at once."""
        self._calm = reduced

    def px(self, designed: int) -> int:
        """A length of the design in pixels at the text size in force."""
        return round(designed * self.scale)

    def fit(self, widget: QWidget, setter: str, designed: int) -> None:
        """Call ``widget.setter`` with a length of the design, now and whenever the text size changes."""
        self._sized.setdefault(widget, {})[setter] = designed
        getattr(widget, setter)(self.px(designed))

    def colour(self, token: str) -> QColor:
        """The colour of a token of the theme in force."""
        return QColor(getattr(self.theme, token))

    def font(self, pixels: int = BASE, strong: bool = False) -> QFont:
        """The interface font; ``pixels`` as designed."""
        font = QFont(self._application.font())
        font.setPixelSize(self.px(pixels))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        font.setFeature(_TABULAR, 1)
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

    def _wanted(self) -> Theme:
        if self._choice != "system":
            return THEMES[self._choice]
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            return CONTRAST
        return DARK if hints.colorScheme() is Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        self.theme = self._wanted()
        self._application.setPalette(palette_of(self.theme))
        self._application.setStyleSheet(sheet.sheet_of(self.theme, self.scale))
        for widget, lengths in list(self._sized.items()):
            if isValid(widget):
                for setter, designed in lengths.items():
                    getattr(widget, setter)(self.px(designed))
        self.changed.emit()
