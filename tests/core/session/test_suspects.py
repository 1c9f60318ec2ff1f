"""Suspects of a real repository: found without a search, pinned and dropped for the next fix."""

from __future__ import annotations

import subprocess

import pytest

from core.errors import UsageError
from core.events import CandidateProposed, SuspectsRanked
from core.session.journal import read_journal
from core.types import Budget, CodePlace, SuspectMark

FILES = {
    "calc.py": "def add(a, b):\n    first = a\n    return first - b\n\n\n"
    "def scale(a):\n    return a * 3\n",
    "test_calc.py": "from calc import add, scale\n\n\n"
    "def test_add():\n    assert add(2, 3) == 5\n\n\n"
    "def test_zero():\n    assert add(2, 0) == 2\n\n\n"
    "def test_scale():\n    assert scale(2) == 4\n",
}
ADD, SCALE = CodePlace("calc.py", function="add"), CodePlace("calc.py", 7)


def lines(suspects) -> list[int]:
    return [suspect.line for suspect in suspects]


def test_suspects_are_found_without_a_search_and_marks_change_the_list_at_once(with_session, repository):
    root = repository(FILES)

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()
        assert set(lines(await session.find_suspects())) == {2, 3, 7}
        assert lines(await session.find_suspects(("test_calc.py::test_scale",))) == [7]
        assert lines(await session.find_suspects(("test_calc.py::test_zero",))) == []
        await session.find_suspects()
        session.mark_suspect(ADD, SuspectMark.DROPPED)
        session.mark_suspect(SCALE, SuspectMark.PINNED)
        told = opened.bodies(SuspectsRanked)[-1]
        assert lines(told.suspects) == [7]
        assert told.marks == ((ADD, SuspectMark.DROPPED), (SCALE, SuspectMark.PINNED))
        session.mark_suspect(ADD, None)
        assert lines(opened.bodies(SuspectsRanked)[-1].suspects)[0] == 7
        with pytest.raises(UsageError, match=r"calc\.py has 7 lines, and no line 70"):
            session.mark_suspect(CodePlace("calc.py", 70), SuspectMark.PINNED)
        return session.journal_path

    path = with_session(work)
    kept = [event.body for event in read_journal(path) if isinstance(event.body, SuspectsRanked)]
    assert (SCALE, SuspectMark.PINNED) in kept[-1].marks


def test_the_next_fix_looks_at_pinned_places_first_and_leaves_dropped_ones_alone(
    with_session, repository
):
    root = repository(FILES)

    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.run_tests()
        session.mark_suspect(ADD, SuspectMark.DROPPED)
        await session.fix(("test_calc.py::test_scale", "test_calc.py::test_add"), Budget(seconds=10.0))
        titles = [body.title for body in opened.bodies(CandidateProposed)]
        assert titles
        assert all(title.startswith("calc.py:7 ") for title in titles), titles

    with_session(work)


def test_nothing_can_be_marked_before_the_tests_have_run(with_session, repository):
    async def work(opened):
        await opened.session.open(str(repository(FILES)))
        with pytest.raises(UsageError, match="have not run yet"):
            opened.session.mark_suspect(SCALE, SuspectMark.PINNED)

    with_session(work)


def test_a_line_that_changed_lately_says_so(with_session, repository):
    root = repository(FILES)
    (root / "calc.py").write_text(FILES["calc.py"].replace("a * 3", "a * 4"))
    git = ("git", "-C", str(root))
    status = (*git, "status", "--porcelain")
    before = subprocess.run(status, check=True, capture_output=True).stdout

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        (suspect,) = await opened.session.find_suspects(("test_calc.py::test_scale",))
        assert "not committed yet" in suspect.reasons

    with_session(work)
    assert subprocess.run(status, check=True, capture_output=True).stdout == before
