"""Decides when to call the user back, and by which ways. One for each window."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from ui.attention.words import Kind, Note, announcement, note_for, wanted
from ui.coalesce import Shown
from ui.session import Busy, Session


class Ways(Protocol):
    """How a note reaches the user outside the window; calls return at once."""

    def notify(self, note: Note, *, sound: bool) -> None: ...
    def withdraw(self) -> None: ...
    def progress(self, share: float | None) -> None: ...
    def close(self) -> None: ...


class Tray:
    """Windows and macOS: the system's own notifications, through the tray's icon."""

    def __init__(self, icon: QIcon) -> None:
        self._icon = QSystemTrayIcon(icon)

    def notify(self, note: Note, *, sound: bool) -> None:
        icons = QSystemTrayIcon.MessageIcon
        self._icon.show()
        look = icons.Information if note.kind is Kind.FINISHED else icons.Warning
        self._icon.showMessage(note.title, note.text, look)
        if sound and note.kind is Kind.QUESTION:
            QApplication.beep()

    def withdraw(self) -> None:
        self._icon.hide()

    def progress(self, share: float | None) -> None:
        """Qt 6 has no way to the taskbar of Windows, nor to the Dock."""

    def close(self) -> None:
        self._icon.hide()


def system_ways(icon: QIcon) -> Ways:
    """What this system has."""
    if sys.platform in ("win32", "darwin"):
        return Tray(icon)
    from ui.attention.bus import Bus

    return Bus()


class Attention:
    """``ways`` are given after the first paint; ``say`` tells screen readers, urgent words at once."""

    def __init__(
        self, window: QWidget, session: Session, say: Callable[[QWidget, str, bool], None] | None = None
    ) -> None:
        self._window = window
        self._session = session
        self._say = say or announce
        self.ways: Ways | None = None
        self._share: float | None = None
        self._called = False

    def take(self, body: Shown) -> None:
        """An event has been applied to the session."""
        self._show_progress()
        note = note_for(body, self._session)
        if words := announcement(body, self._session):
            self._say(self._window, words, note is not None and note.kind is Kind.QUESTION)
        if note is None or self._in_front():
            return
        QApplication.alert(self._window)
        settings = self._session.settings
        if self.ways is not None and wanted(note, settings.notices_show):
            self._called = True
            self.ways.notify(note, sound=settings.notices_sound)

    def came_back(self) -> None:
        """The window is in front again."""
        if self._called and self.ways is not None:
            self._called = False
            self.ways.withdraw()

    def close(self) -> None:
        if self.ways is not None:
            if self._share is not None:
                self.ways.progress(None)
            self.ways.close()
            self.ways = None

    def _in_front(self) -> bool:
        active = QApplication.activeWindow()
        return active is not None and (active is self._window or self._window.isAncestorOf(active))

    def _show_progress(self) -> None:
        """The share of the budget's time, in steps that can be seen."""
        session = self._session
        share: float | None = None
        if session.busy is Busy.FIXING and session.budget.seconds:
            share = round(min(session.spent_seconds / session.budget.seconds, 1.0), 2)
        if share != self._share and self.ways is not None:
            self._share = share
            self.ways.progress(share)


def announce(window: QWidget, words: str, urgent: bool) -> None:
    """Have a screen reader say ``words``; nothing where none runs."""
    if not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(window, words)
    levels = QAccessible.AnnouncementPoliteness
    event.setPoliteness(levels.Assertive if urgent else levels.Polite)
    QAccessible.updateAccessibility(event)
