"""A commit of one accept on a new branch, over real git: nothing else of the user's tree moves."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RepositoryError
from core.repo.commit import BranchCommit
from core.repo.git_commands import Stopped
from core.types import FileChange, OwnChanges, Patch
from tests.repositories import commit_repository

LINES = [f"line {n}\n" for n in range(30)]
BEFORE = "".join(LINES)
AFTER = BEFORE.replace("line 3\n", "fixed 3\n")


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A configuration of the test's own, whatever the machine has."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in (
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "EMAIL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    return commit_repository(
        tmp_path / "ein Projekt ü", {"calc.py": BEFORE, "other.py": "x = 1\n", "staged.py": "y = 1\n"}
    )


def git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return ran.stdout


def hook(root: Path, name: str, script: str) -> None:
    place = root / ".git/hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


def accepted(root: Path, path: str = "calc.py", before: str | None = BEFORE, after: str | None = AFTER):
    """The patch, as it is after an accept: in the user's tree."""
    if after is None:
        (root / path).unlink()
    else:
        (root / path).write_text(after)
    sides = [None if text is None else text.encode() for text in (before, after)]
    return BranchCommit(root, Patch((FileChange(path, *sides),)))


def state(root: Path) -> tuple[str, str, str, str]:
    return (
        git(root, "rev-parse", "HEAD"),
        git(root, "rev-parse", "--abbrev-ref", "HEAD"),
        git(root, "branch", "--list"),
        git(root, "status", "--porcelain"),
    )


def test_the_accept_is_committed_on_a_new_branch_and_head_is_there(root: Path) -> None:
    made = accepted(root).make("greenbar/fix", "Fix line 3\n\nA body.\n")
    assert made.paths == ("calc.py",)
    assert git(root, "rev-parse", "--abbrev-ref", "HEAD").strip() == "greenbar/fix"
    assert git(root, "rev-parse", "--short", "HEAD").strip() == made.commit
    assert git(root, "rev-parse", "main") == git(root, "rev-parse", "HEAD~1")
    assert git(root, "show", "HEAD:calc.py") == AFTER
    assert git(root, "log", "-1", "--format=%B").strip() == "Fix line 3\n\nA body."
    assert git(root, "log", "-1", "--format=%an <%ae>").strip() == "Ada <ada@example.org>"
    assert git(root, "status", "--porcelain") == ""


def test_staged_and_unstaged_work_of_the_user_stays_as_it_was(root: Path) -> None:
    (root / "other.py").write_text("x = 2\n")
    (root / "staged.py").write_text("y = 2\n")
    git(root, "add", "staged.py")
    (root / "staged.py").write_text("y = 3\n")
    (root / "new.txt").write_text("mine\n")
    (root / "added.txt").write_text("mine\n")
    git(root, "add", "added.txt")
    accepted(root).make("fix", "Fix")
    assert git(root, "show", "--name-only", "--format=", "HEAD").split() == ["calc.py"]
    assert git(root, "status", "--porcelain") == "A  added.txt\n M other.py\nMM staged.py\n?? new.txt\n"
    assert git(root, "show", ":staged.py") == "y = 2\n"
    assert (root / "staged.py").read_text() == "y = 3\n"


def test_what_was_edited_after_the_accept_stays_uncommitted(root: Path) -> None:
    commit = accepted(root)
    (root / "calc.py").write_text(AFTER + "later\n")
    commit.make("fix", "Fix")
    assert git(root, "show", "HEAD:calc.py") == AFTER
    assert git(root, "status", "--porcelain") == " M calc.py\n"


