"""The worst gap of the window's heartbeat in what fills it most: see :data:`SCENES`.

A timer of 5 ms ticks on the GUI thread of the real window (offscreen); a gap is the time between two
ticks. Events come through the inbox from another thread, as core's do. Each run is a process of its own.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.bench.stats import spread

if TYPE_CHECKING:
    from core.events import Body
    from tests.ui.replay import Stage

RUNS = 3
TICK_MS = 5
SETTLE_SECONDS = 1.0
BAR_MS = 33.0
TESTS, CANDIDATES, NODES, DIFF_LINES, TOKENS = 5_000, 200, 5_000, 20_000, 20_000


def measure_desktop() -> dict[str, object]:
    """Milliseconds: the worst gap of each scene, by runs."""
    report: dict[str, object] = {"bar_ms": BAR_MS}
    for scene in SCENES:
        worst = [_one(scene)["worst_gap_ms"] for _ in range(RUNS)]
        report[scene] = spread(worst, 1)
    return report


def _one(scene: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.desktop", scene],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    record: dict[str, float] = json.loads(done.stdout)
    return record


# --- scenes -----------------------------------------------------------------------------------------


def _tokens(stage: Stage) -> Iterator[Body]:
    """Twenty thousand pieces of an answer, with two thousand results."""
    from tests.ui.replay import storm

    yield from storm(2_000, TOKENS)


def _suite() -> tuple[tuple[str, ...], tuple[Body, ...]]:
    from core import events as ev
    from core.types import Budget, Outcome, TestReport, TestResult
    from tests.ui import replay

    nodes = tuple(f"tests/test_{number // 50}.py::test_{number}" for number in range(TESTS))
    results = tuple(
        TestResult(node, Outcome.FAILED if place % 40 == 0 else Outcome.PASSED)
        for place, node in enumerate(nodes)
    )
    bodies = (
        *replay.opened(),
        ev.TestRunStarted("baseline"),
        ev.TestRunFinished("baseline", TestReport(results, nodes, 1.0)),
        ev.FixStarted(nodes[:1], Budget(), ("mutation",), "", "auto"),
    )
    return nodes, bodies


def _matrix(stage: Stage) -> Iterator[Body]:
    """Two hundred candidates, each with a result for five thousand tests."""
    from core import events as ev
    from core.types import Comparison, Evidence, Rung, Verdict

    nodes, bodies = _suite()
    stage.play(*bodies)
    stage.window.handlers.trigger("tab_matrix")
    stage.settle(SETTLE_SECONDS)
    chance = random.Random(3)
    for number in range(1, CANDIDATES + 1):
        fixed = tuple(chance.sample(nodes, 60))
        comparison = Comparison(Verdict.WORSE, fixed=fixed, broken=tuple(chance.sample(nodes, 4)))
        yield ev.CandidateProposed(number, "mutation", "m.py:2 swap", ("m.py",), 1, 1)
        yield ev.CandidateVerified(Evidence(number, Rung.SUITE, comparison, 0.1, TESTS), number == 1)


def _tree(stage: Stage) -> Iterator[Body]:
    """Five thousand candidates, many made of others, in the tree."""
    from core import events as ev
    from core.types import Comparison, Evidence, Rung, Verdict

    _, bodies = _suite()
    stage.play(*bodies, ev.CandidateProposed(1, "mutation", "m.py:1 first", ("m.py",), 1, 1))
    stage.window.handlers.trigger("toggle_tree")
    stage.window.ensure_workspace().candidates.tree.expandAll()
    stage.settle(SETTLE_SECONDS)
    chance = random.Random(3)
    names = ("mutation", "transplant", "infill", "direct_edit", "refine")
    comparison = Comparison(Verdict.UNCHANGED)
    for number in range(2, NODES + 1):
        parent = chance.randrange(1, number) if chance.random() < 0.3 else None
        proposer = chance.choice(names)
        yield ev.CandidateProposed(number, proposer, f"m.py:{number} swap", ("m.py",), 1, 1, parent)
        yield ev.CandidateVerified(Evidence(number, Rung.TARGET, comparison, 0.1, 1), False)


def _diff(stage: Stage) -> Iterator[Body]:
    """A diff of twenty thousand lines opens, and is scrolled through."""
    from PySide6.QtCore import QTimer

    from core import events as ev
    from core.repo.patch import build_patch, file_diffs
    from core.types import FileChange

    before = [f"value_{number} = compute({number}, 'text')\n" for number in range(DIFF_LINES)]
    after = [line if number % 7 else f"# {line}" for number, line in enumerate(before)]
    change = FileChange("big.py", "".join(before).encode(), "".join(after).encode())
    files = file_diffs(build_patch([change]), lambda _: False)
    _, bodies = _suite()
    stage.play(*bodies)
    stage.window.handlers.trigger("tab_review")
    stage.settle(SETTLE_SECONDS)
    bar = stage.window.ensure_workspace().review.view.verticalScrollBar()
    scroll = QTimer(stage.window)
    scroll.setInterval(16)
    scroll.timeout.connect(lambda: bar.setValue(bar.value() + 400))
    scroll.start()
    yield ev.ReviewReady(1, "big", files, None)
    # The rest of the scene is the scrolling: bodies that change nothing keep it going.
    for _ in range(40):
        time.sleep(0.05)
        yield ev.Noticed("on")


SCENES: dict[str, Callable[[Stage], Iterator[Body]]] = {
    "20,000 tokens and 2,000 results stream": _tokens,
    "a 20,000-line diff opens and scrolls": _diff,
    "a 200 x 5,000 matrix fills": _matrix,
    "a 5,000-node candidate tree grows": _tree,
}


def beat(scene: str) -> dict[str, float]:
    """One run, in this process."""
    from app.interpreter import give_way_to_the_window

    give_way_to_the_window()
    from PySide6.QtCore import QTimer

    from tests.ui.replay import Stage
    from ui.app import create_application

    application = create_application(["greenbar"])
    stage = Stage(application)
    stage.show()
    stage.settle(SETTLE_SECONDS)
    bodies = SCENES[scene](stage)
    first = next(bodies)  # what comes before it is the setting
    if scene.startswith("a 20,000"):
        every: Iterator[Body] = itertools.chain([first], bodies)
    else:
        every = iter([first, *bodies])
    ticks = [time.perf_counter()]
    timer, watch = QTimer(), QTimer()
    timer.setInterval(TICK_MS)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))

    def push() -> None:
        for body in every:
            stage.inbox.push(stage.event(body))

    pusher = threading.Thread(target=push)

    def end_when_shown() -> None:
        if not pusher.is_alive() and not stage.inbox.pending():
            application.quit()

    watch.setInterval(50)
    watch.timeout.connect(end_when_shown)
    ticks[0] = time.perf_counter()
    timer.start()
    watch.start()
    pusher.start()
    application.exec()
    pusher.join()
    timer.stop()
    watch.stop()
    stage.close()
    gaps = [(b - a) * 1000 for a, b in itertools.pairwise(ticks)]
    return {"worst_gap_ms": max(gaps), "seconds": ticks[-1] - ticks[0]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(beat(sys.argv[1])) + "\n")
