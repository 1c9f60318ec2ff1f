"""Tool tips are plain text: Qt guesses whether one is markup, and the name of a test may look so."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt


def tip(text: str) -> str:
    """``text`` as a tool tip that shows it letter by letter, whatever is in it."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'
