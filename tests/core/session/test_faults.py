"""What the machine does to a session: lost sandboxes, a full disk, Stop in the middle of writing."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from core.errors import SandboxError, TestRunError, UsageError
from core.events import (
    Accepted,
    CandidateProposed,
    CandidateVerified,
    Event,
    FixFinished,
    TestRunFinished,
    TestsCollected,
)
from core.session.consent import ConsentBook, host_request
from core.session.journal import Journal, read_journal
from core.types import Budget, ConsentKind, Outcome, RunEnd, TestReport, TestResult, Verdict

BUDGET = Budget(seconds=30.0)
LOOPS = {
    "m.py": "def f(x):\n    a = x + 1\n    b = a * 2\n    return b\n",
    "test_m.py": "import time\nfrom m import f\n\n\ndef test_f():\n    time.sleep(0.1)\n"
    "    assert f(3) == 'never'\n",
}


def kill_workers() -> None:
    """As ``docker kill`` from outside."""
    for child in psutil.Process().children(recursive=True):
        if any("worker.py" in part for part in child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)


def test_workers_killed_from_outside_in_the_middle_of_a_fix_cost_nothing(with_session, repository):
    root = repository()

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        fixing = asyncio.create_task(opened.session.fix((), BUDGET))
        while not opened.bodies(CandidateProposed):
            await asyncio.sleep(0.005)
        kill_workers()
        return await fixing

    assert with_session(work).verdict is Verdict.GREEN


def test_a_sandbox_that_is_gone_for_good_keeps_the_best_candidate(with_session, repository):
    root = repository(LOOPS)

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()

        async def launch(*arguments):
            raise SandboxError("sandbox.engine_lost", "Docker stopped answering.")

        fixing = asyncio.create_task(session.fix((), BUDGET))
        while not opened.bodies(CandidateVerified):
            await asyncio.sleep(0.005)
        opened.services.made[-1].launch = launch
        kill_workers()
        with pytest.raises(SandboxError):
            await fixing
        [finished] = opened.bodies(FixFinished)
        assert finished.result.best is not None
        session.review.show(finished.result.best.id)

    with_session(work)


def test_a_sandbox_that_ends_during_the_baseline_makes_no_baseline(with_session, repository):
    root = repository({"test_s.py": "import time\n\n\ndef test_s():\n    time.sleep(5)\n"})

    async def work(opened):
        await opened.session.open(str(root))
        running = asyncio.create_task(opened.session.run_tests())
        while not opened.bodies(TestsCollected):
            await asyncio.sleep(0.005)
        kill_workers()
        with pytest.raises(TestRunError, match="The sandbox ended while the tests of"):
            await running

    with_session(work)


def test_stop_in_the_middle_of_an_accept_leaves_files_and_events_in_agreement(with_session, repository):
    root = repository()

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()
        result = await session.fix((), BUDGET)
        accepting = asyncio.create_task(session.review.accept(result.best.id))
        await asyncio.sleep(0)
        while not accepting.done():
            accepting.cancel()
            await asyncio.sleep(0)
        assert accepting.cancelled()
        assert "a + b" in (root / "calc.py").read_text()
        assert len(opened.bodies(Accepted)) == 1
        await session.review.undo()
        assert "a - b" in (root / "calc.py").read_text()

    with_session(work)


@pytest.mark.slow
def test_candidate_numbers_are_never_used_again(with_session, repository):
    root = repository(LOOPS)

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.fix((), Budget(2.0))
        await opened.session.run_tests()
        await opened.session.fix((), Budget(2.0))
        return [body.candidate for body in opened.bodies(CandidateProposed)]

    numbers = with_session(work)
    assert numbers == list(range(1, len(numbers) + 1))


def test_finding_the_place_is_under_the_budget(with_session, repository):
    root = repository()

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), Budget(0.01))
        assert opened.bodies(FixFinished)[-1].result == result
        return result

    result = with_session(work)
    assert result.best is None
    assert result.seconds < 1.0
    assert result.shortfall


def test_tests_that_did_not_run_to_their_end_are_not_nothing_to_fix(with_session, repository):
    root = repository({"test_ok.py": "def test_ok():\n    pass\n"})

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        report = await session.run_tests()
        session._results.baseline = TestReport(
            report.results, report.collected, 600.0, RunEnd.TIME_LIMIT, "The time limit."
        )
        with pytest.raises(TestRunError, match="did not run to their end"):
            await session.fix((), BUDGET)

    with_session(work)


def test_a_skipped_test_is_no_target_that_is_green(with_session, repository):
    root = repository(
        {"test_k.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_k():\n    assert False\n"}
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        with pytest.raises(UsageError, match="is skipped here"):
            await opened.session.fix(("test_k.py::test_k",), BUDGET)

    with_session(work)


def test_a_journal_that_cannot_be_written_does_not_end_the_work(with_session, repository, tmp_path: Path):
    root = repository()
    (tmp_path / "home" / "data").mkdir(parents=True)
    (tmp_path / "home" / "data" / "sessions").write_text("in the way")

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        return await opened.session.fix((), BUDGET)

    assert with_session(work).verdict is Verdict.GREEN


def test_a_full_disk_ends_the_journal_quietly_and_it_keeps_nothing_in_memory() -> None:
    journal = Journal(Path("/dev/full"))
    from core.events import Event, Noticed

    for number in range(20_000):
        journal.append(Event("s", number, 0.0, Noticed("x" * 50)))
    journal.close()
    journal.append(Event("s", 1, 0.0, Noticed("late")))
    assert journal._thread is None or not journal._thread.is_alive()


@pytest.mark.parametrize("book", ['{"/repo": 5}', "[]", "nonsense", '{"/repo": ["run_on_host"'])
def test_a_damaged_book_of_consents_means_asking_again(tmp_path: Path, book: str) -> None:
    path = tmp_path / "consents.json"
    path.write_text(book)
    asked = []

    async def ask(request) -> bool:
        asked.append(request)
        return True

    granted = ConsentBook(path, ask).granted("/repo", host_request("repo", "Why."))
    assert asyncio.run(granted)
    assert len(asked) == 1
    assert ConsentBook(path, ask).remembers("/repo", ConsentKind.HOST)


def test_a_consent_that_cannot_be_remembered_still_counts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def ask(request) -> bool:
        return True

    book = ConsentBook(tmp_path / "file" / "consents.json", ask)
    assert asyncio.run(book.granted("/repo", host_request("repo", "Why.")))


def test_a_long_report_is_written_in_pieces_and_read_back_whole(tmp_path: Path) -> None:
    results = tuple(TestResult(f"t.py::test_ü[{n}]", Outcome.PASSED, n / 7) for n in range(1000))
    report = TestReport(results, tuple(r.node_id for r in results), 3.0)
    event = Event("s", 1, 2.0, TestRunFinished("baseline", report))
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(event)
    journal.close()
    assert list(read_journal(journal.path)) == [event]
