"""Events cross from core's thread to the window joined, in order, and without a busy timer."""

from __future__ import annotations

import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from core import events as ev
from core.types import Budget, ConsentKind, ConsentRequest, Outcome, TestResult, TokenUsage
from ui.coalesce import Arrival, ResultBatch, coalesce, is_urgent
from ui.inbox import Inbox


def event(body: ev.Body, at: float = 1.0) -> ev.Event:
    return ev.Event("s", 1, at, body)


def finished(name: str) -> ev.TestFinished:
    return ev.TestFinished(TestResult(name, Outcome.PASSED))


def spent(seconds: float) -> ev.BudgetSpent:
    return ev.BudgetSpent(seconds, TokenUsage(), Budget(), 0)


def bodies(arrivals: list[Arrival]) -> list[object]:
    return [arrival.body for arrival in arrivals]


def test_results_become_one_batch_in_their_order() -> None:
    shown = bodies(coalesce([event(finished("a")), event(finished("b"))]))
    assert [type(body) for body in shown] == [ResultBatch]
    assert isinstance(shown[0], ResultBatch)
    assert [result.node_id for result in shown[0].results] == ["a", "b"]


def test_streamed_text_is_joined_for_each_request() -> None:
    parts = [(1, "a"), (2, "x"), (1, "b")]
    shown = coalesce([event(ev.ModelStreamed(request, text)) for request, text in parts])
    assert bodies(shown) == [ev.ModelStreamed(1, "ab"), ev.ModelStreamed(2, "x")]


def test_of_spending_and_of_each_job_the_last_one_wins() -> None:
    events = [spent(1), ev.Progress("model", "1 of 2"), spent(2), ev.Progress("model", "2 of 2")]
    assert bodies(coalesce(map(event, events))) == [spent(2), ev.Progress("model", "2 of 2")]


def test_nothing_is_joined_across_a_new_run() -> None:
    events = [finished("a"), ev.TestRunStarted("baseline"), finished("b")]
    kinds = [type(body) for body in bodies(coalesce(map(event, events)))]
    assert kinds == [ResultBatch, ev.TestRunStarted, ResultBatch]


BODIES = st.one_of(
    st.text(max_size=3).map(finished),
    st.tuples(st.integers(1, 2), st.text(max_size=3)).map(lambda p: ev.ModelStreamed(*p)),
    st.floats(0, 9).map(spent),
    st.sampled_from([ev.TestRunStarted("baseline"), ev.WorkEnded(), ev.Noticed("x")]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(BODIES, max_size=30))
def test_joining_loses_no_result_and_no_text(stream: list[ev.Body]) -> None:
    shown = bodies(coalesce(map(event, stream)))
    came = [body.result for body in stream if isinstance(body, ev.TestFinished)]
    assert [r for body in shown if isinstance(body, ResultBatch) for r in body.results] == came
    for request in (1, 2):
        texts = [b.text for b in stream if isinstance(b, ev.ModelStreamed) and b.request == request]
        joined = [b.text for b in shown if isinstance(b, ev.ModelStreamed) and b.request == request]
        assert "".join(joined) == "".join(texts)
    walls = (ev.TestRunStarted, ev.WorkEnded, ev.Noticed)
    assert [b for b in shown if isinstance(b, walls)] == [b for b in stream if isinstance(b, walls)]


def wait(application: QApplication, until: object, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:  # type: ignore[operator]
        application.processEvents()


def test_events_pushed_from_another_thread_arrive_on_the_gui_thread_in_order(qapp: QApplication) -> None:
    inbox = Inbox()
    seen: list[str] = []
    threads: set[int] = set()

    def take(arrivals: list[Arrival]) -> None:
        threads.add(threading.get_ident())
        seen.extend(a.body.sentence for a in arrivals if isinstance(a.body, ev.Noticed))

    inbox.arrived.connect(take)
    sender = threading.Thread(target=lambda: [inbox.push(event(ev.Noticed(str(n)))) for n in range(3000)])
    sender.start()
    wait(qapp, lambda: len(seen) == 3000)
    sender.join()
    assert seen == [str(n) for n in range(3000)]
    assert threads == {threading.get_ident()}
    inbox.close()


def test_a_question_comes_after_everything_that_was_said_before_it(qapp: QApplication) -> None:
    inbox = Inbox()
    seen: list[object] = []
    inbox.arrived.connect(lambda arrivals: seen.extend(bodies(arrivals)))
    question = ev.ConsentNeeded(ConsentRequest(ConsentKind.HOST, "t", "x", "yes"))
    for number in range(500):
        inbox.push(event(ev.Noticed(str(number))))
    inbox.push(event(question))
    inbox.push(event(ev.Noticed("after")))
    wait(qapp, lambda: len(seen) == 502)
    assert seen[500] == question
    assert seen[501] == ev.Noticed("after")
    inbox.close()


def test_an_urgent_body_does_not_wait_for_the_timer(qapp: QApplication) -> None:
    inbox = Inbox()
    seen: list[object] = []
    inbox.arrived.connect(lambda arrivals: seen.extend(bodies(arrivals)))
    inbox.push(event(ev.Noticed("first")))
    wait(qapp, lambda: bool(seen))
    inbox.push(event(ev.WorkEnded()))
    qapp.processEvents()
    assert seen[-1] == ev.WorkEnded()
    inbox.close()


def test_the_timer_sleeps_when_there_is_nothing_and_wakes_again(qapp: QApplication) -> None:
    inbox = Inbox()
    seen: list[object] = []
    inbox.arrived.connect(lambda arrivals: seen.extend(bodies(arrivals)))
    for round_ in (1, 2, 3):
        inbox.push(event(ev.Noticed("x")))
        wait(qapp, lambda count=round_: len(seen) == count)  # type: ignore[misc]
        wait(qapp, lambda: not inbox.is_running())
        assert not inbox.is_running()
        assert inbox.pending() == 0
    inbox.close()


def test_a_burst_is_taken_in_slices_so_that_the_window_can_breathe(qapp: QApplication) -> None:
    inbox = Inbox()
    slices: list[int] = []

    def slow(arrivals: list[Arrival]) -> None:
        slices.append(len(arrivals))
        time.sleep(0.01)

    inbox.arrived.connect(slow)
    for number in range(1000):
        inbox.push(event(ev.Noticed(str(number))))
    qapp.processEvents()
    assert 0 < inbox.pending() < 1000
    wait(qapp, lambda: inbox.pending() == 0)
    assert sum(slices) == 1000
    inbox.close()


def test_pushing_into_a_closed_inbox_is_harmless(qapp: QApplication) -> None:
    inbox = Inbox()
    inbox.close()
    for body in (ev.Noticed("x"), ev.WorkEnded()):
        inbox.push(event(body))
    assert is_urgent(ev.WorkEnded())
    assert inbox.pending() == 2
