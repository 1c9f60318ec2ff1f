"""The proof at the end of a fix, and on demand, over real test runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.commands import Accept, Fix, OpenRepository
from core.events import Accepted, FixFinished, Proven
from core.session.journal import read_journal
from core.types import Budget, Verdict
from tests.core.search.memory import Ideas

BUDGET = Budget(seconds=100.0)
"""A fifth of it, and so twenty seconds, for the proof."""
GAP = "".join(f"\n# {n}\n" for n in range(8))
SOURCE = (
    f'"""Sums."""\n{GAP}\n\ndef add(a, b):\n    return a - b\n{GAP}\n\n'
    f"def twice(a):\n    return add(a, 0)\n{GAP}\n\ndef size(items):\n    return items['size']\n"
)
FIXED = (
    SOURCE.replace("a - b", "a + b")
    .replace("add(a, 0)", "add(a, a)")
    .replace("items['size']", "len(items)")
    .replace('"""Sums."""', '"""Sums and sizes."""')
)
TESTS = (
    "from m import add, size, twice\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\n"
    "def test_twice():\n    assert twice(4) == 8\n\n\ndef test_size():\n    assert size([1, 2]) == 2\n"
)


def test_a_green_fix_is_left_out_again_whole_and_hunk_by_hunk(with_session, repository):
    root = repository({"m.py": SOURCE, "test_m.py": TESTS})

    async def work(opened):
        opened.services.having = (Ideas([FIXED]),)
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        assert result.verdict is Verdict.GREEN
        return opened, result

    opened, result = with_session(work)
    kinds = [event.kind for event in opened.events]
    assert kinds.index("FixFinished") < kinds.index("Proven"), "the verdict does not wait for it"
    [proven] = opened.bodies(Proven)
    assert proven.candidate == result.best.id
    assert proven.whole
    proof = proven.proof
    assert proof.bites
    assert {test.node_id: test.cause for test in proof.reverted} == {
        "test_m.py::test_add": "assertion failed",
        "test_m.py::test_twice": "assertion failed",
        "test_m.py::test_size": "TypeError",
    }
    needed = {need.hunk: set(need.tests) for need in proof.hunks}
    assert needed == {
        "m.py#0": set(),
        "m.py#1": {"test_m.py::test_add", "test_m.py::test_twice"},
        "m.py#2": {"test_m.py::test_twice"},
        "m.py#3": {"test_m.py::test_size"},
    }
    assert [need.hunk for need in proof.hunks if need.is_idle] == ["m.py#0"]
    assert (root / "m.py").read_text() == SOURCE
    assert proven in [event.body for event in read_journal(opened.session.journal_path)]


def test_a_choice_of_hunks_is_verified_and_then_proved(with_session, repository):
    root = repository({"m.py": SOURCE, "test_m.py": TESTS})

    async def work(opened):
        opened.services.having = (Ideas([FIXED]),)
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        await opened.session.proving.prove(result.best.id, ("m.py#0", "m.py#1"))
        return opened

    proven = with_session(work).bodies(Proven)[-1]
    assert not proven.whole
    assert [test.node_id for test in proven.proof.reverted] == ["test_m.py::test_add"]
    assert [need.tests for need in proven.proof.hunks] == [(), ("test_m.py::test_add",)]


def test_a_fix_without_a_confident_candidate_has_nothing_to_prove(with_session, repository):
    root = repository(
        {"m.py": "def f():\n    return 1\n", "test_m.py": "def test_f():\n    assert not 'never'\n"}
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), replace(BUDGET, seconds=4.0))
        assert result.verdict is not Verdict.GREEN
        return opened

    assert with_session(work).bodies(Proven) == []


def test_stop_during_the_proof_keeps_the_verdict(with_session, repository):
    sleeps = "\n\ndef test_slow():\n    time.sleep(0.6)\n    assert add(1, 1) < 9\n"
    slow = f"import time\n{TESTS}{sleeps}"
    root = repository({"m.py": SOURCE, "test_m.py": slow})

    async def work(opened):
        opened.services.having = (Ideas([FIXED]),)
        await opened.session.open(str(root))
        await opened.session.run_tests()
        fix = asyncio.create_task(opened.session.fix((), BUDGET))
        while not opened.bodies(FixFinished):
            await asyncio.sleep(0.01)
        fix.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fix
        await opened.session.review.accept(opened.bodies(FixFinished)[0].result.best.id)
        return opened

    opened = with_session(work)
    assert opened.bodies(FixFinished)[0].result.verdict is Verdict.GREEN
    assert (root / "m.py").read_text() == FIXED


def test_accept_ends_the_proof(with_engine, repository):
    naps = "\n\ndef test_nap():\n    time.sleep(0.5)\n    assert add(1, 1) < 9\n"
    root = repository({"m.py": SOURCE, "test_m.py": f"import time\n{TESTS}{naps}"})

    async def work(running):
        running.services.having = (Ideas([FIXED]),)
        await running.do(OpenRepository(str(root)))
        running.engine.handle(Fix(budget=BUDGET))
        finished = await running.until(FixFinished)
        await running.do(Accept(finished.result.best.id))
        assert running.of(Accepted)
        assert not running.of(Proven), "it was ended, not waited for"

    with_engine(work)
    assert (root / "m.py").read_text() == FIXED
