"""``greenbar fix --review``: remarks and refusals on the terminal; ``greenbar refused``."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

FILES = {
    "m.py": "def double(a):\n    return a * 3\n",
    "test_m.py": "from m import double\n\n\ndef test_double():\n    assert double(4) == 8\n",
}
PROMPT = b"q: leave: "
STEPS = b"or better words: "
WAIT_SECONDS = 240.0


def converse(environment: dict[str, str], arguments: list[str], lines: list[tuple[bytes, bytes]]) -> str:
    """Type each line where the terminal shows what stands before it; all that was shown."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.main", *arguments],
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown, unread = b"", b""
    until = time.monotonic() + WAIT_SECONDS
    try:
        for question, line in lines:
            while question not in unread:
                assert time.monotonic() < until, shown.decode()
                piece = os.read(master, 4096)
                shown, unread = shown + piece, unread + piece
            unread = unread.partition(question)[2]
            os.write(master, line + b"\n")
        while True:
            try:
                shown += os.read(master, 4096)
            except OSError:  # the other side has closed
                break
        process.wait(10)
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    return shown.decode()


def test_a_remark_and_a_refusal_on_the_terminal(environment, commit, greenbar, tmp_path):
    root: Path = commit(FILES)
    answers = tmp_path / "transcript.jsonl"
    right = "```python\ndef double(a):\n    return a * 2\n```"
    other = "```python\ndef double(a):\n    return a << 1\n```"
    rows = (
        {"contains": "The user refused these changes", "answer": other},
        {"matches": "def", "answer": right},
    )
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["fix", str(root), "--sandbox", "host", "--review", "--proposers", "direct,refine"]
    command += ["--model", f"scripted:{answers}"]
    shown = converse(
        environment,
        command,
        [
            (PROMPT, b"r 1 why?"),
            (STEPS, b"use `a + a` instead of `a * 2`"),
            (STEPS, b""),
            (PROMPT, b"n"),
            (PROMPT, b"x 1 too clever"),
            (PROMPT, b"what"),
            (PROMPT, b"n"),
            (PROMPT, b"a"),
        ],
    )
    assert "This is a question" in shown
    assert "That is none of the answers." in shown
    assert "+    return a + a" in shown
    assert (root / "m.py").read_text() in (
        FILES["m.py"].replace("a * 3", "a << 1"), FILES["m.py"].replace("a * 3", "a * 2")
    )  # fmt: skip
    [row] = greenbar("refused", root, "--json").json["refused"]
    assert (row["lines"], row["reason"]) == (["-    return a * 3", "+    return a + a"], "too clever")
    assert greenbar("refused", root, "--allow", str(row["id"])).status == 0
    assert greenbar("refused", root, "--json").json == {"refused": []}
    assert greenbar("refused", root, "--allow", "9").status == 2


def test_a_review_without_a_terminal_is_a_usage_error(greenbar, commit):
    ran = greenbar("fix", commit(FILES), "--review", "--sandbox", "host")
    assert ran.status == 2
    assert "--review asks on the terminal" in ran.err
