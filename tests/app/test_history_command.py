"""``greenbar history``: what a user sees of fixes that are over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.conftest import Ran

FILES = {
    "m.py": "def larger(a, b):\n    return a if a < b else b\n",
    "test_m.py": "from m import larger\n\n\ndef test_larger():\n    assert larger(2, 7) == 7\n",
}


def test_nothing_is_there_before_the_first_fix(greenbar: Callable[..., Ran]) -> None:
    assert greenbar("history").out == "Nothing has been fixed yet.\n"
    assert greenbar("history", "list", "--json").json == {"total": 0, "tasks": []}


def test_a_task_that_there_is_not_is_a_usage_error(greenbar: Callable[..., Ran]) -> None:
    ran = greenbar("history", "show", "7")
    assert ran.status == 2
    assert "There is no task 7 in the history." in ran.err
    assert "greenbar history" in ran.err


@pytest.mark.bubblewrap
def test_a_fix_is_listed_shown_found_by_its_words_and_deleted(
    greenbar: Callable[..., Ran], commit: Callable[..., Path]
) -> None:
    place = commit(FILES, "shop")
    assert greenbar("fix", place, "--model", "none", "--sandbox", "bubblewrap", "--apply").status == 0
    listed = greenbar("history")
    assert "✓" in listed.out
    assert "shop" in listed.out
    assert "Fix test_m.py::test_larger" in listed.out
    assert "accepted" in listed.out
    assert greenbar("history", "list", "SHOP", "larger", "--json").json["total"] == 1
    assert greenbar("history", "list", "elsewhere", "--json").json["total"] == 0
    shown = greenbar("history", "show", "1").out
    assert "-    return a if a < b else b" in shown
    assert greenbar("history", "delete", "1").status == 0
    assert greenbar("history", "list", "--json").json["total"] == 0
