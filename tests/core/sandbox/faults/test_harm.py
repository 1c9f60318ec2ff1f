"""Whatever a test does: it gets its own outcome, the next run works, and nothing is left.

All that is tried on one kind of sandbox shares a pool with one worker, as candidates do.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.sandbox.base import Environment, Limits
from core.testing.base import RunLimits, RunOutcome, RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, SandboxKind
from tests.core.sandbox.faults.harm import HARMS
from tests.processes import named

from .conftest import Open

LIMITS = Limits(memory_bytes=1024**3, processes=64, cpus=2.0, work_bytes=160 * 1024**2)
RUN = RunLimits(test_seconds=20.0, run_seconds=60.0)
HEAD = """\
import os, signal, sys, time
NAME = {name!r}
HERE = {here!r}
WORK = os.getcwd()


def mark():
    with open("/proc/self/comm", "w") as file:
        file.write(NAME)


def test_before():
    pass


def test_harm():
"""
AFTER = """

def test_after():
    assert open("/dev/null").read() == ""
"""
HONEST = """\
import os, m


def test_next():
    assert m.ANSWER == 42
    assert sorted(os.listdir(".")) == {files!r}
    assert open("data/table.txt").read() == "1 2 3\\n"
    assert oct(os.stat("data").st_mode) == {mode!r}
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a harmful run, of an honest one after it, and what was left then."""

    outcome: RunOutcome
    next: RunOutcome
    left: list[int]


async def try_all(
    prepared: Open, kind: SandboxKind, copy: Path, names: Iterable[str]
) -> dict[str, Tried]:
    tried = {}
    async with prepared(kind) as sandbox:
        pool = WorkerPool(sandbox, copy, Environment(), LIMITS, 1)
        try:
            for name in names:
                process = f"gb{secrets.token_hex(5)}"
                body = "\n".join(f"    {line}" for line in HARMS[name].body.strip().splitlines())
                text = HEAD.format(name=process, here=str(Path(__file__))) + body + "\n" + AFTER
                honest = HONEST.format(
                    files=["data", "m.py", "test_it.py"], mode=oct((copy / "data").stat().st_mode)
                )
                single = {"test_it.py::test_harm": HARMS[name].seconds}
                harmful = RunRequest({"test_it.py": text.encode()}, limits=RUN, test_seconds=single)
                outcome = await pool.run(harmful)
                following = await pool.run(RunRequest({"test_it.py": honest.encode()}, limits=RUN))
                tried[name] = Tried(outcome, following, named(process))
        finally:
            await pool.close()
    return tried


@pytest.fixture(scope="module")
def tried(
    request: pytest.FixtureRequest, prepared: Open, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[SandboxKind, str], Tried]:
    """What every harm that a selected test asks for has led to."""
    copy = tmp_path_factory.mktemp("harm")
    (copy / "m.py").write_text("ANSWER = 42\n")
    (copy / "data").mkdir()
    (copy / "data" / "table.txt").write_text("1 2 3\n")
    wanted: dict[SandboxKind, list[str]] = {}
    for item in request.session.items:
        if item.path == Path(__file__) and hasattr(item, "callspec"):
            params = item.callspec.params
            wanted.setdefault(params["kind"], []).append(params["name"])

    async def all_kinds() -> dict[tuple[SandboxKind, str], Tried]:
        # Side by side, as most of it waits: for a time limit, or for what a harm has left to be gone.
        tried = await asyncio.gather(*(try_all(prepared, kind, copy, wanted[kind]) for kind in wanted))
        kinds = zip(wanted, tried, strict=True)
        return {(kind, name): one for kind, of_kind in kinds for name, one in of_kind.items()}

    return asyncio.run(all_kinds())


CASES = [
    pytest.param(kind, name, marks=marks, id=f"{name}-{kind}")
    for name, harm in HARMS.items()
    for kind, marks in (
        (SandboxKind.DOCKER, pytest.mark.docker),
        (SandboxKind.BUBBLEWRAP, pytest.mark.bubblewrap),
        (SandboxKind.HOST, ()),
    )
    if harm.on_host or kind is not SandboxKind.HOST
]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_nothing_but_its_own_outcome_comes_of_a_test_that(
    kind: SandboxKind, name: str, tried: dict[tuple[SandboxKind, str], Tried]
) -> None:
    harm, seen = HARMS[name], tried[kind, name]
    report = seen.outcome.report
    by_name = {r.node_id.partition("::")[2]: r for r in report.results}
    assert report.end in harm.ends, report.detail
    assert by_name["test_before"].outcome is Outcome.PASSED
    if "test_harm" in by_name or not harm.may_cost_the_worker:
        assert by_name["test_harm"].outcome in harm.outcomes, by_name["test_harm"]
        assert harm.says in by_name["test_harm"].message
    else:
        assert "too many processes" in report.detail
    if name == "fills the memory":
        # A control group's limit kills; a process's own limit is an exception.
        says = "killed: out of memory" if kind is SandboxKind.DOCKER else "MemoryError"
        assert says in by_name["test_harm"].message
    if harm.goes_on:
        assert by_name["test_after"].outcome is Outcome.PASSED, by_name["test_after"]
    [following] = seen.next.report.results
    assert following.outcome is Outcome.PASSED, following
    assert not seen.next.lost
    assert seen.left == []
