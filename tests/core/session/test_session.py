"""One task from request to accept, over real git, real processes and the real engine."""

from __future__ import annotations

import asyncio
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import (
    ConsentRefused,
    PatchError,
    RepositoryError,
    SandboxError,
    TestRunError,
    UsageError,
)
from core.events import (
    Accepted,
    AcceptsFound,
    BudgetSpent,
    CandidateVerified,
    FixFinished,
    Noticed,
    ReviewReady,
    SelectionVerified,
    TestRunFinished,
    TestsLocked,
    Undone,
)
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.session.journal import read_journal
from core.types import Budget, ConsentKind, FileChange, Patch, Verdict

BUDGET = Budget(seconds=40.0)


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and ".git" not in p.parts
    }


def test_a_failing_repository_turns_green_and_undo_brings_back_every_byte(with_session, repository):
    root = repository()
    before = tree(root)

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        report = await session.run_tests()
        assert report.failing == ("test_calc.py::test_add",)
        result = await session.fix((), BUDGET)
        assert result.verdict is Verdict.GREEN
        assert tree(root) == before, "nothing is written before accept"
        await session.review.accept(result.best.id)
        assert "a + b" in (root / "calc.py").read_text()
        again = await session.run_tests("accepted")
        assert again.failing == ()
        await session.review.undo()
        assert tree(root) == before
        await session.review.redo()
        assert "a + b" in (root / "calc.py").read_text()

    with_session(work)
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True
    )
    assert status.stdout == " M calc.py\n", "nothing is staged or committed"


def test_every_event_is_in_the_journal_as_it_happened(with_session, repository):
    root = repository()

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        await opened.session.review.accept(result.best.id)
        await opened.session.review.undo()
        return opened.events, opened.session.journal_path

    events, path = with_session(work)
    assert list(read_journal(path)) == events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    kinds = {event.kind for event in events}
    assert {
        kind.__name__
        for kind in (TestRunFinished, CandidateVerified, FixFinished, ReviewReady, Accepted, Undone)
    } <= kinds


def test_a_torn_last_line_of_the_journal_is_left_out(with_session, repository):
    root = repository()

    async def work(opened):
        await opened.session.open(str(root))
        return opened.events, opened.session.journal_path

    events, path = with_session(work)
    with path.open("ab") as file:
        file.write(b'{"session": "x", "se')
    assert list(read_journal(path)) == events


def test_uncommitted_changes_are_what_is_tested_and_they_stay(with_session, repository):
    root = repository()
    # Not committed: one fault less, and another one.
    changed = (root / "calc.py").read_text().replace("a - b", "a + b").replace("a * 2", "a + 2")
    (root / "calc.py").write_text(changed)
    (root / "untracked.py").write_text("X = 1\n")

    async def work(opened):
        await opened.session.open(str(root))
        report = await opened.session.run_tests()
        assert list(report.failing) == ["test_calc.py::test_twice"]
        result = await opened.session.fix((), BUDGET)
        await opened.session.review.accept(result.best.id)

    with_session(work)
    written = (root / "calc.py").read_text()
    assert "return a + b" in written
    assert "return a + 2" not in written
    assert (root / "untracked.py").read_text() == "X = 1\n"


def test_a_file_that_changed_since_the_tests_ran_is_not_overwritten(with_session, repository):
    root = repository()

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        (root / "calc.py").write_text("# mine\n")
        with pytest.raises(RepositoryError, match=r"calc\.py has changed"):
            await opened.session.review.accept(result.best.id)

    with_session(work)
    assert (root / "calc.py").read_text() == "# mine\n"


TWO_BUGS = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\n# one\n# two\n# three\n# four\n# five\n# six\n"
    "# seven\n# eight\n\n\ndef twice(a):\n    return a * 3\n",
    "test_calc.py": "from calc import add, twice\n\n\n"
    "def test_add():\n    assert add(2, 3) == 5\n\n\ndef test_twice():\n    assert twice(4) == 8\n",
}


