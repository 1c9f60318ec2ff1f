"""Which tests go red without a fix, and without each of its hunks; over a runner in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from core.proof.prover import Prover
from core.proof.words import hunks_line, need_line, proof_lines, reverted_line
from core.repo.patch import hunk_ids
from core.testing.base import OnCollected, OnResult, RunLimits, RunOutcome, RunRequest
from core.types import (
    Comparison,
    FileChange,
    HunkNeed,
    NodeId,
    Outcome,
    Patch,
    Proof,
    TestReport,
    TestResult,
    Verdict,
    WithoutFix,
)

GAP = "".join(f"# {n}\n" for n in range(12))
BEFORE = f"a = 0\n{GAP}b = 0\n{GAP}c = 0\n"
AFTER = BEFORE.replace("= 0", "= 1")
PATCH = Patch((FileChange("m.py", BEFORE.encode(), AFTER.encode()),))
MESSAGES = {"t.py::test_a": "assert 0 == 1", "t.py::test_b": "KeyError: 'b'"}


def outcomes(source: str) -> dict[NodeId, TestResult]:
    """``test_a`` needs the first hunk, ``test_b`` the second, nobody the third."""
    right = {"t.py::test_a": "a = 1" in source, "t.py::test_b": "b = 1" in source, "t.py::test_c": True}
    return {
        node: TestResult(node, Outcome.PASSED, 0.01)
        if good
        else TestResult(node, Outcome.FAILED, 0.01, MESSAGES[node])
        for node, good in right.items()
    }


def report(results: Mapping[NodeId, TestResult]) -> TestReport:
    return TestReport(tuple(results.values()), tuple(results), 0.05)


BASELINE = report(outcomes(BEFORE))
COMPARISON = Comparison(Verdict.GREEN, fixed=("t.py::test_a", "t.py::test_b"))


@dataclass
class Runner:
    """Judges ``m.py`` as it lies in the overlay; ``seconds`` is how long a run takes."""

    seconds: float = 0.0
    slow_from: int = 10_000
    requests: list[RunRequest] = field(default_factory=list)

    async def run(
        self,
        request: RunRequest,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
    ) -> RunOutcome:
        self.requests.append(request)
        await asyncio.sleep(self.seconds if len(self.requests) < self.slow_from else 60.0)
        results = outcomes((request.overlay.get("m.py") or BEFORE.encode()).decode())
        if request.node_ids:
            results = {n: r for n, r in results.items() if n in request.node_ids}
        return RunOutcome(report(results))

    async def close(self) -> None:
        return


def prove(runner: Runner, patch: Patch = PATCH, seconds: float = 10.0, locked: str = "") -> Proof:
    prover = Prover(runner, BASELINE, RunLimits(), lambda path: path == locked)
    return asyncio.run(prover.prove(patch, COMPARISON, seconds))


def test_each_hunk_is_left_out_and_the_tests_that_need_it_are_named() -> None:
    runner = Runner()
    proof = prove(runner)
    assert [(need.place, need.tests) for need in proof.hunks] == [
        ("m.py:1", ("t.py::test_a",)),
        ("m.py:14", ("t.py::test_b",)),
        ("m.py:27", ()),
    ]
    assert [need.is_idle for need in proof.hunks] == [False, False, True]
    assert proof.finished
    assert proof.needing(["t.py::test_b"]) == ("m.py#1",)
    whole = [request for request in runner.requests if not request.node_ids]
    assert len(whole) == 1, "only the hunk that no near test needs is worth the whole suite"
    assert "1 of 3 hunks is needed by no test." in proof_lines(proof)


def test_without_the_fix_each_target_says_what_it_failed_with() -> None:
    proof = prove(Runner())
    assert [(test.node_id, test.cause, test.as_before) for test in proof.reverted] == [
        ("t.py::test_a", "assertion failed", True),
        ("t.py::test_b", "KeyError", True),
    ]
    assert proof.bites
    assert proof_lines(proof)[0] == (
        "Reverting it makes 2 tests fail: 1 on its assertion, 1 with KeyError, as before."
    )


def test_the_only_hunk_needs_no_second_run() -> None:
    runner = Runner()
    one = Patch((FileChange("m.py", BEFORE.encode(), BEFORE.replace("a = 0", "a = 1").encode()),))
    proof = prove(runner, one)
    assert len(runner.requests) == 1
    assert proof.hunks[0].tests == ("t.py::test_a", "t.py::test_b")
    assert hunks_line(proof.hunks) == "Its one hunk is needed by a test."


def test_the_end_of_the_time_leaves_what_is_known() -> None:
    proof = prove(Runner(slow_from=2), seconds=0.2)
    assert [test.node_id for test in proof.reverted] == ["t.py::test_a", "t.py::test_b"]
    assert not any(need.looked for need in proof.hunks)
    assert not proof.finished
    assert proof_lines(proof)[-1] == "3 of 3 hunks were not looked at."


def test_what_a_patch_does_to_tests_is_run_alone_and_is_no_hunk_of_the_fix() -> None:
    test_file = FileChange("t.py", b"old\n", b"new\n")
    runner = Runner()
    proof = prove(runner, Patch((*PATCH.changes, test_file)), locked="t.py")
    assert [need.path for need in proof.hunks] == ["m.py"] * 3
    alone = [request for request in runner.requests if set(request.overlay) == {"t.py"}]
    assert [request.node_ids for request in alone] == [("t.py",)]


def test_cancelling_ends_it_and_leaves_no_task() -> None:
    async def main() -> None:
        runner = Runner(slow_from=2)
        prover = Prover(runner, BASELINE, RunLimits(), lambda path: False)
        work = asyncio.create_task(prover.prove(PATCH, COMPARISON, 60.0))
        while len(runner.requests) < 4:
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_target_that_passes_without_the_fix_is_said_to_prove_nothing() -> None:
    green = WithoutFix("t.py::test_a", Outcome.PASSED)
    red = WithoutFix("t.py::test_b", Outcome.FAILED, "assertion failed")
    new = WithoutFix("t.py::test_c", Outcome.ERROR, "NameError")
    assert not Proof(reverted=(green, red)).bites
    assert not Proof(reverted=(new,)).bites
    assert reverted_line((green,)) == "Without the fix, 1 test passes all the same: no proof."
    assert reverted_line((green, red)) == (
        "Reverting it makes 1 test fail on its assertion; 1 test passes without it."
    )
    assert reverted_line((new,)) == "Reverting it makes 1 test fail with NameError, which is new."


def test_a_hunk_is_called_idle_only_where_the_whole_suite_ran_without_it() -> None:
    near = HunkNeed("m.py#0", 3)
    assert not near.is_idle
    assert need_line(near) == "needed by none of the tests that ran"
    assert hunks_line((near,)) == "1 of 1 hunk is needed by none of the tests that ran."


def test_every_hunk_of_the_patch_has_its_line() -> None:
    assert tuple(need.hunk for need in prove(Runner()).hunks) == hunk_ids(PATCH)
