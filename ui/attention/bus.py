"""Notifications and the launcher's progress over the session bus (freedesktop.org).

QSystemTrayIcon's messages have neither urgency nor sound on Linux and need a tray, which GNOME has not;
PySide's QtDBus cannot send the unsigned number that ``Notify`` wants. So jeepney, which the keyring
brings in any case, on a thread of its own: a bus that hangs must not hold the window up.

Sources: Desktop Notifications Specification 1.2; Unity Launcher API, "Low level DBus API", which KDE's
and GNOME's docks understand as well.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ui.attention.words import Kind, Note

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

log = logging.getLogger("greenbar.notices")

ANSWER_SECONDS: Final = 2.0
DESKTOP_ENTRY: Final = "greenbar"
_LOOK: Final = {
    Kind.FINISHED: ("dialog-information", 1, ""),
    Kind.FAILED: ("dialog-warning", 1, ""),
    Kind.QUESTION: ("dialog-question", 2, "dialog-question"),
}
"""Icon, urgency (2 stays until it is read) and sound."""


class Bus:
    """Call from one thread; the calls return at once. Without a session bus nothing happens."""

    def __init__(self, address: str = "SESSION") -> None:
        self._address = address
        self._work: queue.SimpleQueue[Callable[[DBusConnection], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._shown = 0
        """The number of the notification on show, which the next one replaces."""

    def notify(self, note: Note, *, sound: bool) -> None:
        self._do(lambda connection: self._notify(connection, note, sound))

    def withdraw(self) -> None:
        """The user is back: take away what is still on show."""
        if self._thread is not None:
            self._do(self._withdraw)

    def progress(self, share: float | None) -> None:
        """Show how far the work is, 0 to 1, at the launcher's icon; ``None`` takes it away."""
        self._do(lambda connection: _progress(connection, share))

    def close(self) -> None:
        """End the thread; waits for what hangs no longer than it may take."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(ANSWER_SECONDS + 1)
            self._thread = None

    def _do(self, work: Callable[[DBusConnection], None]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="greenbar-notices", daemon=True)
            self._thread.start()
        self._work.put(work)

    def _serve(self) -> None:
        try:
            from jeepney.io.blocking import open_dbus_connection

            connection = open_dbus_connection(self._address)
        except (ImportError, OSError, KeyError, ValueError) as error:
            log.info("no session bus: %s", error)
            while self._work.get() is not None:
                pass
            return
        with connection:
            while (work := self._work.get()) is not None:
                try:
                    work(connection)
                except (OSError, ValueError, TimeoutError) as error:
                    log.info("the session bus does not answer: %s", error)

    def _notify(self, connection: DBusConnection, note: Note, sound: bool) -> None:
        icon, urgency, heard = _LOOK[note.kind]
        hints: dict[str, tuple[str, Any]] = {
            "urgency": ("y", urgency),
            "desktop-entry": ("s", DESKTOP_ENTRY),
        }
        if heard and sound:
            hints["sound-name"] = ("s", heard)
        else:
            hints["suppress-sound"] = ("b", True)
        body = ("Greenbar", self._shown, icon, note.title, _plain(note.text), [], hints, -1)
        answer = _call(connection, "Notify", "susssasa{sv}i", body)
        self._shown = answer[0] if answer and isinstance(answer[0], int) else 0

    def _withdraw(self, connection: DBusConnection) -> None:
        if self._shown:
            _call(connection, "CloseNotification", "u", (self._shown,))
            self._shown = 0


def _call(connection: DBusConnection, method: str, signature: str, body: tuple[Any, ...]) -> Any:
    """The answer's body; empty where nobody shows notifications."""
    from jeepney import DBusAddress, MessageType, new_method_call

    service = DBusAddress(
        "/org/freedesktop/Notifications",
        bus_name="org.freedesktop.Notifications",
        interface="org.freedesktop.Notifications",
    )
    message = new_method_call(service, method, signature, body)
    reply = connection.send_and_get_reply(message, timeout=ANSWER_SECONDS)
    if reply.header.message_type is MessageType.error:
        log.info("no notification: %s", reply.body)
        return ()
    return reply.body


def _progress(connection: DBusConnection, share: float | None) -> None:
    from jeepney import DBusAddress, new_signal

    emitter = DBusAddress("/greenbar", interface="com.canonical.Unity.LauncherEntry")
    properties = {
        "progress": ("d", share or 0.0),
        "progress-visible": ("b", share is not None),
    }
    body = (f"application://{DESKTOP_ENTRY}.desktop", properties)
    connection.send(new_signal(emitter, "Update", "sa{sv}", body))


def _plain(text: str) -> str:
    """Bodies may be read as markup; what comes from outside is not."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
