"""The engine: commands in order, Stop at every moment, consent, errors as events, nothing left."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.commands import (
    Accept,
    AnswerConsent,
    ChooseSetUp,
    FindSuspects,
    Fix,
    LookAtSetUp,
    MarkSuspect,
    OpenRepository,
    RunDoctor,
    RunTests,
    SelectModel,
    SelectSandbox,
    ShowCandidate,
    Stop,
    Undo,
)
from core.events import (
    Accepted,
    CandidateVerified,
    ConsentGiven,
    ConsentNeeded,
    FixFinished,
    FixStarted,
    Progress,
    ReadinessChanged,
    RepositoryOpened,
    ReviewReady,
    SetUpFound,
    SuspectsRanked,
    TestRunFinished,
    TestRunStarted,
    TroubleRaised,
    Undone,
    WorkEnded,
)
from core.session.journal import read_journal
from core.types import Budget, CodePlace, ConsentKind, SetUpChoice, SuspectMark, Verdict
from tests.core.session.conftest import Running

LOOPS = {
    "m.py": "def f(x):\n    while x:\n        pass\n    return x\n",
    "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
}
SLOW = {"test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(8)\n"}


def test_commands_are_carried_out_in_order_and_the_end_is_said_once(with_engine, repository):
    root = repository()

    async def work(running):
        stopped = await running.do(OpenRepository(str(root), run_tests=False), RunTests(), Fix())
        assert not stopped
        kinds = [e.kind for e in running.events]
        order = ("RepositoryOpened", "TestRunFinished", "FixFinished", "WorkEnded")
        places = [kinds.index(kind) for kind in order]
        assert places == sorted(places)
        assert kinds.count("WorkEnded") == 1
        await running.do(Accept(running.of(ReviewReady)[-1].candidate))
        await running.do(Undo())
        assert running.of(Accepted)
        assert running.of(Undone)

    with_engine(work)
    assert "a - b" in (root / "calc.py").read_text()


def test_errors_become_troubles_and_the_engine_goes_on(with_engine, repository):
    root = repository()

    async def work(running):
        await running.do(RunTests())
        assert running.of(TroubleRaised)[-1].code == "repository.none"
        await running.do(OpenRepository("/nowhere at all"))
        assert running.of(TroubleRaised)[-1].code == "repository.missing"
        await running.do(OpenRepository(str(root)))
        assert running.of(TestRunFinished)

    with_engine(work)


def test_a_fault_of_ours_is_told_and_does_not_end_the_engine(with_engine, repository):
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(root), run_tests=False))
        running.services.proposers = lambda: 1 / 0
        await running.do(Fix())
        trouble = running.of(TroubleRaised)[-1]
        assert (trouble.code, "ZeroDivisionError" in trouble.details) == ("internal", True)
        await running.do(RunTests())
        assert running.of(TestRunFinished)

    with_engine(work)


TWO = {
    "m.py": "def f(x):\n    return x - 1\n",
    "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 4\n\n\n"
    "def test_type():\n    assert type(f(3)) is int\n",
}


def test_a_few_tests_are_run_alone_and_the_baseline_takes_them_in(with_engine, repository):
    root = repository(TWO)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        await running.do(RunTests(("test_m.py::test_f",)))
        finished = running.of(TestRunFinished)
        assert [f.purpose for f in finished] == ["baseline", "some"]
        assert [r.node_id for r in finished[1].report.results] == ["test_m.py::test_f"]
        await running.do(Fix(budget=Budget(30.0)))
        assert running.of(FixFinished)[-1].result.verdict is Verdict.GREEN
        assert len(running.of(TestRunFinished)) == 2, "the baseline still holds"

    with_engine(work)


def test_a_few_tests_of_a_changed_tree_are_no_baseline(with_engine, repository):
    root = repository(TWO)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        (root / "m.py").write_text("def f(x):\n    return str(x)\n")
        await running.do(RunTests(("test_m.py::test_f",)))
        await running.do(Fix(budget=Budget(1.0)))
        runs = running.of(TestRunFinished)
        assert [run.purpose for run in runs] == ["baseline", "some", "baseline"]
        assert len(runs[-1].report.failing) == 2

    with_engine(work)


def test_a_test_that_there_is_not_cannot_be_run_alone(with_engine, repository):
    root = repository(TWO)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        await running.do(RunTests(("test_m.py::test_g",)))
        assert running.of(TroubleRaised)[-1].code == "tests.unknown"

    with_engine(work)


def test_stop_right_behind_a_command_leaves_an_engine_that_works(with_engine, repository):
    root = repository()

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        running.engine.handle(Stop())
        assert (await running.until(WorkEnded)).stopped
        assert running.of(RepositoryOpened) == []
        await running.do(OpenRepository(str(root)))
        assert running.of(TestRunFinished)

    with_engine(work)


def test_stop_forgets_what_waits(with_engine, repository):
    root = repository(SLOW)

    async def work(running):
        for command in (OpenRepository(str(root)), RunTests(), Fix()):
            running.engine.handle(command)
        await running.until(TestRunStarted)
        assert await running.do(Stop())
        await asyncio.sleep(0.1)
        assert len(running.of(TestRunStarted)) == len(running.of(WorkEnded)) == 1

    with_engine(work)


@pytest.mark.parametrize("moment", [RepositoryOpened, Progress, TestRunStarted])
def test_stop_works_within_a_second_whatever_runs(with_engine, repository, moment):
    root = repository(SLOW)

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        await running.until(moment)
        began = time.monotonic()
        assert await running.do(Stop())
        assert time.monotonic() - began < 1.0
        jobs = {p.job for p in running.of(Progress)}
        assert jobs == {p.job for p in running.of(Progress) if p.done}, "no job stays open"

    with_engine(work)


@pytest.mark.slow
def test_stop_pressed_again_and_again_still_keeps_the_best_state(with_engine, repository):
    root = repository(LOOPS)

    async def work(running):
        await running.do(OpenRepository(str(root), run_tests=False), RunTests())
        running.engine.handle(Fix(budget=Budget(30.0)))
        await running.until(CandidateVerified)
        began = time.monotonic()
        running.engine.handle(Stop())
        while not running.of(FixFinished) and time.monotonic() - began < 3:
            running.engine.handle(Stop())
            await asyncio.sleep(0.01)
        await running.until(WorkEnded, 2)
        assert time.monotonic() - began < 1.0
        assert running.of(FixFinished)[-1].result.stopped
        assert running.of(FixFinished)[-1].result.candidates >= 1

    with_engine(work)


@pytest.mark.slow
def test_opening_another_repository_ends_the_fix_of_the_one_before(with_engine, repository, tmp_path):
    root = repository(LOOPS)
    other = tmp_path / "other"
    root.rename(other)
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(other), run_tests=False), RunTests())
        running.engine.handle(Fix(budget=Budget(60.0)))
        running.engine.handle(RunTests())
        await running.until(FixStarted)
        began = time.monotonic()
        await running.do(OpenRepository(str(root)))
        assert time.monotonic() - began < 10.0
        assert running.of(FixFinished)[-1].result.stopped
        assert running.of(RepositoryOpened)[-1].repository.path == str(root)
        assert running.of(TestRunFinished)[-1].report.failing == ("test_calc.py::test_add",)
        assert len(running.of(TestRunStarted)) == 2, "the tests of the first did not run again"

    with_engine(work)


def test_a_folder_that_cannot_be_opened_leaves_the_open_repository_open(
    with_engine, repository, tmp_path
):
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(root)))
        await running.do(OpenRepository(str(tmp_path)))
        await running.do(RunTests())
        assert [b.repository.path for b in running.of(RepositoryOpened)] == [str(root)]
        assert len(running.of(TestRunFinished)) == 2

    with_engine(work)


def test_stop_during_the_change_to_another_repository_does_not_fall_back(
    with_engine, repository, tmp_path
):
    first = repository(SLOW)
    first.rename(tmp_path / "first")
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(tmp_path / "first"), run_tests=False))
        running.engine.handle(OpenRepository(str(root)))
        await running.until(RepositoryOpened, 2)
        await running.do(Stop())
        await running.do(RunTests())
        assert running.of(TestRunFinished)[-1].report.failing == ("test_calc.py::test_add",)

    with_engine(work)


def test_the_host_is_used_only_after_the_answer(with_engine, repository):
    root = repository()

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        request = (await running.until(ConsentNeeded)).request
        assert request.kind is ConsentKind.HOST
        running.engine.handle(AnswerConsent(ConsentKind.SETUP_NETWORK, True))
        await asyncio.sleep(0.05)
        assert running.of(TestRunStarted) == []
        running.engine.handle(AnswerConsent(ConsentKind.HOST, True))
        await running.until(WorkEnded)
        assert running.of(ConsentGiven) == [ConsentGiven(ConsentKind.HOST, True)]
        assert running.of(TestRunFinished)

    with_engine(work, isolated=False)


def test_choosing_the_host_asks_as_well_and_a_no_runs_nothing(with_engine, repository):
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(root), run_tests=False))
        running.engine.handle(SelectSandbox("host"))
        await running.until(ConsentNeeded)
        await running.do(AnswerConsent(ConsentKind.HOST, False))
        assert running.of(TroubleRaised)[-1].code == "consent.host"
        assert running.of(TestRunStarted) == []

    with_engine(work)


def test_stop_while_a_question_is_open_withdraws_it(with_engine, repository):
    root = repository()

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        await running.until(ConsentNeeded)
        assert await running.do(Stop())
        running.engine.handle(AnswerConsent(ConsentKind.HOST, True))
        assert running.of(ConsentGiven) == []
        running.engine.handle(RunTests())
        await running.until(ConsentNeeded, 2)

    with_engine(work, isolated=False)


def test_a_sandbox_or_a_model_can_be_chosen_before_anything_is_open(with_engine):
    async def work(running):
        await running.do(SelectSandbox("bubblewrap"), SelectModel("none"))
        assert running.of(TroubleRaised) == []

    with_engine(work)


def test_after_another_sandbox_was_chosen_a_fix_measures_its_baseline_anew(with_engine, repository):
    root = repository()

    async def work(running):
        await running.do(OpenRepository(str(root)))
        running.engine.handle(SelectSandbox("auto"))
        await running.do(Stop())
        await running.do(Fix(budget=Budget(20.0)))
        assert running.of(TroubleRaised) == []
        assert running.of(FixFinished)[-1].result.verdict == "green"

    with_engine(work)


def test_looks_do_not_wait_for_the_work(with_engine, repository):
    root = repository(SLOW)

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        await running.until(TestRunStarted)
        running.engine.handle(RunDoctor())
        running.engine.handle(ShowCandidate(3))
        await running.until(ReadinessChanged)
        assert (await running.until(TroubleRaised)).code == "candidate.unknown"
        assert running.of(WorkEnded) == []

    with_engine(work)


@pytest.mark.parametrize("moment", [None, RepositoryOpened, Progress, TestRunStarted])
def test_closing_at_any_moment_takes_little_time_and_leaves_nothing(with_engine, repository, moment):
    root = repository(SLOW)

    async def work(running):
        running.engine.handle(OpenRepository(str(root)))
        if moment is not None:
            await running.until(moment)
        began = time.monotonic()
        await running.engine.close()
        assert time.monotonic() - began < 3.0
        count = len(running.events)
        running.engine.handle(RunTests())
        await asyncio.sleep(0.05)
        assert len(running.events) == count, "closed is closed"

    with_engine(work)


def test_the_journal_holds_what_happened_before_a_repository_was_open(with_engine, repository):
    root = repository()

    async def work(running):
        running.engine.handle(RunDoctor())
        await running.until(ReadinessChanged)
        await running.do(OpenRepository(str(root), run_tests=False))
        await running.engine.close()
        [path] = running.services.data.glob("sessions/*/journal.jsonl")
        assert list(read_journal(path)) == running.events

    with_engine(work)


def test_the_users_word_on_the_set_up_is_carried_out_shown_and_forgotten(with_engine, repository):
    test = "import made\n\n\ndef test_it():\n    assert made.VALUE == 1\n"
    root = repository({"test_it.py": test, "requirements.txt": "greenbar-no-such-package-7f3a==9\n"})

    def found(running):
        shown = running.of(SetUpFound)[-1].set_up
        return shown.choice, shown.commands

    async def work(running):
        await running.do(OpenRepository(str(root), run_tests=False), LookAtSetUp())
        assert found(running) == (SetUpChoice.FOUND, ())
        running.engine.handle(ChooseSetUp(("echo VALUE = 1 > made.py",)))
        await running.until(ConsentNeeded)
        assert await running.do(AnswerConsent(ConsentKind.SETUP_NETWORK, granted=True)) is False
        assert found(running) == (SetUpChoice.COMMANDS, ("echo VALUE = 1 > made.py",))
        assert running.of(SetUpFound)[-1].set_up.installed.startswith("Installed echo VALUE")
        assert running.of(TestRunFinished)[-1].report.failing == ()
        await running.do(ChooseSetUp(()))
        assert found(running) == (SetUpChoice.NOTHING, ())
        assert running.of(TestRunFinished)[-1].report.failing == ("test_it.py",)
        assert running.of(TroubleRaised) == []
        await running.do(ChooseSetUp(None))
        assert found(running)[0] is SetUpChoice.FOUND
        assert running.of(TroubleRaised)[-1].code == "set_up.not_found"

    with_engine(work)


def test_suspects_are_marked_while_a_fix_runs(with_engine, repository):
    root = repository(LOOPS)

    async def work(running: Running) -> None:
        await running.do(OpenRepository(str(root)))
        await running.do(FindSuspects())
        running.engine.handle(Fix(budget=Budget(seconds=60.0)))
        await running.until(SuspectsRanked, 2)
        place = CodePlace("m.py", function="f")
        running.engine.handle(MarkSuspect(place, SuspectMark.DROPPED))
        told = await running.until(SuspectsRanked, 3)
        assert (told.suspects, told.marks) == ((), ((place, SuspectMark.DROPPED),))
        running.engine.handle(MarkSuspect(CodePlace("missing.py"), SuspectMark.PINNED))
        assert (await running.until(TroubleRaised)).code == "suspect.unknown"
        assert not running.of(FixFinished), "the fix goes on with the list that it began with"
        assert await running.do(Stop())

    with_engine(work)
