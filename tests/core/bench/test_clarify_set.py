"""The tasks that ``bench clarify`` measures with: that each says what it is there to say."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from core.bench.clarify import AMBIGUOUS, ClarifyTask, bench_task, read_clarify
from core.errors import UsageError

SET = Path(__file__).parents[2] / "cases" / "clarify"
TASKS = read_clarify(SET)


def outcomes(task: ClarifyTask, code: str, checks: tuple[str, ...]) -> list[bool]:
    """Whether each check holds of a module, as the tests that are made of them would have it."""
    module: dict[str, object] = {}
    exec(code, module)
    text = task.tests(checks).split("\n", 1)[1]
    exec(text, module)
    found = []
    for number in range(1, len(checks) + 1):
        test = module[f"test_{number}"]
        assert callable(test)
        try:
            test()
        except Exception:  # noqa: BLE001 - a check may fail with anything
            found.append(False)
        else:
            found.append(True)
    return found


def test_there_are_forty_ambiguous_and_twenty_plain_tasks():
    kinds = Counter(task.is_ambiguous for task in TASKS)

    assert kinds[True] >= 40
    assert kinds[False] == 20
    assert Counter(task.flow for task in TASKS)["words"] >= 20
    assert Counter(task.flow for task in TASKS)["fix"] >= 20


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_every_reading_passes_what_is_visible_and_the_code_does_not(task):
    assert not all(outcomes(task, task.code, task.visible))
    for reading in task.readings:
        assert all(outcomes(task, reading.code, task.visible)), reading.name


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_the_checks_of_a_reading_accept_it_and_refuse_the_others(task):
    for reading in task.readings:
        for other in task.readings:
            verdict = all(outcomes(task, other.code, reading.checks))
            assert verdict == (other is reading), f"{other.name} by the checks of {reading.name}"


def test_a_coin_says_which_reading_is_meant_and_not_what_is_found_first():
    for task in TASKS:
        names = [reading.name for reading in task.readings]
        drawn = int(hashlib.sha256(task.id.encode()).hexdigest(), 16) % len(names)
        assert task.truth == names[drawn], task.id


def test_no_two_tasks_are_copies_of_one_another():
    assert len({task.code for task in TASKS}) == len(TASKS)
    assert len({task.path for task in TASKS}) == len(TASKS)
    assert len({task.request for task in TASKS}) == len(TASKS)


def test_the_engine_gets_the_module_and_the_visible_tests_only():
    task = bench_task(next(task for task in TASKS if task.id == "adult"))

    assert task.kind == AMBIGUOUS
    assert set(task.files) == {"ages.py", "test_ages.py"}
    assert "18" not in task.files["test_ages.py"]
    assert "is_adult(18)" in task.held_out["test_held_out.py"]


def test_a_task_without_a_reading_is_named(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text('[[task]]\nid = "it"\nrequest = "Do it."\n')

    with pytest.raises(UsageError, match="it has no readings"):
        read_clarify(broken)
