"""The user is called back when the window is not in front: by what ways, for what, how loud."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import DBus
from jeepney.io.blocking import open_dbus_connection
from PySide6.QtWidgets import QWidget

from core import events as ev
from core.types import (
    ConsentKind,
    ConsentRequest,
    Option,
    Question,
    QuestionSource,
    Settings,
    Verdict,
)
from tests.ui import replay
from tests.ui.replay import Stage
from ui.attention.bus import Bus
from ui.attention.center import Attention
from ui.attention.words import Kind, Note

RED = (*replay.opened(), *replay.suite_run())
ASKED = ev.QuestionAsked(
    Question(
        QuestionSource.DISAGREEMENT,
        "Should an empty header be dropped?",
        "Two fixes pass and differ.",
        (Option("Drop it"), Option("Keep it")),
        id=1,
    )
)


class Recorded:
    """Ways that write down what they were told."""

    def __init__(self) -> None:
        self.notes: list[tuple[Note, bool]] = []
        self.shares: list[float | None] = []
        self.withdrawn = 0

    def notify(self, note: Note, *, sound: bool) -> None:
        self.notes.append((note, sound))

    def withdraw(self) -> None:
        self.withdrawn += 1

    def progress(self, share: float | None) -> None:
        self.shares.append(share)

    def close(self) -> None:
        pass


@pytest.fixture
def ways(stage: Stage) -> Recorded:
    """Those of a window that is not on show, so never in front."""
    made = Recorded()
    stage.window.attention.ways = made
    return made


def test_a_fix_that_ends_is_told_with_its_verdict(stage: Stage, ways: Recorded) -> None:
    stage.play(*RED, *replay.fixing(), *replay.fixed())
    ((note, _),) = ways.notes
    assert note.kind is Kind.FINISHED
    assert note.title == "Fix of headers: proven"
    assert note.text.startswith("6 fixed, 0 broken, tests untouched, in ")


def test_no_confident_fix_is_told_as_such(stage: Stage, ways: Recorded) -> None:
    stage.play(*RED, *replay.fixing(12), *replay.fixed(Verdict.IMPROVED))
    assert [(note.kind, note.title) for note, _ in ways.notes] == [
        (Kind.FAILED, "No confident fix of headers")
    ]


@pytest.mark.parametrize(
    "body",
    [
        ASKED,
        ev.ConsentNeeded(ConsentRequest(ConsentKind.HOST, "Run it?", "Plain words.", "Run")),
    ],
)
def test_whoever_waits_for_an_answer_says_so(stage: Stage, ways: Recorded, body: ev.Body) -> None:
    stage.play(*RED, body)
    ((note, sound),) = ways.notes
    assert (note.kind, note.title, sound) == (Kind.QUESTION, "headers asks", True)


@pytest.mark.parametrize(("show", "told"), [("all", 2), ("questions", 1), ("none", 0)])
def test_what_is_muted_is_not_told(stage: Stage, ways: Recorded, show: str, told: int) -> None:
    chosen = Settings(look_theme="light", notices_show=show, notices_sound=False)
    stage.play(ev.SettingsChanged(chosen), *RED, ASKED, *replay.fixing(), *replay.fixed())
    assert len(ways.notes) == told
    assert not any(sound for _, sound in ways.notes)


def test_nothing_is_told_to_somebody_who_looks_at_the_window(stage: Stage, ways: Recorded) -> None:
    stage.show()
    stage.window.activateWindow()
    stage.settle()
    assert stage.window.isActiveWindow()
    stage.play(*RED, ASKED, *replay.fixing(), *replay.fixed())
    assert ways.notes == []


def test_what_was_told_is_taken_away_when_the_user_is_back(stage: Stage, ways: Recorded) -> None:
    stage.play(*RED, ASKED)
    stage.show()
    stage.window.activateWindow()
    stage.settle()
    assert ways.withdrawn == 1


def test_the_launcher_shows_how_much_of_the_time_is_spent(stage: Stage, ways: Recorded) -> None:
    stage.play(*RED, *replay.fixing(11))
    shares = [share for share in ways.shares if share is not None]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    stage.play(*replay.fixed(), ev.WorkEnded())
    assert ways.shares[-1] is None


def test_screen_readers_are_told_of_verdicts_and_questions(stage: Stage) -> None:
    said: list[tuple[str, bool]] = []

    def say(_window: QWidget, words: str, urgent: bool) -> None:
        said.append((words, urgent))

    stage.window.attention = Attention(stage.window, stage.window.session, say)
    stage.play(*RED, ASKED, *replay.fixing(), *replay.fixed(), ev.Accepted(1, ("a.py",)))
    assert ("6 tests fail.", False) in said
    assert ("headers asks. Should an empty header be dropped?", True) in said
    assert any(words.startswith("Fix of headers: proven. 6 fixed") for words, _ in said)
    assert said[-1] == ("Written: a.py.", False)


class Server:
    """A notification server of the specification on a bus of the test's own."""

    def __init__(self, address: str) -> None:
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.signals: list[tuple[object, ...]] = []
        self._connection = open_dbus_connection(address)
        bus = DBus()
        self._connection.send_and_get_reply(bus.RequestName("org.freedesktop.Notifications"))
        rule = "type='signal',interface='com.canonical.Unity.LauncherEntry'"
        self._connection.send_and_get_reply(bus.AddMatch(rule))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            member = message.header.fields.get(HeaderFields.member)
            if message.header.message_type is MessageType.signal and member == "Update":
                self.signals.append(message.body)
            elif member in ("Notify", "CloseNotification"):
                self.calls.append((member, message.body))
                signature, body = ("u", (7,)) if member == "Notify" else (None, ())
                self._connection.send(new_method_return(message, signature, body))
            elif message.header.message_type is MessageType.method_call:
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))

    def until(self, calls: int, signals: int = 0) -> None:
        deadline = time.monotonic() + 20
        while len(self.calls) < calls or len(self.signals) < signals:
            assert time.monotonic() < deadline, (self.calls, self.signals)
            time.sleep(0.01)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()