def test_a_file_with_own_changes_is_refused_then_left_out_or_taken_as_the_user_says(root: Path) -> None:
    mine = BEFORE.replace("line 25\n", "mine 25\n")
    (root / "calc.py").write_text(mine)
    git(root, "add", "calc.py")
    fixed = mine.replace("line 3\n", "fixed 3\n")
    commit = accepted(root, before=mine, after=fixed)
    before = state(root)
    assert commit.entangled() == ("calc.py",)
    with pytest.raises(RepositoryError, match=r"calc\.py held changes of your own") as caught:
        commit.make("fix", "Fix")
    assert caught.value.code == "commit.entangled"
    assert state(root) == before

    commit.make("left", "Fix", OwnChanges.LEAVE)
    assert git(root, "show", "HEAD:calc.py") == AFTER
    assert git(root, "show", ":calc.py") == fixed, "staged as before, on top of the commit"
    assert (root / "calc.py").read_text() == fixed

    git(root, "switch", "-q", "--force", "main")
    (root / "calc.py").write_text(mine)
    accepted(root, before=mine, after=fixed).make("taken", "Fix", OwnChanges.TAKE)
    assert git(root, "show", "HEAD:calc.py") == fixed
    assert git(root, "status", "--porcelain") == ""


def test_own_changes_in_the_very_lines_of_the_fix_cannot_be_left_out(root: Path) -> None:
    mine = BEFORE.replace("line 3\n", "mine 3\n")
    (root / "calc.py").write_text(mine)
    commit = accepted(root, before=mine, after=mine.replace("mine 3\n", "mine and fixed 3\n"))
    before = state(root)
    with pytest.raises(RepositoryError, match="touch the same lines"):
        commit.make("fix", "Fix", OwnChanges.LEAVE)
    assert state(root) == before


def test_new_and_deleted_and_executable_files_are_committed_as_such(root: Path) -> None:
    (root / "tool.sh").write_text("#!/bin/sh\n")
    (root / "tool.sh").chmod(0o755)
    (root / "other.py").unlink()
    changes = (FileChange("other.py", b"x = 1\n", None), FileChange("tool.sh", None, b"#!/bin/sh\n"))
    BranchCommit(root, Patch(changes)).make("fix", "Fix")
    listed = git(root, "ls-tree", "-r", "HEAD")
    assert "other.py" not in listed
    assert next(line for line in listed.splitlines() if "tool.sh" in line).startswith("100755")
    assert git(root, "status", "--porcelain") == ""


