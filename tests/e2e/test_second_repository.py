"""A second repository in the same window: nothing of the first stands in its way or stays behind."""

from __future__ import annotations

import pytest

from core.events import TestRunFinished, TroubleRaised

HARD = {
    "m.py": "def f(x):\n    a = x + 1\n    b = a * 2\n    return b\n",
    "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
}
OTHER = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}


@pytest.mark.bubblewrap
def test_another_repository_opens_while_a_fix_of_the_first_runs(open_desktop, repository, tmp_path):
    first = repository(HARD).rename(tmp_path / "first")
    second = repository(OTHER)
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.window.open_path(str(first))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")
    desktop.do("fix")
    desktop.wait(lambda: len(desktop.window.session.candidates) > 2, "candidates")
    desktop.window.open_path(str(second))
    desktop.wait(lambda: len(desktop.bodies(TestRunFinished)) > 1 and desktop.idle(), "the second one")
    assert desktop.window.session.repository.path == str(second)
    assert desktop.window.session.failing() == ("test_calc.py::test_add",)
    assert desktop.bodies(TroubleRaised) == []
