"""Whatever goes wrong in an accept, the tree is as before it or as after it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import RepositoryError
from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange, Patch

TreeOf = Callable[[Path], dict[str, tuple[int, bytes]]]
PROJECT = Path(__file__).resolve().parents[3]


def test_a_file_in_place_of_a_folder_rolls_everything_back(
    root: Path, journal: AcceptJournal, tree: TreeOf
) -> None:
    before = tree(root)
    with pytest.raises(RepositoryError, match="Nothing was changed") as caught:
        journal.accept(build_patch([FileChange("a.txt", None, b"a"), FileChange("run.sh/x", None, b"x")]))
    assert caught.value.code == "accept.failed"
    assert tree(root) == before
    assert AcceptJournal.recover(journal) is None


def test_a_file_that_refuses_its_replacement_rolls_back_those_already_written(
    root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    before = tree(root)
    if subprocess.run(["chattr", "+i", root / "run.sh"], check=False, capture_output=True).returncode:
        pytest.skip("the immutable flag needs root and a file system that has it")
    try:
        with pytest.raises(RepositoryError, match=r"run\.sh could not be written") as caught:
            journal.accept(everything)
    finally:
        subprocess.run(["chattr", "-i", root / "run.sh"], check=True)
    assert caught.value.code == "accept.read_only"
    assert tree(root) == before
    assert not journal.depth[0]


_IN_CHILD = """
import os, resource, sys
from pathlib import Path
from core.errors import RepositoryError
from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange

store, root, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
changes = [FileChange("a.txt", None, b"small"), FileChange("pkg/big.txt", None, b"x" * 50_000)]
if how == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
if how == "no_permission" and os.geteuid() == 0:
    os.chown(root, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
try:
    AcceptJournal(store, root).accept(build_patch(changes))
except RepositoryError as error:
    print(error.code)
"""


@pytest.mark.parametrize(
    ("how", "code"), [("full", "accept.no_space"), ("no_permission", "accept.read_only")]
)
def test_a_full_disk_or_a_missing_permission_leaves_the_tree_as_it_was(
    tmp_path: Path, root: Path, how: str, code: str, tree: TreeOf
) -> None:
    before = tree(root)
    (root / "pkg").chmod(0o555)
    store = tmp_path / "journal"
    store.mkdir()
    store.chmod(0o777)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    if how == "full":
        (root / "pkg").chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-B", "-c", _IN_CHILD, store, root, how],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (root / "pkg").chmod(before["pkg"][0] & 0o777)
    assert ran.stdout.strip() == code, ran.stderr
    assert tree(root) == before


def test_a_disk_that_fills_up_while_writing_leaves_the_tree_as_it_was(
    tmp_path: Path, root: Path, tree: TreeOf
) -> None:
    small = root / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        (small / "b.txt").write_bytes(b"old")
        journal = AcceptJournal(tmp_path / "journal", root)
        before = tree(root)
        changes = [
            FileChange("small/a.txt", None, b"a"),
            FileChange("small/b.txt", b"old", b"x" * 100_000),
        ]
        with pytest.raises(
            RepositoryError, match=r"small/b\.txt could not be written for lack of disk space"
        ):
            journal.accept(build_patch([FileChange("new/file.txt", None, b"n"), *changes]))
        assert tree(root) == before
        assert journal.recover() is None
    finally:
        subprocess.run(["umount", str(small)], check=True)


_MANY = """
import sys
from pathlib import Path
from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange

store, root, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
journal = AcceptJournal(store, root)
if action == "undo":
    journal.undo()
else:
    changes = [FileChange(f"many/{n:03}.txt", b"old %d" % n, b"new %d" % n) for n in range(60)]
    journal.accept(build_patch(changes))
"""


@pytest.mark.parametrize("action", ["accept", "undo"])
@pytest.mark.parametrize("sign", [".greenbar-1-3.tmp", "000.txt", "030.txt", "059.txt"])
def test_a_killed_accept_or_undo_is_settled_at_the_next_start(
    tmp_path: Path, root: Path, journal: AcceptJournal, action: str, sign: str, tree: TreeOf
) -> None:
    (root / "many").mkdir()
    for n in range(60):
        (root / f"many/{n:03}.txt").write_bytes(b"old %d" % n)
    old = tree(root)
    new = old | {f"many/{n:03}.txt": (old["many/000.txt"][0], b"new %d" % n) for n in range(60)}
    command = [sys.executable, "-B", "-c", _MANY, str(tmp_path / "journal"), str(root)]
    if action == "undo":
        subprocess.run([*command, "accept"], cwd=PROJECT, check=True)
        assert tree(root) == new
    start, goal = (new, old) if action == "undo" else (old, new)
    watched = root / "many" / sign
    at_first = watched.read_bytes() if watched.exists() else None
    child = subprocess.Popen([*command, action], cwd=PROJECT)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and child.poll() is None:
        if watched.exists() and (at_first is None or watched.read_bytes() != at_first):
            break
    child.send_signal(signal.SIGKILL)
    child.wait()

    recovery = journal.recover()

    if recovery is None:  # it was quicker than we, which it cannot be while it stages its first files
        assert not sign.endswith(".tmp")
        assert tree(root) == goal
    else:
        assert recovery.action == action
        assert tree(root) == (goal if recovery.completed else start)
        assert ("completed" if recovery.completed else "rolled back") in recovery.sentence
    assert journal.recover() is None
    while journal.depth[0]:
        journal.undo()
    assert tree(root) == old


def test_a_log_cut_off_before_its_last_word_is_completed(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    before = tree(root)
    journal.accept(everything)
    (log,) = (tmp_path / "journal").rglob("log.jsonl")
    log.write_bytes(log.read_bytes()[:-9])
    recovery = journal.recover()
    assert recovery is not None
    assert recovery.completed
    journal.undo()
    assert tree(root) == before


def test_recovery_leaves_a_file_alone_that_somebody_edited_after_the_crash(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    before = tree(root)
    journal.accept(everything)
    (log,) = (tmp_path / "journal").rglob("log.jsonl")
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:1]))
    (root / "run.sh").write_bytes(b"edited by hand")
    recovery = journal.recover()
    assert recovery is not None
    assert not recovery.completed
    assert recovery.untouched == ("run.sh",)
    assert tree(root) == before | {"run.sh": (before["run.sh"][0], b"edited by hand")}
