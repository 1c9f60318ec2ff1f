"""The proof, the evidence and the commit on the command line, in a real sandbox."""

from __future__ import annotations

import subprocess

import pytest

BUGGY = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}


def test_without_a_fix_there_is_no_evidence_and_nothing_to_commit(greenbar, commit):
    ran = greenbar("evidence")
    assert ran.status == 2
    assert "Nothing has been fixed yet" in ran.err
    ran = greenbar("commit", commit(BUGGY))
    assert ran.status == 2
    assert "nothing to commit" in ran.err


@pytest.mark.bubblewrap
def test_a_fix_tells_its_proof_then_its_evidence_is_written_and_it_is_committed(
    greenbar, commit, tmp_path
):
    root = commit(BUGGY)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        subprocess.run(["git", "config", key, value], cwd=root, check=True)
    fixed = greenbar(
        "fix", root, "--sandbox", "bubblewrap", "--setup", "none", "--no-model", "--json", "--apply"
    )  # fmt: skip
    assert fixed.status == 0, fixed.err
    assert "Reverting it makes 1 test fail on its assertion." in fixed.err
    proof = fixed.json["proof"]
    assert proof["bites"]
    assert [hunk["needed_by"] for hunk in proof["hunks"]] == [["test_calc.py::test_add"]]

    page = tmp_path / "evidence.html"
    assert greenbar("evidence", "last", "--out", page).status == 0
    assert "<h2>Proof</h2>" in page.read_text()
    assert "| `test_calc.py::test_add` | failed | passed |" in greenbar("evidence").out

    dry = greenbar("commit", root, "--dry-run")
    assert dry.status == 0, dry.err
    assert "greenbar/fix-test-add" in dry.out
    hook = root / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ngrep -q ticket \"$1\" || { echo 'name a ticket'; exit 1; }\n")
    hook.chmod(0o755)
    refused = greenbar("commit", root)
    assert refused.status == 2
    assert "commit-msg hook refused" in refused.err
    assert "name a ticket" in refused.err
    made = greenbar("commit", root, "--branch", "mend", "--message", "Mend add (ticket 7)")
    assert made.status == 0, made.err
    log = subprocess.run(["git", "log", "-1", "--format=%s %D"], cwd=root, capture_output=True, text=True)
    assert log.stdout.strip() == "Mend add (ticket 7) HEAD -> mend"
