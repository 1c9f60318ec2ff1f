"""``greenbar suspects`` and ``greenbar fix --suspect`` from outside."""

from __future__ import annotations

import pytest

from tests.repositories import commit_repository

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}

pytestmark = pytest.mark.bubblewrap


def test_suspects_are_told_with_their_reasons(greenbar, tmp_path):
    root = commit_repository(tmp_path / "calc", FILES)
    ran = greenbar("suspects", root, "--sandbox", "bubblewrap", "--json")
    assert ran.status == 0, ran.err
    first = ran.json["suspects"][0]
    assert (first["path"], first["line"], first["function"]) == ("calc.py", 2, "add")
    assert "run by 1 failing and 0 passing tests" in first["reasons"]
    by_function = greenbar("suspects", root, "--sandbox", "bubblewrap", "--by", "function")
    assert "calc.py  in add" in by_function.out


def test_a_suspect_that_is_not_there_ends_a_fix_before_it_begins(greenbar, tmp_path):
    root = commit_repository(tmp_path / "calc", FILES)
    options = ("--sandbox", "bubblewrap", "--no-model", "--json")
    ran = greenbar("fix", root, *options, "--suspect", "calc.py::subtract")
    assert ran.status == 2
    assert ran.json["error"]["code"] == "suspect.unknown"
    ran = greenbar("fix", root, *options, "--suspect", "calc.py:2", "--suspect", "calc.py::add")
    assert ran.json["verdict"] == "green"
