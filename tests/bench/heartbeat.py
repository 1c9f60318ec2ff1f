"""The worst gap of a GUI heartbeat while 20,000 tokens and 2,000 test results stream in.

A timer of 5 ms ticks on the GUI thread of the real window (offscreen); another thread pushes events
as core does. A gap is the time between two ticks.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time

from tests.bench.stats import spread

RUNS = 5
TICK_MS = 5
TESTS = 2000
TOKENS = 20_000
SETTLE_SECONDS = 0.5


def measure_heartbeat() -> dict[str, object]:
    """Milliseconds. Each run is a process of its own."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    worst, streaming = [], []
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.heartbeat"],
            env=env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        record = json.loads(done.stdout)
        worst.append(record["worst_gap_ms"])
        streaming.append(record["seconds"])
    return {
        "tests": TESTS,
        "tokens": TOKENS,
        "worst_gap_ms": spread(worst, 1),
        "streaming_seconds": spread(streaming, 2),
    }


def beat() -> dict[str, float]:
    """One run, in this process."""
    from app.interpreter import give_way_to_the_window

    give_way_to_the_window()
    from PySide6.QtCore import QTimer

    from tests.ui.replay import Stage, storm
    from ui.app import create_application

    application = create_application(["greenbar"])
    stage = Stage(application)
    stage.show()
    stage.settle(SETTLE_SECONDS)
    bodies = list(storm(TESTS, TOKENS))
    ticks = [time.perf_counter()]
    timer = QTimer()
    timer.setInterval(TICK_MS)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start()
    pusher = threading.Thread(target=lambda: [stage.inbox.push(stage.event(b)) for b in bodies])
    began = time.perf_counter()
    pusher.start()

    def end_when_shown() -> None:
        if not pusher.is_alive() and not stage.inbox.pending():
            application.quit()

    watch = QTimer()
    watch.setInterval(50)
    watch.timeout.connect(end_when_shown)
    watch.start()
    application.exec()
    pusher.join()
    seconds = time.perf_counter() - began
    timer.stop()
    watch.stop()
    stage.close()
    gaps = [(b - a) * 1000 for a, b in itertools.pairwise(ticks)]
    return {"worst_gap_ms": max(gaps), "seconds": seconds}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(beat()) + "\n")
