"""What the symbol index knows comes into a prompt: in its place, within its share, and never twice."""

from __future__ import annotations

from dataclasses import replace

from core.context.neighbours import FocusFacts, Neighbour
from core.context.prompt import estimate_tokens
from core.models.grading import ModelProfile
from core.search.base import FixTask
from core.search.focus import FACTS_SHARE, Focus, opening
from tests.core.search.test_model_proposers import FAILURE, TASK
from tests.core.search.test_nearby import LARGE

AREA = ("shapes.py", "area")
FACTS = FocusFacts(
    callees=(
        Neighbour("shapes.py", 9, "six", "def six(w, h)"),
        Neighbour("sums.py", 3, "plus", "def plus(a, b)  # Adds."),
    ),
    callers=(Neighbour("app.py", 8, "show", "print(area(2, 3))"),),
    owner=Neighbour("shapes.py", 1, "Shape", "class Shape:\n    sides = 4"),
)


def prompt(task: FixTask) -> str:
    return opening(task, Focus(*AREA), task.sources, (FAILURE,), "Fix it.")[1].content


def test_facts_stand_between_the_source_and_the_test_and_the_failure_is_last() -> None:
    text = prompt(replace(TASK, sources={"shapes.py": LARGE}, facts={AREA: FACTS}))
    parts = [
        "return w + h",
        "class Shape:\n    sides = 4",
        "# shapes.py:9\ndef six(w, h)",
        "# sums.py:3\ndef plus(a, b)  # Adds.",
        "# app.py:8, show\nprint(area(2, 3))",
        "def test_area",
        "assert 5 == 6",
        "Fix it.",
    ]
    assert [text.find(part) for part in parts] == sorted(text.find(part) for part in parts)
    assert text.find(parts[0]) > 0


def test_what_the_prompt_shows_anyway_is_not_said_again() -> None:
    text = prompt(replace(TASK, facts={AREA: FACTS}))
    assert "def six" not in text
    assert "class Shape" not in text
    assert "def plus" in text


def test_facts_keep_to_their_share_and_give_way_to_the_test() -> None:
    many = tuple(Neighbour("sums.py", n, f"f{n}", f"def f{n}(a, b)  # {'long ' * 8}") for n in range(90))
    task = replace(TASK, facts={AREA: FocusFacts(callees=many)})
    share = task.profile.prompt_tokens * FACTS_SHARE
    assert estimate_tokens(prompt(task)) <= estimate_tokens(prompt(TASK)) + share + 25
    short = replace(task, profile=ModelProfile(prompt_tokens=estimate_tokens(prompt(TASK)) + 5))
    assert "def f1(" not in prompt(short)
    assert "def test_area" in prompt(short)


def test_the_versions_of_what_the_file_imports_come_first() -> None:
    source = f"import numpy as np\nfrom attr import define\nimport os\n{TASK.sources['shapes.py']}"
    installed = {"python": "3.9.2", "numpy": "1.21.0", "attr": "22.1", "requests": "2.0"}
    task = replace(TASK, sources={"shapes.py": source}, versions=installed)
    assert prompt(task).startswith("Installed: Python 3.9.2, attr 22.1, numpy 1.21.0.\n")
    assert "Installed" not in prompt(replace(task, versions={"python": "3.9.2"}))
