"""``greenbar bench clarify`` and ``overfit`` from outside."""

from __future__ import annotations

import json

import pytest

QUICK = ("--no-model", "--sandbox", "host", "--setup", "none", "--seconds", "20")

OPENING = """
[[task]]
id = "opening"
flow = "fix"
truth = "through_17"
request = "It counts as open in the evening."
path = "office.py"
code = '''
def is_open(hour):
    return 9 <= hour and hour > 17
'''
visible = '''
is_open(12) is True
is_open(9) is True
is_open(20) is False
is_open(3) is False
'''
[task.readings.closes_at_17]
code = '''
def is_open(hour):
    return 9 <= hour and hour < 17
'''
checks = '''
is_open(17) is False
'''
[task.readings.through_17]
code = '''
def is_open(hour):
    return 9 <= hour and hour <= 17
'''
checks = '''
is_open(17) is True
'''
"""


@pytest.mark.slow
def test_an_answer_makes_the_difference_between_green_and_meant(greenbar, tmp_path) -> None:
    tasks = tmp_path / "tasks.toml"
    tasks.write_text(OPENING)
    out = tmp_path / "report.json"

    ran = greenbar("bench", "clarify", tasks, *QUICK, "--out", out)

    assert ran.status == 0, ran.err
    report = json.loads(out.read_text())
    alone, answered = report["results"]
    assert (alone["setting"]["answers"], answered["setting"]["answers"]) == (False, True)
    assert alone["ending"] == answered["ending"] == "solved"
    assert answered["correct"] is True
    assert answered["questions"] >= 1
    assert any("is_open(17): True" in line for line in answered["dialogue"]), answered["dialogue"]
    assert alone["dialogue"] == []
    (figures,) = report["clarify"]
    assert figures["with_ambiguous"]["success"] == 1
    assert "ambiguous, with answers" in ran.out


@pytest.mark.slow
def test_hidden_tests_judge_both_sides_and_are_not_seen_by_either(greenbar, tmp_path) -> None:
    task = {
        "id": "set/double",
        "files": {
            "double.py": "def double(x):\n    return x - 2\n",
            "test_double.py": (
                "import pytest\nfrom double import double\n\n\n"
                "@pytest.mark.parametrize('x, wanted', [(1, 2), (2, 4), (3, 6), (5, 10)])\n"
                "def test_double(x, wanted):\n    assert double(x) == wanted\n"
            ),
        },
    }
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(task) + "\n")
    out = tmp_path / "report.json"

    ran = greenbar("bench", "overfit", path, *QUICK, "--seed", "3", "--out", out, "--json")

    assert ran.status == 0, ran.err
    report = ran.json
    off, on = report["results"]
    assert (off["setting"]["second_judge"], on["setting"]["second_judge"]) == (False, True)
    (figures,) = report["overfit"]
    assert (figures["green_off"], figures["green_on"]) == (1, 1)
    (tasks,) = tmp_path.glob("report.tasks-*.jsonl")
    kept = json.loads(tasks.read_text())
    assert kept["files"]["test_double.py"].count("(") < task["files"]["test_double.py"].count("(")
    assert "(5, 10)" in kept["held_out"]["test_held_out_test_double.py"]
