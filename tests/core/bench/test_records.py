"""Results on disk and in figures."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.bench.records import (
    Report,
    ResultsFile,
    Run,
    in_order,
    read_report,
    report_record,
    write_report,
)
from core.bench.summary import summarise
from core.bench.values import Ending, Setting, TaskResult
from core.errors import UsageError
from core.types import ProposerUsage, TokenUsage

RUN = Run("set", "digest", "greenbar bench run set.jsonl", "0.1.0", "2026-01-01T00:00:00Z", tasks=3)
FREE = Setting(model="none")
SOLVED = TaskResult(
    "a",
    FREE,
    1,
    Ending.SOLVED,
    kind="operator",
    correct=True,
    seconds=2.0,
    tokens=TokenUsage(90, 10),
    candidates=4,
    proposer="mutation",
    patch="+caf\udce9\n",
    has_truth=True,
    rank=2,
    proposers=(ProposerUsage("mutation", 4, 1.0, 1.5, TokenUsage(7, 3)),),
)
UNSOLVED = TaskResult("b", FREE, 1, Ending.UNSOLVED, seconds=58.0, candidates=96, has_truth=True)
INVALID = TaskResult("c", FREE, 1, Ending.INVALID, why="No test fails before the fix.")


def test_a_run_goes_on_where_it_was_cut_off_in_the_middle_of_a_line(tmp_path) -> None:
    path = tmp_path / "run.results.jsonl"
    first = ResultsFile(path, RUN)
    assert first.open() == []
    first.append(SOLVED)
    first.append(UNSOLVED)
    first.close()
    path.write_bytes(path.read_bytes()[:-20])
    second = ResultsFile(path, RUN)
    assert second.open() == [SOLVED]
    second.append(INVALID)
    second.close()
    third = ResultsFile(path, RUN)
    assert third.open() == [SOLVED, INVALID]
    third.close()


def test_results_of_other_tasks_settings_or_versions_are_not_mixed_in(tmp_path) -> None:
    path = tmp_path / "run.results.jsonl"
    first = ResultsFile(path, RUN)
    first.open()
    first.append(SOLVED)
    first.close()
    other = ResultsFile(path, replace(RUN, digest="another"))
    with pytest.raises(UsageError, match="holds the results of another run"):
        other.open()
    with pytest.raises(UsageError, match=r"the results of another Greenbar, 0\.1\.0; this is 0\.2\.0"):
        ResultsFile(path, replace(RUN, greenbar="0.2.0")).open()
    assert other.open(fresh=True) == []
    other.close()


def test_a_report_is_read_as_it_was_written(tmp_path) -> None:
    report = Report(RUN, (SOLVED, UNSOLVED, INVALID))
    path = tmp_path / "run.json"
    write_report(path, {**report_record(report), "summary": []})
    assert read_report(path) == report


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is no report of greenbar bench"),
        ('{"format": "greenbar-bench", "version": 99}', "has version 99 of the format"),
        ('{"format": "greenbar-bench", "version": 1, "run": 3}', "is damaged"),
    ],
)
def test_what_is_no_report_is_said_plainly(tmp_path, text, words) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        read_report(path)


def test_results_come_in_the_order_of_the_set() -> None:
    keys = [result.key for result in (SOLVED, UNSOLVED, INVALID)]
    assert in_order((INVALID, SOLVED), keys) == (SOLVED, INVALID)


def test_invalid_attempts_count_nowhere_but_among_themselves() -> None:
    (summary,) = summarise((SOLVED, UNSOLVED, INVALID))
    assert (summary.tasks, summary.tried, summary.invalid) == (2, 2, 1)
    assert (summary.solved, summary.judged, summary.correct) == (1, 1, 1)
    assert summary.median_seconds == 2.0
    assert summary.solved_per_minute == 1.0
    assert (summary.tokens, summary.candidates) == (100, 100)
    assert summary.within == {1: 0, 3: 1, 5: 1, 10: 1}
    assert summary.with_truth == 2
    assert summary.winners == {"mutation": 1}
    assert summary.kinds == {"operator": (1, 1)}


def test_several_attempts_give_medians_and_extremes() -> None:
    attempts = [
        replace(SOLVED, attempt=1, seconds=1.0),
        replace(SOLVED, attempt=2, seconds=9.0),
        replace(SOLVED, attempt=3, seconds=3.0),
        *(replace(UNSOLVED, attempt=number) for number in (1, 2)),
        replace(UNSOLVED, attempt=3, ending=Ending.SOLVED, seconds=5.0),
    ]
    (summary,) = summarise(attempts)
    assert (summary.solved, summary.least, summary.most, summary.attempts) == (1, 1, 2, 3)
    assert summary.median_seconds == 4.0


def test_each_setting_has_its_own_figures() -> None:
    other = replace(SOLVED, setting=Setting(model="embedded"))
    free, embedded = summarise((SOLVED, other, UNSOLVED))
    assert (free.setting.name, free.tasks, embedded.setting.name, embedded.tasks) == (
        "no model",
        2,
        "embedded",
        1,
    )
    assert json.dumps(free.within)
