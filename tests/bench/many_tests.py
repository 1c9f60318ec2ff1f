"""10,000 real tests streaming into the real window: its heartbeat, its memory, and the time.

The whole program in one process, as a user has it: window (offscreen), core thread, engine, sandbox.
A timer of 5 ms ticks on the GUI thread from *open repository* until the window is idle again; a gap is
the time between two ticks. On a busy machine other work lengthens gaps; ``worst_gap_own_ms`` is how much
processor time this process used within one gap, all threads together, whatever else was running.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import plain
from tests.bench.driving import bench_paths, bench_settings, usable_sandboxes
from tests.bench.stats import median_ratio, spread
from tests.bench.suites import many_tests

TESTS = 10_000
RUNS = 3
TICK_MS = 5
SETTLE_SECONDS = 1.0
OPENING_SECONDS = 1.0
"""From *open* until the first result at the earliest; core is imported in that time."""


def measure_many_tests(tests: int = TESTS) -> dict[str, object]:
    """Milliseconds, megabytes, seconds; each run is a process of its own."""
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as folder:
        root = many_tests(Path(folder) / "suite", tests)
        report: dict[str, object] = {"tests": tests}
        for kind, trouble in usable_sandboxes().items():
            if trouble:
                report[kind] = {"missing": trouble}
                continue
            records, host = [], []
            for _ in range(RUNS):
                records.append(_one_window(kind, root))
                host.append(plain.on_host(root))
            seconds = [record["seconds"] for record in records]
            report[kind] = {
                "worst_gap_ms": spread([record["worst_gap_ms"] for record in records], 1),
                "worst_gap_streaming_ms": spread([r["worst_gap_streaming_ms"] for r in records], 1),
                "worst_gap_own_ms": spread([record["worst_gap_own_ms"] for record in records], 1),
                "worst_gap_at_seconds": [record["worst_gap_at_seconds"] for record in records],
                "window_idle_again_seconds": spread(seconds, 2),
                "plain_on_host_seconds": spread(host, 2),
                "ratio_to_plain": median_ratio(seconds, host),
                "megabytes_before": spread([record["megabytes_before"] for record in records], 0),
                "megabytes_after": spread([record["megabytes_after"] for record in records], 0),
            }
        return report


def _one_window(kind: str, root: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.many_tests", kind, str(root)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    record: dict[str, float] = json.loads(done.stdout)
    return record


def watch_one_run(kind: str, root: Path, home: Path, picture: Path | None = None) -> dict[str, float]:
    """One window in this process."""
    import psutil

    from app.interpreter import give_way_to_the_window

    give_way_to_the_window()
    from PySide6.QtCore import QTimer

    from app.core_thread import CoreThread
    from app.services import AppServices
    from core.session.emitter import Emitter
    from core.session.engine import Engine
    from ui.app import build_window, create_application
    from ui.inbox import Inbox
    from ui.state import UiState

    application = create_application(["greenbar"])
    inbox = Inbox()
    core = CoreThread(
        lambda: Engine(AppServices(bench_paths(home)), bench_settings(kind), Emitter((inbox.push,)))
    )
    window = build_window(core.post, inbox, UiState())
    window.resize(1440, 900)
    window.show()
    core.start()
    memory = psutil.Process().memory_info
    before = memory().rss
    ticks: list[tuple[float, float]] = []

    def idle() -> bool:
        session = window.session
        return bool(session.run_ended) and not session.is_busy() and not inbox.pending()

    def end_when_idle() -> None:
        if idle() and ends and time.perf_counter() - ends[0] > SETTLE_SECONDS:
            application.quit()
        elif idle() and not ends:
            ends.append(time.perf_counter())

    def begin() -> None:
        ticks.append(_now())
        heart.start()
        watch.start()
        window.open_path(str(root))

    ends: list[float] = []
    heart, watch = QTimer(), QTimer()
    heart.timeout.connect(lambda: ticks.append(_now()))
    watch.timeout.connect(end_when_idle)
    QTimer.singleShot(int(SETTLE_SECONDS * 1000), begin)
    heart.setInterval(TICK_MS)
    watch.setInterval(20)
    application.exec()
    heart.stop()
    watch.stop()
    began = ticks[0][0]
    gaps = [
        ((wall - wall_before) * 1000, (own - own_before) * 1000, wall - began)
        for (wall_before, own_before), (wall, own) in itertools.pairwise(ticks)
    ]
    worst, _, at = max(gaps)
    after = memory().rss
    shown = window.session.counts()
    if picture is not None:
        window.grab().save(str(picture))
    window.close()
    core.stop()
    inbox.close()
    window.deleteLater()
    return {
        "tests": shown.total,
        "not_run": shown.waiting,
        "worst_gap_ms": worst,
        "worst_gap_streaming_ms": max(wall for wall, _, moment in gaps if moment > OPENING_SECONDS),
        "worst_gap_at_seconds": round(at, 2),
        "worst_gap_own_ms": max(own for _, own, _ in gaps),
        "gaps_over_50_ms": sum(gap > 50 for gap, _, _ in gaps),
        "seconds": ends[0] - began,
        "megabytes_before": before / 1e6,
        "megabytes_after": after / 1e6,
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def main() -> None:
    kind, root = sys.argv[1], Path(sys.argv[2])
    picture = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as home:
        record = watch_one_run(kind, root, Path(home), picture)
    sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
