"""What the composition root needs to start the window: the application, the window, collection.

Imported before the first paint, so it imports only what that needs.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.commands import Command
from core.types import Settings

if TYPE_CHECKING:
    from ui.inbox import Inbox
    from ui.state import UiState
    from ui.theme.look import Look
    from ui.window.main_window import MainWindow

_COLLECT_EVERY_MS: Final = 200
"""Once a second, what a stream of results leaves took 20 ms to collect."""


class GuiCollector(QObject):
    """Collects garbage on the GUI thread only.

    A collection on another thread may destroy QObjects there, which crashes; so automatic
    collection is off while this lives, and a timer does the work. The oldest generation is looked
    at only when the younger ones have filled up, as the interpreter itself would.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_COLLECT_EVERY_MS)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        """Hand collection back to the interpreter."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        limits = gc.get_threshold()
        for generation, count in reversed(list(enumerate(gc.get_count()))):
            if count > limits[generation] > 0:
                gc.collect(generation)
                return


def create_application(argv: Sequence[str]) -> QApplication:
    """The one QApplication. Colours and fonts follow with the window."""
    QApplication.setApplicationName("Greenbar")
    QApplication.setApplicationDisplayName("Greenbar")
    QApplication.setDesktopFileName("greenbar")
    # Before the application exists: afterwards the platform's own style would be made first.
    QApplication.setStyle("Fusion")
    application = QApplication(list(argv))
    collector = GuiCollector(application)
    application.aboutToQuit.connect(collector.stop)
    return application


def build_window(
    post: Callable[[Command], None],
    inbox: Inbox,
    state: UiState,
    settings: Settings | None = None,
    look: Look | None = None,
) -> MainWindow:
    """A window, not yet shown. ``post`` must be cheap and must not block; ``look`` is that of the
    windows before it."""
    from ui.theme.look import Look
    from ui.window.main_window import MainWindow

    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise TypeError("create_application comes before build_window")
    chosen = settings or Settings()
    window = MainWindow(post, inbox, state, look or Look(application, chosen.look_theme))
    window.session.settings = chosen
    window.take_settings()
    return window