def test_chosen_hunks_are_verified_before_they_are_written(with_session, repository):
    root = repository(TWO_BUGS)
    fixed = TWO_BUGS["calc.py"].replace("a - b", "a + b").replace("a * 3", "a * 2")
    model = ScriptedModel((ScriptedAnswer(answer=f"```python\n{fixed}```\n"),))

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()
        result = await session.fix((), BUDGET)
        assert result.verdict is Verdict.GREEN
        review = opened.bodies(ReviewReady)[-1]
        first, second = (hunk.id for file in review.files for hunk in file.hunks)
        comparison = await session.review.verify_selection(result.best.id, (second,))
        assert comparison.verdict is Verdict.IMPROVED
        assert comparison.fixed == ("test_calc.py::test_twice",)
        assert opened.bodies(SelectionVerified)[-1].hunks == (second,)
        await session.review.accept(result.best.id, (first,))
        return (root / "calc.py").read_text()

    text = with_session(work, model=model)
    assert "a + b" in text
    assert "a * 3" in text


def test_a_candidate_that_is_not_green_is_written_only_when_the_user_insists(with_session, repository):
    root = repository(TWO_BUGS)
    half = TWO_BUGS["calc.py"].replace("a - b", "a + b")
    model = ScriptedModel((ScriptedAnswer(answer=f"```python\n{half}```\n"),))

    async def work(opened):
        session = opened.session
        opened.services.proposers = lambda: (
            __import__("core.search.direct").search.direct.DirectProposer(),
        )
        await session.open(str(root))
        await session.run_tests()
        result = await session.fix((), Budget(seconds=6.0))
        assert result.verdict is Verdict.IMPROVED
        assert "1 of 2" in result.shortfall
        with pytest.raises(PatchError, match="Nothing was written"):
            await session.review.accept(result.best.id)
        await session.review.accept(result.best.id, anyway=True)

    with_session(work, model=model)
    assert "a + b" in (root / "calc.py").read_text()


BUGGY_ADD = "def add(a, b):\n    return a - b\n"


def test_a_good_part_turns_green_and_the_edit_of_a_test_beside_it_is_shown_apart(
    with_session, repository
):
    root = repository(
        {
            "calc.py": BUGGY_ADD,
            "checks/table.json": "[[2, 3, 5]]\n",
            "checks/test_calc.py": "import json\nfrom pathlib import Path\n\nfrom calc import add\n\n\n"
            "def test_add():\n    table = json.loads(Path('checks/table.json').read_text())\n"
            "    for a, b, total in table:\n        assert add(a, b) == total\n",
            "conftest.py": "",
        }
    )

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()
        [locked] = opened.bodies(TestsLocked)
        assert {file.path: file.reason for file in locked.files} == {
            "checks/table.json": "read by the tests",
            "checks/test_calc.py": "a test file",
            "conftest.py": "fixtures",
        }
        result = await session.fix((), BUDGET)
        assert result.verdict is Verdict.GREEN
        weak = Patch(
            (
                *result.best.patch.changes,
                FileChange("checks/table.json", b"[[2, 3, 5]]\n", b"[]\n"),
            )
        )
        both = replace(result.best, patch=weak)
        session._results.candidates[both.id] = both
        session.review.show(both.id)
        shown = {file.path: file for file in opened.bodies(ReviewReady)[-1].files}
        assert shown["checks/table.json"].locked
        assert not shown["calc.py"].locked
        only_weak = tuple(hunk.id for hunk in shown["checks/table.json"].hunks)
        comparison = await session.review.verify_selection(both.id, only_weak)
        assert comparison.verdict is Verdict.UNCHANGED
        written = await session.review.accept(both.id)
        assert written.paths == ("calc.py",)
        await session.review.undo()

    with_session(work)