@pytest.fixture
def bus_address() -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    daemon.terminate()
    daemon.wait()
    daemon.stdout.close()


@pytest.mark.keyring
def test_a_question_looks_and_sounds_different_on_the_real_bus(bus_address: str) -> None:
    server, bus = Server(bus_address), Bus(bus_address)
    try:
        bus.notify(Note(Kind.FINISHED, "Fix of a: proven", "6 <b>fixed</b>."), sound=True)
        bus.notify(Note(Kind.QUESTION, "a asks", "Drop it?"), sound=True)
        bus.withdraw()
        bus.progress(0.25)
        server.until(calls=3, signals=1)
    finally:
        bus.close()
        server.close()
    (_, done), (_, asked), (closing, number) = server.calls
    assert done[3:5] == ("Fix of a: proven", "6 &lt;b&gt;fixed&lt;/b&gt;.")
    assert (done[1], asked[1]) == (0, 7)  # the second takes the place of the first
    assert done[6]["urgency"] == ("y", 1)  # type: ignore[index]
    assert "sound-name" not in done[6]  # type: ignore[operator]
    assert asked[6]["urgency"] == ("y", 2)  # type: ignore[index]
    assert asked[6]["sound-name"] == ("s", "dialog-question")  # type: ignore[index]
    assert done[2] != asked[2]
    assert (closing, number) == ("CloseNotification", (7,))
    entry, properties = server.signals[0]
    assert entry == "application://greenbar.desktop"
    assert properties["progress"] == ("d", 0.25)  # type: ignore[index]


def test_without_a_bus_nothing_happens_and_nothing_is_left() -> None:
    bus = Bus("unix:path=/nowhere/at/all")
    bus.notify(Note(Kind.FAILED, "a", "b"), sound=True)
    bus.progress(0.5)
    bus.close()
