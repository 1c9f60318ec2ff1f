"""The conversation in the real window (offscreen): an answer of 20,000 tokens streams in, 2,000 messages
scroll, keys are typed beneath them.

A timer of 5 ms ticks on the GUI thread; a gap is the time between two ticks. On a busy machine other work
lengthens gaps: ``own`` figures are the processor time that this process used within one gap or key, all
threads together, whatever else was running.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from tests.bench.stats import spread

RUNS = 3
TICK_MS = 5
MESSAGES = 2000
TOKENS = 20_000
KEYS = 120
SCROLLS = 200
SETTLE_SECONDS = 0.5
_SENTENCE = "The **header** without a value is kept, because `parse` in headers/parse.py:25 stores it. "
_CODE = "```python\nfor line in raw.split('\\n'):\n    name, _, value = line.partition(':')\n```\n\n"
_TABLE = "| input | now |\n|---|---|\n| `X:` | `{}` |\n| `A: 1` | `{'A': '1'}` |\n\n"


def measure_conversation() -> dict[str, object]:
    """Milliseconds. Each run is a process of its own."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    records = []
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.conversation"],
            env=env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        records.append(json.loads(done.stdout))
    return {
        "messages": MESSAGES,
        "tokens": TOKENS,
        **{name: spread([record[name] for record in records], 1) for name in records[0]},
    }


def answer(tokens: int) -> Iterator[str]:
    """An answer of about so many tokens, in pieces of one: prose, lists, code, a table."""
    block = "## What happens\n\n" + _SENTENCE * 6 + "\n\n1. one\n2. two\n   - three\n\n" + _CODE + _TABLE
    text = block * (tokens * 4 // len(block) + 1)
    yield from (text[at : at + 4] for at in range(0, tokens * 4, 4))


class _Heart:
    """Ticks, and what the process has used by each."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.ticks = [(time.perf_counter(), time.process_time())]
        self._timer = QTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(lambda: self.ticks.append((time.perf_counter(), time.process_time())))

    def start(self) -> None:
        self.ticks = [(time.perf_counter(), time.process_time())]
        self._timer.start()

    def stop(self) -> tuple[float, float]:
        """The worst gap, and the most processor time within one."""
        self._timer.stop()
        pairs = list(itertools.pairwise(self.ticks))
        gaps = [(b[0] - a[0]) * 1000 for a, b in pairs]
        own = [(b[1] - a[1]) * 1000 for a, b in pairs]
        return max(gaps, default=0.0), max(own, default=0.0)


def beat() -> dict[str, float]:
    """One run, in this process."""
    from app.interpreter import give_way_to_the_window

    give_way_to_the_window()
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest

    from core import events as ev
    from core.types import Author, ChatMessage, RepositoryInfo, TokenUsage
    from tests.ui.replay import Stage
    from ui.app import create_application

    application = create_application(["greenbar"])
    stage = Stage(application)
    stage.show()
    stage.settle(SETTLE_SECONDS)
    stage.play(ev.RepositoryOpened(RepositoryInfo("/tmp/talk", "talk", "main", 0, 1)))
    stage.settle(SETTLE_SECONDS)
    text = "".join(answer(150))
    messages = tuple(
        ChatMessage(n, 1.7e9, Author.MODEL if n % 2 == 0 else Author.USER, text if n % 2 == 0 else "Why?")
        for n in range(1, MESSAGES + 1)
    )
    heart = _Heart()

    def run_until(done: object) -> None:
        watch = QTimer()
        watch.setInterval(50)
        watch.timeout.connect(lambda: application.quit() if done() else None)  # type: ignore[operator]
        watch.start()
        application.exec()
        watch.stop()

    heart.start()
    stage.inbox.push(stage.event(ev.ConversationOpened(messages)))
    pane = stage.window.ensure_workspace().conversation
    run_until(lambda: not stage.inbox.pending() and not pane._older and len(pane._of) == MESSAGES)
    opening, opening_own = heart.stop()

    bar = pane.rows.verticalScrollBar()
    heart.start()
    scrolling = iter(range(SCROLLS))

    def scroll() -> None:
        number = next(scrolling, None)
        if number is None:
            turn.stop()
        else:
            bar.setValue(int(bar.maximum() * ((number * 37) % SCROLLS) / SCROLLS))

    turn = QTimer()
    turn.setInterval(10)
    turn.timeout.connect(scroll)
    turn.start()
    run_until(lambda: not turn.isActive())
    jumping, jumping_own = heart.stop()

    pane.rows.go_to_end()
    edit = pane.composer.edit
    edit.setFocus()
    walls, owns = [], []
    for number in range(KEYS):
        wall, own = time.perf_counter(), time.process_time()
        QTest.keyClick(edit, "abcde @"[number % 7])
        application.processEvents()
        walls.append((time.perf_counter() - wall) * 1000)
        owns.append((time.process_time() - own) * 1000)
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    edit.clear()

    number = MESSAGES + 1
    bodies = [
        ev.AnswerStarted(number, "model", (), "prompt"),
        *(ev.AnswerStreamed(number, piece) for piece in answer(TOKENS)),
    ]
    pusher = threading.Thread(target=lambda: [stage.inbox.push(stage.event(b)) for b in bodies])
    began = time.perf_counter()
    heart.start()
    pusher.start()
    run_until(lambda: not pusher.is_alive() and not stage.inbox.pending())
    streaming, streaming_own = heart.stop()
    seconds = time.perf_counter() - began
    whole = "".join(answer(TOKENS))
    heart.start()
    ended = ChatMessage(number, 1.7e9, Author.MODEL, whole)
    stage.inbox.push(stage.event(ev.AnswerEnded(ended, TokenUsage())))
    run_until(lambda: not stage.inbox.pending())
    ending, _ = heart.stop()
    alive = pane.rows.alive()
    stage.close()
    return {
        "opening_worst_gap_ms": opening,
        "opening_worst_own_ms": opening_own,
        "jumping_worst_gap_ms": jumping,
        "jumping_worst_own_ms": jumping_own,
        "key_median_ms": sorted(walls)[KEYS // 2],
        "key_worst_ms": max(walls),
        "key_worst_own_ms": max(owns),
        "streaming_worst_gap_ms": streaming,
        "streaming_worst_own_ms": streaming_own,
        "streaming_seconds": seconds,
        "ending_worst_gap_ms": ending,
        "rows_built": alive,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(beat()) + "\n")
