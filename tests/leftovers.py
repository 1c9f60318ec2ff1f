"""Threads and child processes that something leaves running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psutil
import pytest

SETTLE_SECONDS = 3.0


def watch_for_leftovers() -> Iterator[None]:
    """The inside of a fixture that fails where what began in its scope is still there at its end."""
    me = psutil.Process()
    threads = set(threading.enumerate())
    children = {child.pid for child in me.children(recursive=True)}
    yield
    deadline = time.monotonic() + SETTLE_SECONDS
    while left := _left(me, threads, children):
        if time.monotonic() > deadline:
            pytest.fail(f"left running: {', '.join(left)}")
        time.sleep(0.02)


def _left(me: psutil.Process, threads: set[threading.Thread], children: set[int]) -> list[str]:
    left = [f"thread {t.name}" for t in threading.enumerate() if t not in threads and t.is_alive()]
    for child in me.children(recursive=True):
        if child.pid not in children:
            try:
                left.append(f"process {child.pid} {child.name()}")
            except psutil.NoSuchProcess:
                continue
    return left
