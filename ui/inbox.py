"""The one door from core's thread to the window.

``push`` may be called from any thread and touches nothing of Qt: it appends to a deque and, where
the window sleeps, writes one byte into a socket that the GUI thread watches. The GUI thread then
drains on a 33 ms timer that runs only while there is something, coalesced, a few milliseconds at
a time; urgent bodies wake it at once.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal

from core import events as ev
from ui.coalesce import coalesce, is_urgent

INTERVAL_MS: Final = 33
SLICE_SECONDS: Final = 0.008
"""Work done in one drain before the event loop gets its turn."""
CHUNK: Final = 64
"""Events handed over before the clock is looked at again."""


class Inbox(QObject):
    """Carries events to the GUI thread; belongs to the GUI thread but for :meth:`push`."""

    arrived = Signal(list)
    """A list of :class:`ui.coalesce.Arrival`, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: deque[ev.Event] = deque()
        self._awake = False
        self._urgent = 0
        self._urgent_done = 0
        self._bell, self._listener = socket.socketpair()
        self._bell.setblocking(False)
        self._listener.setblocking(False)
        self._notifier = QSocketNotifier(self._listener.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._drain)

    def push(self, event: ev.Event) -> None:
        """Queue one event. Thread-safe, never blocks; a no-op after :meth:`close`."""
        self._events.append(event)
        if is_urgent(event.body):
            # Only core's one thread pushes, so the count needs no lock.
            self._urgent += 1
            self._ring()
        elif not self._awake:
            self._awake = True
            self._ring()

    def pending(self) -> int:
        """How many events wait."""
        return len(self._events)

    def is_running(self) -> bool:
        """True while the timer runs: only while there is, or has just been, something."""
        return self._timer.isActive()

    def close(self) -> None:
        """Stop listening and free the socket. Idempotent."""
        self._timer.stop()
        self._notifier.setEnabled(False)
        self._bell.close()
        self._listener.close()

    def _ring(self) -> None:
        # A full socket means that the bell has been rung already; a closed one that nobody listens.
        with contextlib.suppress(BlockingIOError, OSError):
            self._bell.send(b"!")

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            while self._listener.recv(4096):
                pass
        self._awake = True
        if self._urgent > self._urgent_done or not self._timer.isActive():
            self._drain()

    def _drain(self) -> None:
        deadline = time.perf_counter() + SLICE_SECONDS
        events = self._events
        while events and time.perf_counter() < deadline:
            taken = [events.popleft() for _ in range(min(CHUNK, len(events)))]
            self._urgent_done += sum(is_urgent(event.body) for event in taken)
            self.arrived.emit(coalesce(taken))
        if events:
            # Something urgent further back: come again as soon as the event loop has had its turn.
            self._timer.start(0 if self._urgent > self._urgent_done else INTERVAL_MS)
            return
        self._timer.stop()
        self._awake = False
        if events:  # pushed between the last look and the line above
            self._awake = True
            self._timer.start(INTERVAL_MS)
