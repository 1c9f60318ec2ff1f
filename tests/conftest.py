"""For every test: nothing may be left running, and in CI nothing that needs the machine may skip."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator

import psutil
import pytest

MACHINE_MARKS = ("docker", "bubblewrap", "model", "keyring")
SETTLE_SECONDS = 3.0
NO_CASES = "the shared cases are not beside this checkout"
"""A skip that CI allows: the data is not part of this repository."""
NO_PROGRAM = "is not part of this machine"
"""Another one: set-up installs sandboxes, not the toolchains of other languages."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With GREENBAR_REQUIRE=all (as in CI), a skip for want of Docker and the like is a failure."""
    report = yield
    required = os.environ.get("GREENBAR_REQUIRE") == "all"
    needs_machine = any(item.get_closest_marker(mark) for mark in MACHINE_MARKS)
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    allowed = NO_CASES in reason or NO_PROGRAM in reason
    if report.skipped and required and needs_machine and not allowed:
        report.outcome = "failed"
        report.longrepr = f"GREENBAR_REQUIRE=all, and this was skipped: {reason}"
    return report


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A thread or a child process that outlives its test fails it."""
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