def test_line_endings_that_git_converts_are_no_changes_of_the_user(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    before, after = BEFORE.replace("\n", "\r\n"), AFTER.replace("\n", "\r\n")
    (root / "calc.py").write_bytes(after.encode())
    commit = BranchCommit(root, Patch((FileChange("calc.py", before.encode(), after.encode()),)))
    assert commit.entangled() == ()
    commit.make("fix", "Fix")
    assert git(root, "show", "HEAD:calc.py") == AFTER


def test_a_hook_that_refuses_is_named_with_its_words_and_nothing_has_moved(root: Path) -> None:
    hook(root, "pre-commit", "echo 'calc.py: line too long'\nexit 1")
    (root / "other.py").write_text("x = 2\n")
    git(root, "add", "other.py")
    commit = accepted(root)
    before = state(root)
    with pytest.raises(RepositoryError) as caught:
        commit.make("fix", "Fix")
    assert (
        caught.value.sentence
        == "The project's pre-commit hook refused the commit. Nothing was committed."
    )
    assert "line too long" in caught.value.details
    assert state(root) == before


def test_the_message_hook_sees_the_message_and_may_refuse_it(root: Path) -> None:
    hook(root, "commit-msg", 'grep -q "^JIRA-" "$1" || { echo "no ticket in: $(head -1 "$1")"; exit 1; }')
    commit = accepted(root)
    with pytest.raises(RepositoryError, match="commit-msg hook refused") as caught:
        commit.make("fix", "Fix line 3")
    assert "no ticket in: Fix line 3" in caught.value.details
    commit.make("fix", "JIRA-7 Fix line 3")
    assert git(root, "log", "-1", "--format=%s").strip() == "JIRA-7 Fix line 3"


def test_a_hook_sees_what_is_committed_and_what_it_adds_is_said(root: Path) -> None:
    hook(
        root,
        "pre-commit",
        "git diff --cached --name-only\ngit symbolic-ref --short HEAD\n"
        "echo generated > made.txt\ngit add made.txt",
    )
    made = accepted(root).make("fix", "Fix")
    assert made.said.splitlines() == ["calc.py", "fix"]
    assert made.added == ("made.txt",)
    assert git(root, "status", "--porcelain") == ""


def test_stop_kills_a_hook_and_its_children_and_nothing_has_moved(root: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    hook(root, "pre-commit", f"sleep 300 &\necho $! > '{started}'\nwait")
    commit = accepted(root)
    before = state(root)
    stop = threading.Event()

    def soon() -> None:
        while not started.exists() or not started.read_text().strip():
            time.sleep(0.02)
        stop.set()

    watching = threading.Thread(target=soon)
    watching.start()
    with pytest.raises(Stopped):
        commit.make("fix", "Fix", stopped=stop.is_set)
    watching.join()
    assert state(root) == before
    child = int(started.read_text())
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        if "Z" in Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]:
            break
        time.sleep(0.02)
    else:
        pytest.fail("the hook's child lives on")


def test_signing_that_fails_is_told_and_nothing_has_moved(root: Path) -> None:
    git(root, "config", "commit.gpgSign", "true")
    git(root, "config", "gpg.program", "/bin/false")
    commit = accepted(root)
    before = state(root)
    with pytest.raises(RepositoryError, match="could not sign the commit"):
        commit.make("fix", "Fix")
    assert state(root) == before


def test_a_branch_that_exists_is_refused_with_a_free_name(root: Path) -> None:
    git(root, "branch", "fix")
    git(root, "branch", "fix-2")
    commit = accepted(root)
    assert commit.free_branch("fix") == "fix-3"
    with pytest.raises(RepositoryError, match="a branch fix already") as caught:
        commit.make("fix", "Fix")
    assert caught.value.remedies[0].shell == "greenbar commit --branch fix-3"
    for bad in ("", "a b", "-x", "@{-1}", "x..y"):
        with pytest.raises(RepositoryError, match="name of a branch"):
            commit.check_branch(bad)
    with pytest.raises(RepositoryError, match="could not make the branch fix/inner"):
        commit.make("fix/inner", "Fix")


def test_a_detached_head_is_left_for_the_branch(root: Path) -> None:
    git(root, "switch", "-q", "--detach")
    commit = accepted(root)
    assert commit.detached() == git(root, "rev-parse", "--short", "HEAD").strip()
    hook(root, "pre-commit", "exit 1")
    before = state(root)
    with pytest.raises(RepositoryError, match="pre-commit"):
        commit.make("fix", "Fix")
    assert state(root) == before
    (root / ".git/hooks/pre-commit").unlink()
    commit.make("fix", "Fix")
    assert git(root, "rev-parse", "--abbrev-ref", "HEAD").strip() == "fix"


def test_a_merge_under_way_is_finished_first(root: Path) -> None:
    git(root, "switch", "-q", "-c", "side")
    (root / "other.py").write_text("x = 5\n")
    git(root, "commit", "-qam", "side")
    git(root, "switch", "-q", "main")
    (root / "other.py").write_text("x = 6\n")
    git(root, "commit", "-qam", "main")
    subprocess.run(["git", "merge", "-q", "side"], cwd=root, capture_output=True, check=False)
    with pytest.raises(RepositoryError, match="A merge is under way") as caught:
        accepted(root).make("fix", "Fix")
    assert caught.value.remedies[0].shell == "git merge --continue"


def test_without_a_name_git_is_told_who_you_are_first(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nobody = tmp_path / "nobody"
    nobody.write_text("[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(nobody))
    commit = accepted(root)
    with pytest.raises(RepositoryError, match="does not know your name") as caught:
        commit.make("fix", "Fix")
    assert "user.name" in caught.value.remedies[0].shell


def test_no_commit_yet_a_locked_index_and_nothing_left_are_said(root: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    change = FileChange("m.py", None, b"x = 1\n")
    with pytest.raises(RepositoryError, match="no commit yet"):
        BranchCommit(empty, Patch((change,))).check()
    commit = accepted(root)
    lock = root / ".git/index.lock"
    lock.touch()
    with pytest.raises(RepositoryError, match="Another git command"):
        commit.check()
    lock.unlink()
    commit.make("fix", "Fix")
    with pytest.raises(RepositoryError, match="nothing to commit"):
        commit.make("again", "Fix")
