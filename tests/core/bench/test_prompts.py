"""HumanEval's and MBPP's formats: what is visible, what is held out, and that both can be run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.bench.entries import BadEntry
from core.bench.jsonl import parse_entry
from core.bench.prompts import humaneval_task, mbpp_task
from core.bench.values import BenchTask

HUMANEVAL = {
    "task_id": "Set/0",
    "prompt": "from typing import List\n\n\ndef half(x: int) -> int:\n    return x // 2\n\n\n"
    'def halves(xs: List[int]) -> List[int]:\n    """Half of each.\n    >>> halves([2, 4])\n    [1, 2]\n'
    '    >>> halves([])\n    []\n    """\n',
    "entry_point": "halves",
    "canonical_solution": "    return [half(x) for x in xs]\n",
    "test": "METADATA = {}\n\n\ndef check(candidate):\n    assert candidate([9]) == [4]\n"
    "    assert candidate([2]) == [half(2)]\n",
}
MBPP = {
    "task_id": 7,
    "text": 'Write a function to find the """smallest" of a list.',
    "code": "import math\n\ndef smallest(xs, default = None):\n    return min(xs, default=default)\n",
    "test_list": [
        "assert smallest([2, 1]) == 1",
        "assert smallest([3]) == 3",
        "assert smallest([]) is None",
    ],
    "test_setup_code": "import math",
    "challenge_test_list": ["assert smallest([-1, 1]) == -1"],
}


def judged(folder, task: BenchTask, solution: str) -> tuple[bool, bool]:
    """Whether the visible and the held-out tests pass with the function's body as given."""
    stub = task.files["solution.py"]
    assert stub.endswith('    raise NotImplementedError("to be written")\n')
    head = stub[: stub.rindex("    raise")]
    files = {**task.files, **task.held_out, "solution.py": head + solution}
    for name, text in files.items():
        (folder / name).write_text(text)

    def passes(name: str) -> bool:
        run = f"import {name} as m; [getattr(m, n)() for n in dir(m) if n.startswith('test_')]"
        command = [sys.executable, "-c", run]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0

    return passes("test_solution"), passes("test_held_out")


def test_humaneval_shows_the_docstrings_examples_and_judges_by_check(tmp_path) -> None:
    task = humaneval_task(HUMANEVAL)
    assert (task.id, task.kind) == ("Set/0", "write a function")
    assert "assert halves([2, 4]) == [1, 2]" in task.files["test_solution.py"]
    assert "check" not in task.files["test_solution.py"]
    assert judged(tmp_path, task, HUMANEVAL["canonical_solution"]) == (True, True)
    assert judged(tmp_path, task, "    return {0: [], 2: [1, 2]}[len(xs)]\n") == (True, False)
    assert judged(tmp_path, task, "    return xs\n") == (False, False)


def test_mbpp_shows_all_tests_but_the_last_and_takes_the_signature_only(tmp_path) -> None:
    task = mbpp_task(MBPP)
    assert task.id == "MBPP/7"
    assert task.files["solution.py"].startswith("def smallest(xs, default=None):\n")
    assert "min(" not in task.files["solution.py"]
    assert "is None" not in task.files["test_solution.py"]
    assert judged(tmp_path, task, "    return min(xs, default=default)\n") == (True, True)
    assert judged(tmp_path, task, "    return min(xs)\n") == (True, False)


@pytest.mark.parametrize(
    ("docstring", "shown"),
    [
        ("f(1) == 2", ["assert f(1) == 2"]),
        ("For example, f([1, [2]]) ➞ [3].", ["assert f([1, [2]]) == [3]"]),
        ("f('a') => 'b'\n    f('c')=='d'", ["assert f('a') == 'b'", "assert f('c') == 'd'"]),
        ("f(1) should return 2", ["assert f(1) == 2"]),
        ("f(x) returns the answer", ["assert f(0) == 0"]),
        ("f(", ["assert f(0) == 0"]),
    ],
)
def test_examples_are_found_in_the_forms_that_docstrings_have(docstring, shown) -> None:
    task = humaneval_task(
        {
            "task_id": "t",
            "prompt": f'def f(x):\n    """{docstring}\n    """\n',
            "entry_point": "f",
            "test": "def check(candidate):\n    assert candidate(0) == 0\n",
        }
    )
    found = [line.strip() for line in task.files["test_solution.py"].splitlines() if "assert" in line]
    assert found == shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": "def other():\n"}, "'prompt' does not define halves"),
        ({"prompt": "def halves(:\n"}, "'prompt' is not Python"),
        ({"test": "def check(:"}, "'test' is not Python"),
        ({"task_id": None}, "'task_id' is missing"),
        ({"test": 1}, "'test' is no text"),
    ],
)
def test_what_is_wrong_with_a_humaneval_entry_is_named(change, words) -> None:
    with pytest.raises(BadEntry, match=words):
        parse_entry({**HUMANEVAL, **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"test_list": []}, "'test_list' is empty"),
        ({"code": "x = 1\n"}, "no function of 'code' is called by the tests"),
        ({"text": ""}, "'prompt' is missing"),
    ],
)
def test_what_is_wrong_with_an_mbpp_entry_is_named(change, words) -> None:
    with pytest.raises(BadEntry, match=words):
        parse_entry({**MBPP, **change})


def test_a_single_test_is_visible_and_nothing_is_held_out() -> None:
    task = parse_entry({**MBPP, "test_list": MBPP["test_list"][:1], "challenge_test_list": []})
    assert task.held_out == {}
    assert "def test_1()" in task.files["test_solution.py"]
