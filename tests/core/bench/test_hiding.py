"""Holding tests back: what stays, what the judge gets, and that a draw can be made again."""

from __future__ import annotations

import random

from core.bench.hiding import hide_tests
from core.bench.values import BenchTask

BY_LINES = BenchTask(
    "by-lines",
    files={
        "add.py": "def add(a, b):\n    return a - b\n",
        "add.json": "".join(f"[[{n}, 1], {n + 1}]\n" for n in range(8)),
        "test_add.py": (
            "import json, pathlib, pytest\nfrom add import add\n"
            "data = [json.loads(l) for l in open(pathlib.Path(__file__).parent / 'add.json')]\n"
            "@pytest.mark.parametrize('given,wanted', data)\n"
            "def test_add(given, wanted):\n    assert add(*given) == wanted\n"
        ),
    },
)
BY_ENTRIES = BenchTask(
    "by-entries",
    files={
        "test_it.py": (
            "import pytest\n"
            "@pytest.mark.parametrize('x', [1, 2, 3])\n"
            "def test_many(x):\n    assert x\n"
            "def test_one():\n    assert 4\n"
        )
    },
)


def test_a_quarter_of_the_lines_stays_and_the_judge_gets_all():
    task = hide_tests(BY_LINES, 0.75, random.Random(1))

    assert task is not None
    assert len(task.files["add.json"].splitlines()) == 2
    assert task.held_out["held_out_add.json"] == BY_LINES.files["add.json"]
    assert "'held_out_add.json'" in task.held_out["test_held_out_test_add.py"]
    assert task.files["add.py"] == BY_LINES.files["add.py"]


def test_entries_and_functions_are_cases():
    drawn = [hide_tests(BY_ENTRIES, 0.75, random.Random(seed)) for seed in range(20)]

    left = {task.files["test_it.py"] for task in drawn if task is not None}
    assert len(left) == 4
    assert any("test_one" in text and "test_many" not in text for text in left)
    assert any("[2]" in text and "test_one" not in text for text in left)


def test_the_same_seed_hides_the_same():
    one, other = (hide_tests(BY_LINES, 0.5, random.Random("7 it")) for _ in range(2))

    assert one == other


def test_of_one_test_none_can_be_hidden():
    single = BenchTask("single", files={"test_it.py": "def test_it():\n    assert 1\n"})

    assert hide_tests(single, 0.75, random.Random(0)) is None
