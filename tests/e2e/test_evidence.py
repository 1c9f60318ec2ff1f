"""Fix, proof, accept, evidence, commit, in the real window over real git and a real sandbox."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.events import (
    Accepted,
    CommitDrafted,
    Committed,
    EvidenceSaved,
    FixFinished,
    Proven,
    PullRequestDrafted,
    TestRunFinished,
    TroubleRaised,
    Undone,
)

GAP = "".join(f"\n# {n}\n" for n in range(8))
SOURCE = (
    f'"""Sums."""\n{GAP}\n\ndef add(a, b):\n    return a - b\n{GAP}\n\ndef double(a):\n    return a * 3\n'
)
FIXED = SOURCE.replace("a - b", "a + b").replace("a * 3", "a * 2")
TESTS = (
    "from calc import add, double\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\n"
    "def test_double():\n    assert double(4) == 8\n"
)


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.bubblewrap
def test_fix_proof_accept_evidence_and_a_commit_that_a_hook_refuses_once(
    open_desktop, repository, tmp_path
):
    root = repository({"calc.py": SOURCE, "test_calc.py": TESTS})
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no commit before lunch'\nexit 1\n")
    hook.chmod(0o755)
    (root / "notes.txt").write_text("mine\n")
    git(root, "add", "notes.txt")
    transcript = tmp_path / "transcript.jsonl"
    transcript.write_text(json.dumps({"matches": "def", "answer": f"```python\n{FIXED}```"}) + "\n")

    desktop = open_desktop(sandbox="bubblewrap", model=f"scripted:{transcript}")
    window = desktop.window
    window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")
    desktop.do("fix")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the fix")
    desktop.wait(lambda: bool(desktop.bodies(Proven)) and desktop.idle(), "the proof")
    workspace = window.ensure_workspace()
    proof = desktop.bodies(Proven)[-1].proof
    assert proof.bites
    sentence = "Reverting it makes 2 tests fail on their assertion. Each of its 2 hunks is needed."
    assert workspace.review._proof.text() == sentence
    assert workspace.fix._verdict._proof.text() == sentence
    notes = [text for text, _ in workspace.review.view.notes.values()]
    assert notes == ["needed by test_add", "needed by test_double"]

    desktop.do("accept_all")
    desktop.wait(lambda: bool(desktop.bodies(Accepted)) and desktop.idle(), "accept")
    page = tmp_path / "evidence.html"
    window.handlers.evidence.save(str(page))
    desktop.wait(lambda: bool(desktop.bodies(EvidenceSaved)) and desktop.idle(), "the evidence")
    assert "Reverting it makes 2 tests fail" in page.read_text()
    desktop.do("copy_pull_request")
    desktop.wait(lambda: bool(desktop.bodies(PullRequestDrafted)) and desktop.idle(), "the text")
    assert QApplication.clipboard().text().startswith("# Fix test\\_add and test\\_double")

    desktop.do("commit")
    desktop.wait(lambda: bool(desktop.bodies(CommitDrafted)) and desktop.idle(), "the draft")
    dialog = window.handlers.evidence.dialog
    dialog.branch.setText("mend")
    dialog.commit.click()
    desktop.wait(lambda: bool(desktop.bodies(TroubleRaised)) and desktop.idle(), "the refusal")
    assert "pre-commit hook refused" in dialog._trouble.text()
    assert "no commit before lunch" in dialog._said.toPlainText()
    assert git(root, "branch", "--show-current").strip() == "main"
    hook.unlink()
    dialog.commit.click()
    desktop.wait(lambda: bool(desktop.bodies(Committed)) and desktop.idle(), "the commit")
    assert window.handlers.evidence.dialog is None
    assert git(root, "log", "-1", "--format=%s %D").strip() == "Fix test_add and test_double HEAD -> mend"
    assert git(root, "status", "--porcelain") == "A  notes.txt\n"
    assert window.session.repository.branch == "mend"

    desktop.do("undo")
    desktop.wait(lambda: bool(desktop.bodies(Undone)) and desktop.idle(), "undo")
    assert (root / "calc.py").read_text() == SOURCE
    assert "a + b" in git(root, "show", "HEAD:calc.py")
