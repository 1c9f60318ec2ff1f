"""From opening a repository to accept and undo, in the real window."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.events import (
    Accepted,
    ConsentNeeded,
    FixFinished,
    ReviewReady,
    SelectionVerified,
    TestRunFinished,
    TroubleRaised,
    Undone,
)
from core.types import Verdict
from ui.window.cards import ConsentCard

SOURCE = '''"""Two mistakes, far apart."""


def add(a, b):
    return a - b


def first_words(text, count):
    """The first words of a text."""
    words = text.split()
    chosen = []
    for word in words:
        if len(chosen) == count:
            break
        chosen.append(word)
    return " ".join(chosen)


def double(a):
    return a * 3
'''
TESTS = """from calc import add, double, first_words


def test_add():
    assert add(2, 3) == 5


def test_double():
    assert double(4) == 8


def test_first_words():
    assert first_words("a b c", 2) == "a b"
"""
FIXED = SOURCE.replace("a - b", "a + b").replace("a * 3", "a * 2")
MODEL = Path(
    os.environ.get("GREENBAR_MODEL")
    or Path(platformdirs.user_data_dir("greenbar")) / "models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
)


def transcript(folder: Path, answer: str) -> str:
    """A model that gives one answer to every prompt, as often as it is asked."""
    path = folder / "transcript.jsonl"
    path.write_text(json.dumps({"matches": "def", "answer": answer}) + "\n")
    return f"scripted:{path}"


def open_and_fix(desktop, root: Path) -> None:
    desktop.window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")
    desktop.do("fix")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the fix")


def test_open_fix_accept_all_and_undo(open_desktop, repository, tmp_path):
    root = repository({"calc.py": SOURCE, "test_calc.py": TESTS})
    desktop = open_desktop(model=transcript(tmp_path, f"```python\n{FIXED}```"))
    open_and_fix(desktop, root)
    session = desktop.window.session
    assert sorted(session.failing()) == ["test_calc.py::test_add", "test_calc.py::test_double"]
    assert desktop.bodies(FixFinished)[-1].result.verdict is Verdict.GREEN
    assert (root / "calc.py").read_text() == SOURCE, "nothing is written before accept"

    desktop.do("accept_all")
    desktop.wait(lambda: bool(desktop.bodies(Accepted)) and desktop.idle(), "accept")
    assert (root / "calc.py").read_text() == FIXED
    assert not session.failing(), "the bar is green because the tests ran again"

    desktop.do("undo")
    desktop.wait(lambda: bool(desktop.bodies(Undone)) and desktop.idle(), "undo")
    assert (root / "calc.py").read_bytes() == SOURCE.encode()
    assert len(session.failing()) == 2
    assert desktop.bodies(TroubleRaised) == []


@pytest.mark.bubblewrap
def test_a_chosen_hunk_is_verified_and_written_alone(open_desktop, repository, tmp_path):
    root = repository({"calc.py": SOURCE, "test_calc.py": TESTS})
    desktop = open_desktop(sandbox="bubblewrap", model=transcript(tmp_path, f"```python\n{FIXED}```"))
    open_and_fix(desktop, root)
    desktop.do("review_best")
    desktop.wait(lambda: bool(desktop.bodies(ReviewReady)) and desktop.idle(), "the review")
    view = desktop.window.ensure_workspace().review.view
    view.decide_current(False)
    desktop.do("verify_selection")
    desktop.wait(lambda: bool(desktop.bodies(SelectionVerified)) and desktop.idle(), "verification")
    assert desktop.bodies(SelectionVerified)[-1].comparison.verdict is Verdict.IMPROVED
    desktop.do("accept_selected")
    desktop.wait(lambda: bool(desktop.bodies(Accepted)) and desktop.idle(), "accept")
    text = (root / "calc.py").read_text()
    assert ("a + b" in text) != ("a * 2" in text), "exactly one of the two hunks was written"


@pytest.mark.bubblewrap
def test_a_folder_that_is_no_repository_shows_one_sentence_and_the_window_lives(
    open_desktop, repository, tmp_path
):
    plain = tmp_path / "plain"
    plain.mkdir()
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.window.open_path(str(plain))
    desktop.wait(lambda: bool(desktop.bodies(TroubleRaised)) and desktop.idle(), "the trouble")
    [trouble] = desktop.bodies(TroubleRaised)
    assert trouble.code == "repository.not_git"
    root = repository({"calc.py": SOURCE, "test_calc.py": TESTS})
    desktop.window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")


@pytest.mark.bubblewrap
def test_stop_ends_a_fix_and_the_best_so_far_stays(open_desktop, repository):
    root = repository(
        {
            "m.py": "def f(x):\n    a = x + 1\n    b = a * 2\n    return b\n",
            "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
        }
    )
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")
    desktop.do("fix")
    desktop.wait(lambda: len(desktop.window.session.candidates) > 2, "candidates")
    desktop.do("stop")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the stop")
    assert desktop.bodies(FixFinished)[-1].result.stopped


@pytest.mark.bubblewrap
@pytest.mark.model
@pytest.mark.slow
def test_the_embedded_model_repairs_what_mutation_cannot(
    open_desktop, repository, monkeypatch: pytest.MonkeyPatch
):
    """No mutant makes up the text that is missing; the model has to write it."""
    if not MODEL.is_file():
        pytest.skip(f"the embedded model is not at {MODEL}; `greenbar models pull` fetches it")
    monkeypatch.setenv("GREENBAR_MODEL", str(MODEL))
    source = (
        "def greeting(name):\n"
        '    """The word Hello, a comma, a space, the name and an exclamation mark."""\n'
        "    return None\n"
    )
    tests = (
        "from greet import greeting\n\n\n"
        "def test_ann():\n    assert greeting('Ann') == 'Hello, Ann!'\n\n\n"
        "def test_bob():\n    assert greeting('Bob') == 'Hello, Bob!'\n"
    )
    root = repository({"greet.py": source, "test_greet.py": tests})
    desktop = open_desktop(sandbox="bubblewrap", model="embedded")
    open_and_fix(desktop, root)
    result = desktop.bodies(FixFinished)[-1].result
    assert result.verdict is Verdict.GREEN
    assert result.tokens.completion > 0
    desktop.do("accept_all")
    desktop.wait(lambda: bool(desktop.bodies(Accepted)) and desktop.idle(), "accept")
    assert (root / "greet.py").read_text() != source
    desktop.do("undo")
    desktop.wait(lambda: bool(desktop.bodies(Undone)) and desktop.idle(), "undo")
    assert (root / "greet.py").read_text() == source


@pytest.mark.bubblewrap
@pytest.mark.slow
def test_packages_are_installed_only_after_the_users_yes(open_desktop, repository):
    root = repository(
        {
            "requirements.txt": "toolz==1.0.0\n",
            "m.py": "import toolz\n\n\ndef head(items):\n    return toolz.second(items)\n",
            "test_m.py": "from m import head\n\n\ndef test_head():\n    assert head([1, 2]) == 1\n",
        }
    )
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.window.open_path(str(root))
    desktop.wait(
        lambda: bool(desktop.bodies(ConsentNeeded)) and not desktop.inbox.pending(), "the question"
    )
    [card] = desktop.window.findChildren(ConsentCard)
    assert "requirements.txt" in desktop.bodies(ConsentNeeded)[-1].request.text
    QTest.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    desktop.wait(lambda: len(desktop.bodies(TestRunFinished)) > 1 and desktop.idle(), "the set-up")
    assert list(desktop.window.session.failing()) == ["test_m.py::test_head"]
    desktop.do("fix")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the fix")
    assert desktop.bodies(FixFinished)[-1].result.verdict is Verdict.GREEN
