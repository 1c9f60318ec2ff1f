"""The window's projection of the events says what the events say."""

from __future__ import annotations

from collections.abc import Iterable

from core import events as ev
from core.types import Outcome, RepositoryInfo, TestReport, TestResult, Verdict
from tests.ui import replay
from ui.coalesce import coalesce
from ui.session import Busy, Counts, Session


def played(*parts: Iterable[ev.Body], session: Session | None = None) -> Session:
    session = session or Session()
    events = [ev.Event("s", 1, 7.0, body) for part in parts for body in part]
    for arrival in coalesce(events):
        session.apply(arrival.body, arrival.time)
    return session


def test_counts_are_those_of_the_run() -> None:
    session = played(replay.opened(), replay.suite_run())
    assert session.counts() == Counts(128, 121, 6, 1, 0)
    assert session.failing() == replay.targets()


def test_while_a_run_is_under_way_the_rest_is_not_run() -> None:
    session = played(replay.opened(), [ev.TestFinished(result) for result in replay.results()[:20]])
    assert session.counts().waiting == 108
    assert session.busy is Busy.TESTING


def test_results_count_the_same_whether_joined_or_not() -> None:
    alone = Session()
    for body in (*replay.opened(), *replay.suite_run()):
        for arrival in coalesce([ev.Event("s", 1, 7.0, body)]):
            alone.apply(arrival.body, arrival.time)
    assert alone.counts() == played(replay.opened(), replay.suite_run()).counts()


def test_results_stay_where_a_command_says_only_at_its_end_what_it_has_run() -> None:
    results = replay.results()
    nodes = tuple(result.node_id for result in results)
    session = played(
        replay.opened(),
        [ev.TestRunStarted("baseline"), *map(ev.TestFinished, results), ev.TestsCollected(nodes)],
    )
    assert session.counts().waiting == 0
    assert session.order == list(nodes)
    assert session.failing() == replay.targets()
    again = played([ev.TestRunStarted("baseline")], session=session)
    assert again.counts().waiting == len(nodes)


def test_a_test_that_nobody_collected_still_counts() -> None:
    stray = ev.TestFinished(TestResult("tests/test_new.py", Outcome.COLLECT_ERROR))
    session = played(replay.opened(), [stray])
    assert session.failing() == ("tests/test_new.py",)


def test_the_best_candidate_so_far_is_known_while_the_fix_runs() -> None:
    session = played(replay.opened(), replay.suite_run(), replay.fixing(11))
    assert session.best == 7
    assert session.busy is Busy.FIXING
    judged = session.judged()
    assert judged is not None
    assert len(judged.fixed) == 5


def fixed_session() -> Session:
    return played(replay.opened(), replay.suite_run(), replay.fixing(), replay.fixed())


def test_a_fix_that_ended_leaves_the_window_idle_with_a_review() -> None:
    session = fixed_session()
    assert not session.is_busy()
    assert session.review is not None
    assert session.result is not None
    assert session.result.verdict is Verdict.GREEN


def test_accepting_turns_proven_tests_green_and_undo_turns_them_back() -> None:
    session = fixed_session()
    played([ev.Accepted(1, ("a.py",)), ev.WorkEnded()], session=session)
    assert session.failing() == ()
    assert (session.undoable, session.redoable) == (1, 0)
    played([ev.Undone(1, ("a.py",))], session=session)
    assert session.failing() == replay.targets()
    assert (session.undoable, session.redoable) == (0, 1)
    played([ev.Redone(1, ("a.py",))], session=session)
    assert session.failing() == ()


def test_accepting_a_selection_claims_only_what_the_selection_proved() -> None:
    session = fixed_session()
    partial = ev.SelectionVerified(14, ("headers/parse.py#0",), replay.comparison(2))
    played([partial, ev.Accepted(1, ("headers/parse.py",))], session=session)
    assert session.failing() == replay.targets()[2:]


def test_another_choice_of_hunks_forgets_what_was_verified() -> None:
    session = fixed_session()
    played([ev.SelectionVerified(14, ("x#0",), replay.comparison(6))], session=session)
    session.choose(("x#0",), as_verified=False)
    assert session.selection is not None
    session.choose(("x#0", "x#1"), as_verified=False)
    assert session.selection is None


def test_a_selection_run_does_not_become_the_baseline() -> None:
    session = fixed_session()
    nodes = replay.targets()
    report = TestReport(tuple(TestResult(node, Outcome.PASSED) for node in nodes), nodes, 0.2)
    run = [
        ev.TestRunStarted("selection"),
        ev.TestsCollected(nodes),
        ev.TestRunFinished("selection", report),
    ]
    played(run, session=session)
    assert session.counts() == Counts(128, 6, 0, 0, 122)
    assert session.baseline[nodes[0]].outcome is Outcome.FAILED


def test_a_new_fix_shows_the_baseline_again_after_a_selection_run() -> None:
    session = fixed_session()
    played([ev.TestRunStarted("selection")], session=session)
    played(replay.fixing(3), session=session)
    assert session.failing() == replay.targets()


def test_another_repository_starts_from_nothing() -> None:
    session = fixed_session()
    played([ev.RepositoryOpened(RepositoryInfo("/other", "other", "main", 0, 1))], session=session)
    assert session.order == []
    assert session.candidates == {}
    assert session.review is None
    assert session.undoable == 0


def test_some_tests_run_alone_change_only_themselves() -> None:
    session = Session()
    nodes = ("t.py::a", "t.py::b", "t.py::c")
    before = tuple(TestResult(node, Outcome.FAILED) for node in nodes)
    for body in (
        ev.RepositoryOpened(RepositoryInfo("/r", "r", "main", 0, 1)),
        ev.TestRunStarted("baseline"),
        ev.TestRunFinished("baseline", TestReport(before, nodes, 1.0)),
        ev.TestRunStarted("some"),
        ev.TestsCollected(nodes[1:2]),
    ):
        session.apply(body, 0.0)
    assert session.counts() == Counts(3, 0, 2, 0, 1), "only what runs waits"
    alone = TestReport((TestResult(nodes[1], Outcome.PASSED),), nodes[1:2], 0.2)
    session.apply(ev.TestRunFinished("some", alone), 0.0)
    assert session.failing() == (nodes[0], nodes[2])
    assert session.baseline[nodes[1]].outcome is Outcome.PASSED
