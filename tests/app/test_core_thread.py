"""The thread of core: started late, stopped early, spoken to after its end."""

from __future__ import annotations

import threading
import time

from app.core_thread import CoreThread
from core.commands import Command, RunDoctor, RunTests
from core.session.engine import Engine


class Recorder:
    """Stands where the engine stands; keeps what it is told."""

    def __init__(self, close_seconds: float = 0.0) -> None:
        self.commands: list[Command] = []
        self.closed = False
        self.handled = threading.Event()

    def handle(self, command: Command) -> None:
        self.commands.append(command)
        self.handled.set()

    async def close(self) -> None:
        self.closed = True


def make(recorder: Recorder, seconds: float = 0.0) -> CoreThread:
    def engine() -> Engine:
        time.sleep(seconds)  # core's imports
        return recorder  # type: ignore[return-value]

    return CoreThread(engine)


def test_commands_from_before_the_start_are_kept_in_order() -> None:
    recorder = Recorder()
    core = make(recorder)
    core.post(RunDoctor())
    core.post(RunTests())
    core.start()
    recorder.handled.wait(5.0)
    assert core.stop()
    assert recorder.commands == [RunDoctor(), RunTests()]
    assert recorder.closed


def test_a_window_closed_while_core_is_still_loading_waits_for_nothing_else() -> None:
    recorder = Recorder()
    core = make(recorder, 0.4)
    core.start()
    core.post(RunTests())
    began = time.monotonic()
    assert core.stop()
    assert time.monotonic() - began < 2.0
    assert recorder.closed
    assert recorder.commands == [], "what nobody will see is not begun"


def test_a_core_that_was_never_started_stops_at_once() -> None:
    assert make(Recorder()).stop()


def test_commands_after_the_end_are_ignored() -> None:
    recorder = Recorder()
    core = make(recorder)
    core.start()
    assert core.stop()
    core.post(RunTests())
    assert recorder.commands == []
    assert core.stop()
