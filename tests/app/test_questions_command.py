"""``greenbar fix`` asks on a terminal which of the fixes that pass is meant, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

AMBIGUOUS = {
    "ages.py": "def is_adult(age):\n    return age < 18\n",
    "test_ages.py": "from ages import is_adult\n\n\n"
    "def test_adult():\n    assert is_adult(30)\n    assert not is_adult(5)\n",
}
FIX = [sys.executable, "-m", "app.main", "fix"]
OPTIONS = ["--sandbox", "bubblewrap", "--no-model", "--strategy", "deep"]
WAIT_SECONDS = 120.0


def read_until(master: int, words: bytes, seen: bytes = b"") -> bytes:
    deadline = time.monotonic() + WAIT_SECONDS
    while words not in seen:
        assert time.monotonic() < deadline, seen.decode()
        seen += os.read(master, 4096)
    return seen


@pytest.mark.bubblewrap
def test_a_number_chooses_a_fix_and_an_empty_line_leaves_the_rest_open(environment, commit):
    root = commit(AMBIGUOUS)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*FIX, str(root), *OPTIONS], env=environment, stdin=slave, stderr=slave, stdout=subprocess.PIPE
    )
    os.close(slave)
    try:
        seen = read_until(master, b"Enter: later")
        assert b"? What should is_adult(18) give?" in seen
        assert b"(recommended)" in seen
        os.write(master, b"what do you mean?\n")
        seen = read_until(master, b"That is a question; an answer is needed.", seen)
        os.write(master, b"2\n")
        seen = read_until(master, b"ruled out", seen)
        os.write(master, b"\n")
        assert process.stdout is not None
        diff = process.stdout.read()
        assert process.wait(WAIT_SECONDS) == 0, seen.decode()
        assert b"+    return age >" in diff
    finally:
        process.kill()
        process.wait()
        os.close(master)
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.bubblewrap
def test_without_a_terminal_the_open_question_is_in_the_object(greenbar, commit):
    root: Path = commit(AMBIGUOUS)
    ran = greenbar("fix", root, *OPTIONS, "--json")
    assert ran.status == 0, ran.err
    question = ran.json["question"]
    assert question["text"].startswith("What should is_adult(")
    assert len(question["options"]) >= 2
    assert question["looked_up"]
