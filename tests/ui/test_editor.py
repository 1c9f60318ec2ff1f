"""Opening a test in the user's own editor: which, at which line, and what is said where that fails."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from core.types import Frame, Outcome, Settings, TestResult
from tests.ui.replay import Stage
from ui.editor import editor_arguments, line_of, open_test

NODE = "t.py::Group::test_b[1]"
SOURCE = """import m


class Group:
    def test_a(self):
        pass

    def test_b(self, n):
        pass
"""


def nothing(_name: str) -> str:
    return ""


def test_the_users_command_comes_first_and_is_no_shell() -> None:
    said = editor_arguments("my-editor --at {line} '{file}' ; ls", Path("/r/a b.py"), 7, nothing)
    assert said == ["my-editor", "--at", "7", "/r/a b.py", ";", "ls"]


def test_a_command_without_a_place_for_the_file_gets_it_last() -> None:
    assert editor_arguments("ed -x", Path("/r/a.py"), 7, nothing) == ["ed", "-x", "/r/a.py"]


def test_else_an_editor_that_is_there_is_found() -> None:
    found = editor_arguments("", Path("/r/a.py"), 7, lambda name: "/bin/x" if name == "kate" else "")
    assert found == ["kate", "--line", "7", "/r/a.py"]
    assert editor_arguments("", Path("/r/a.py"), 7, nothing) == []


def test_the_line_is_where_the_test_failed_or_else_where_it_begins() -> None:
    frames = (Frame("t.py", 9, "test_b"), Frame("m.py", 3, "f"))
    assert line_of(NODE, TestResult(NODE, Outcome.FAILED, frames=frames), SOURCE) == 9
    assert line_of(NODE, TestResult(NODE, Outcome.PASSED), SOURCE) == 8
    assert line_of("t.py::test_gone", None, SOURCE) == 1
    assert line_of("t.py", None, SOURCE) == 1


def test_it_starts_for_real(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(SOURCE)
    note = tmp_path / "note"
    script = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    command = shlex.join([sys.executable, "-c", script, str(note), "{file}", "{line}"])
    assert open_test(NODE, None, str(tmp_path), Settings(editor_command=command)) == ""
    deadline = time.monotonic() + 20
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert note.read_text() == f"{tmp_path / 't.py'} 8"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-editor-here {file}", "The editor no-such-editor-here cannot be started."),
        ("ed 'unclosed", "The editor's command cannot be read: ed 'unclosed."),
    ],
)
def test_what_goes_wrong_is_a_sentence(stage: Stage, tmp_path: Path, command: str, said: str) -> None:
    (tmp_path / "t.py").write_text(SOURCE)
    assert open_test(NODE, None, str(tmp_path), Settings(editor_command=command)) == said


def test_a_file_that_is_gone_is_said(stage: Stage, tmp_path: Path) -> None:
    assert open_test(NODE, None, str(tmp_path), Settings()) == "t.py is not there any more."
