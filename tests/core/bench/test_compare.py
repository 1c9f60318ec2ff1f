"""Reports side by side, and their picture."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from core.bench.compare import columns, differing, not_everywhere
from core.bench.plot import plot_svg, steps
from core.bench.records import Report, Run
from core.bench.values import Ending, Setting, TaskResult
from core.types import TokenUsage

RUN = Run("set", "d", "greenbar bench run", "0.1.0", "2026-01-01T00:00:00Z")
FREE, SMALL = Setting(model="none"), Setting(model="embedded")


def result(task: str, setting: Setting, seconds: float, attempt: int = 1) -> TaskResult:
    """Solved in ``seconds``; unsolved where they are 60."""
    ending = Ending.UNSOLVED if seconds == 60 else Ending.SOLVED
    tokens = TokenUsage(0 if setting is FREE else 100, 0)
    return TaskResult(task, setting, attempt, ending, seconds=seconds, tokens=tokens)


A = Report(RUN, (result("a", FREE, 1), result("b", FREE, 60), result("c", FREE, 60)))
B = Report(RUN, (result("b", SMALL, 9), result("a", SMALL, 2), result("d", SMALL, 3)))


def test_tasks_that_differ_are_those_that_both_attempted_with_other_success() -> None:
    sides = columns((("a", A), ("b", B)))
    assert [(side.name, side.summary.solved) for side in sides] == [("a", 1), ("b", 3)]
    assert differing(sides) == ("b",)
    assert not_everywhere(sides) == ("c", "d")


def test_a_report_with_several_settings_is_compared_with_itself() -> None:
    sides = columns((("both", Report(RUN, (*A.results, *B.results))),))
    assert [side.name for side in sides] == ["both: no model", "both: embedded"]
    assert differing(sides) == ("b",)


def test_a_task_that_is_solved_more_often_differs() -> None:
    often = Report(RUN, (result("a", FREE, 1), result("a", FREE, 60, 2)))
    seldom = Report(RUN, (result("a", FREE, 60), result("a", FREE, 60, 2)))
    assert differing(columns((("often", often), ("seldom", seldom)))) == ("a",)


def test_an_invalid_attempt_is_none() -> None:
    invalid = Report(RUN, (replace(result("a", FREE, 0), ending=Ending.INVALID),))
    sides = columns((("a", A), ("invalid", invalid)))
    assert differing(sides) == ()
    assert not_everywhere(sides) == ("a", "b", "c")


def test_the_picture_is_xml_with_a_line_for_each_side_and_panel() -> None:
    sides = columns((("<a>", A), ("b & c", B)))
    root = ET.fromstring(plot_svg(sides))
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in root.iter(f"{space}text")]
    assert "<a>: 1 of 3" in texts
    assert "b & c: 3 of 3" in texts
    lines = [path for path in root.iter(f"{space}path") if path.get("stroke-width") == "2"]
    assert len(lines) == 6, "two in each of two panels, and two in the legend"
    assert ET.fromstring(plot_svg(())) is not None


def test_a_line_rises_by_the_share_of_each_attempt() -> None:
    twice = Report(RUN, (result("a", FREE, 2), result("a", FREE, 60, 2), result("b", FREE, 1)))
    (side,) = columns((("twice", twice),))
    assert steps(side, lambda r: r.seconds) == [(0, 0), (1, 0), (1, 1), (2, 1), (2, 1.5)]
