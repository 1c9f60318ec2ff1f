"""For every test: nothing may be left running, and in CI nothing that needs the machine may skip."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from tests.leftovers import watch_for_leftovers

MACHINE_MARKS = ("docker", "bubblewrap", "model", "keyring")
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
    yield from watch_for_leftovers()