def test_failing_tests_beside_pointers_of_git_lfs_are_told_of_them(with_session, repository):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    root = repository(
        {
            ".gitattributes": "*.bin filter=lfs\n",
            "model.bin": pointer,
            "test_m.py": "def test_m():\n    assert len(open('model.bin').read()) == 9\n",
        }
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        return [body.sentence for body in opened.bodies(Noticed)]

    told = "Git LFS has not fetched model.bin, so its contents are missing: git lfs pull."
    assert told in with_session(work)


@pytest.mark.slow
def test_stop_keeps_the_best_state_and_takes_less_than_a_second(with_session, repository):
    root = repository(
        {
            "m.py": "def f(x):\n    while x:\n        pass\n    return x\n",
            "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
        }
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        fixing = asyncio.create_task(opened.session.fix((), BUDGET))
        while not opened.bodies(CandidateVerified):
            await asyncio.sleep(0.02)
        began = time.monotonic()
        fixing.cancel()
        await asyncio.gather(fixing, return_exceptions=True)
        return time.monotonic() - began, opened.bodies(FixFinished)[-1].result

    took, result = with_session(work)
    assert took < 1.0
    assert result.stopped
    assert result.candidates >= 1


def test_the_budget_ends_the_search(with_session, repository):
    root = repository(
        {
            "m.py": "def f(x):\n    a = x + 1\n    b = a * 2\n    return b\n",
            "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
        }
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), Budget(seconds=2.0))
        return result, opened.bodies(BudgetSpent)

    result, spent = with_session(work)
    assert result.verdict is Verdict.UNCHANGED
    assert result.shortfall
    assert result.seconds < 4.0
    assert spent[-1].candidates == result.candidates


def test_only_the_named_tests_are_targets(with_session, repository):
    root = repository(TWO_BUGS)

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        with pytest.raises(UsageError, match="no test test_calc.py::test_other"):
            await opened.session.fix(("test_calc.py::test_other",), BUDGET)
        return await opened.session.fix(("test_calc.py::test_twice",), BUDGET)

    result = with_session(work)
    assert result.verdict is Verdict.GREEN
    assert result.evidence.comparison.fixed == ("test_calc.py::test_twice",)
    assert result.evidence.comparison.still_failing == ("test_calc.py::test_add",)


def test_a_source_file_that_does_not_parse_is_something_to_fix(with_session, repository):
    broken = "def add(a, b)\n    return a + b\n"
    root = repository(
        {
            "calc.py": broken,
            "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
        }
    )
    answer = "```python\ndef add(a, b):\n    return a + b\n```\n"
    model = ScriptedModel((ScriptedAnswer(answer=answer),))

    async def work(opened):
        await opened.session.open(str(root))
        report = await opened.session.run_tests()
        assert report.failing == ("test_calc.py",)
        return await opened.session.fix((), BUDGET)

    result = with_session(work, model=model)
    assert result.verdict is Verdict.GREEN
    assert result.evidence.comparison.fixed == ("test_calc.py",)


def test_nothing_runs_without_a_sandbox_until_the_user_consents(with_session, repository):
    root = repository()

    async def refused(opened):
        await opened.session.open(str(root))
        with pytest.raises(SandboxError):
            await opened.session.run_tests()
        return opened.asked

    [request] = with_session(refused, grant=False, isolated=False)
    assert request.kind is ConsentKind.HOST
    assert "your rights" in request.text

    async def granted(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        return opened.asked

    assert len(with_session(granted, isolated=False)) == 1
    assert with_session(granted, grant=False, isolated=False) == [], "the consent is remembered"


def test_missing_packages_lead_to_a_question_and_a_no_installs_nothing(with_session, repository):
    root = repository(
        {"requirements.txt": "iniconfig\n", "test_i.py": "import iniconfig_that_is_missing\n"}
    )

    async def work(opened):
        await opened.session.open(str(root))
        with pytest.raises(ConsentRefused, match=r"requirements\.txt"):
            await opened.session.run_tests()
        return opened.asked

    [request] = with_session(work, grant=False)
    assert request.kind is ConsentKind.SETUP_NETWORK


def test_a_repository_without_tests_says_so(with_session, repository):
    root = repository({"m.py": "X = 1\n"})

    async def work(opened):
        await opened.session.open(str(root))
        with pytest.raises(TestRunError, match="No tests were found in repo with spaces ü"):
            await opened.session.run_tests()

    with_session(work)


def test_undo_works_after_a_restart_before_any_test_has_run(with_session, repository):
    root = repository()
    before = tree(root)

    async def accept(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        await opened.session.review.accept(result.best.id)

    async def undo(opened):
        await opened.session.open(str(root))
        assert opened.bodies(AcceptsFound)[-1] == AcceptsFound(undoable=1, redoable=0)
        await opened.session.review.undo()

    with_session(accept)
    assert tree(root) != before
    with_session(undo)
    assert tree(root) == before
