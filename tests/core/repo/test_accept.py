"""Accept writes all or nothing, and undo brings back every byte."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GreenbarError, PatchError, RepositoryError, UsageError
from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange, Patch

PARSER = b"def parse(text):\n    return text\n"
PROJECT = Path(__file__).resolve().parents[3]


def _tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything outside ``.git``: mode and content (a link's target, nothing for a folder)."""
    seen: dict[str, tuple[int, bytes]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] == ".git":
            continue
        if path.is_symlink():
            seen[name] = (0, os.fsencode(path.readlink()))
        else:
            seen[name] = (path.stat().st_mode, b"" if path.is_dir() else path.read_bytes())
    return seen


def _edit(path: str, before: bytes | None, after: bytes | None) -> Patch:
    return build_patch([FileChange(path, before, after)])


@pytest.fixture
def journal(tmp_path: Path, root: Path) -> AcceptJournal:
    return AcceptJournal(tmp_path / "journal", root)


@pytest.fixture
def everything(root: Path) -> Patch:
    """A changed, a new, a deleted and an executable CRLF file without a final newline."""
    (root / "old.txt").write_bytes(b"old\n")
    (root / "old.txt").chmod(0o640)
    return build_patch(
        [
            FileChange("pkg/parser.py", PARSER, PARSER.replace(b"return text", b"return text.strip()")),
            FileChange("new/deep/größe.py", None, b"x = 1\n"),
            FileChange("old.txt", b"old\n", None),
            FileChange("run.sh", b"#!/bin/sh\r\necho hi", b"#!/bin/sh\r\necho ho"),
        ]
    )


def test_undo_brings_back_every_byte_mode_and_folder_and_redo_writes_them_again(
    root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    before = _tree(root)
    record = journal.accept(everything)
    after = _tree(root)
    assert {p: after[p][1] if p in after else None for p in everything.paths} == {
        c.path: c.after for c in everything.changes
    }
    assert after["run.sh"][0] == before["run.sh"][0]
    assert (record.accept, record.patch) == (1, everything)
    for _ in range(2):
        assert journal.undo() == record
        assert _tree(root) == before
        assert journal.redo() == record
        assert _tree(root) == after


def test_undo_works_after_a_restart(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    before = _tree(root)
    journal.accept(everything)
    anew = AcceptJournal(tmp_path / "journal", root)
    assert (anew.can_undo, anew.can_redo) == (True, False)
    assert anew.undo().patch == everything
    assert _tree(root) == before


def test_accepts_are_undone_newest_first_and_a_new_one_ends_redo(
    root: Path, journal: AcceptJournal
) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    journal.accept(_edit("a.txt", b"1", b"2"))
    journal.undo()
    assert (root / "a.txt").read_bytes() == b"1"
    journal.undo()
    assert not (root / "a.txt").exists()
    assert not journal.can_undo
    journal.redo()
    assert journal.accept(_edit("a.txt", b"1", b"3")).accept == 3
    assert not journal.can_redo
    with pytest.raises(RepositoryError, match="nothing to redo"):
        journal.redo()
    journal.undo()
    journal.undo()
    with pytest.raises(RepositoryError, match="nothing to undo"):
        journal.undo()


_content = st.one_of(st.none(), st.binary(max_size=3))
_sides = st.dictionaries(st.sampled_from(["a", "b", "d/c", "d/e/f"]), _content, max_size=3)
_steps = st.lists(st.one_of(st.sampled_from(["undo", "redo"]), _sides), max_size=12)


@settings(max_examples=40, deadline=None)
@given(_steps)
def test_any_row_of_accepts_undos_and_redos_leads_where_a_plain_history_leads(
    steps: list[str | dict[str, bytes | None]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "root"
        root.mkdir()
        history: list[dict[str, bytes]] = [{}]
        at = 0
        for step in steps:
            journal = AcceptJournal(Path(name) / "journal", root)
            if isinstance(step, dict):
                now = history[at]
                patch = build_patch(FileChange(p, now.get(p), data) for p, data in step.items())
                if patch.changes:
                    journal.accept(patch)
                    after = {p: data for p, data in (now | step).items() if data is not None}
                    history, at = [*history[: at + 1], after], at + 1
            elif step == "undo" and at > 0:
                journal.undo()
                at -= 1
            elif step == "redo" and at + 1 < len(history):
                journal.redo()
                at += 1
            assert (journal.can_undo, journal.can_redo) == (at > 0, at + 1 < len(history))
            on_disk = {p: data for p, (_, data) in _tree(root).items() if (root / p).is_file()}
            assert on_disk == history[at]
        for _ in range(at):
            AcceptJournal(Path(name) / "journal", root).undo()
        assert _tree(root) == {}


def test_git_sees_the_accept_as_a_plain_change_and_nothing_after_undo(
    root: Path, journal: AcceptJournal, git: Callable[..., str]
) -> None:
    journal.accept(_edit("pkg/parser.py", PARSER, b"pass\n"))
    assert git(root, "status", "--porcelain") == " M pkg/parser.py\n"
    journal.undo()
    assert git(root, "status", "--porcelain") == ""


def test_a_file_changed_since_the_tests_ran_stops_the_whole_accept(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    (root / "run.sh").write_bytes(b"#!/bin/sh\r\necho mine")
    before = _tree(root)
    with pytest.raises(RepositoryError) as caught:
        journal.accept(everything)
    assert caught.value.code == "accept.drift"
    assert caught.value.sentence == "run.sh has changed since the tests ran. Nothing was written."
    assert caught.value.remedies[0].action == "run_tests"
    assert _tree(root) == before
    assert not journal.can_undo
    assert not list((tmp_path / "journal").rglob("log.jsonl"))


@pytest.mark.parametrize("name", ["new.py", "gone.py"])
def test_a_file_that_appeared_or_vanished_is_drift(root: Path, journal: AcceptJournal, name: str) -> None:
    (root / "new.py").write_bytes(b"mine\n")
    patch = _edit("new.py", None, b"x\n") if name == "new.py" else _edit("gone.py", b"x\n", b"y\n")
    with pytest.raises(RepositoryError) as caught:
        journal.accept(patch)
    assert caught.value.code == "accept.drift"
    assert (root / "new.py").read_bytes() == b"mine\n"


def test_undo_refuses_to_overwrite_later_work(
    root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    journal.accept(everything)
    (root / "pkg/parser.py").write_bytes(b"later work\n")
    before = _tree(root)
    with pytest.raises(RepositoryError, match="has changed since it was accepted") as caught:
        journal.undo()
    assert caught.value.code == "accept.drift"
    assert _tree(root) == before
    assert journal.can_undo


def test_undo_keeps_a_folder_that_got_other_files_meanwhile(root: Path, journal: AcceptJournal) -> None:
    journal.accept(_edit("new/deep/a.py", None, b"x\n"))
    (root / "new/mine.txt").write_bytes(b"mine")
    journal.undo()
    assert sorted(p.name for p in (root / "new").iterdir()) == ["mine.txt"]


def test_a_link_is_written_through_to_its_target_inside(root: Path, journal: AcceptJournal) -> None:
    (root / "alias.py").symlink_to("pkg/parser.py")
    journal.accept(_edit("alias.py", PARSER, b"pass\n"))
    assert (root / "alias.py").is_symlink()
    assert (root / "pkg/parser.py").read_bytes() == b"pass\n"
    journal.undo()
    assert (root / "pkg/parser.py").read_bytes() == PARSER


@pytest.mark.parametrize("leads_to", ["../outside.txt", "../elsewhere/file", ".git/config"])
def test_nothing_is_written_through_a_link_that_leads_out(
    tmp_path: Path, root: Path, journal: AcceptJournal, leads_to: str
) -> None:
    (tmp_path / "outside.txt").write_bytes(b"outside\n")
    (root / "link").symlink_to(leads_to)
    before = (root / "link").read_bytes() if (root / "link").exists() else None
    with pytest.raises(RepositoryError) as caught:
        journal.accept(_edit("link", before, b"evil\n"))
    assert caught.value.code == "accept.outside"
    assert (tmp_path / "outside.txt").read_bytes() == b"outside\n"
    assert b"evil" not in (root / ".git/config").read_bytes()
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_written_behind_a_linked_folder_that_leads_out(
    tmp_path: Path, root: Path, journal: AcceptJournal
) -> None:
    (tmp_path / "outside").mkdir()
    (root / "lib").symlink_to(tmp_path / "outside")
    with pytest.raises(RepositoryError):
        journal.accept(_edit("lib/x.py", None, b"evil\n"))
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize(
    "path", ["../x", "/tmp/greenbar-x", ".git/hooks/pre-commit", "a/../../x", "sub/.Git/config"]
)
def test_paths_out_of_the_repository_or_into_git_are_refused(
    tmp_path: Path, root: Path, journal: AcceptJournal, path: str
) -> None:
    outside = sorted(tmp_path.iterdir())
    with pytest.raises(PatchError):
        journal.accept(Patch((FileChange("a.txt", None, b"a"), FileChange(path, None, b"evil"))))
    assert not (root / "a.txt").exists()
    assert [p for p in tmp_path.iterdir() if p.name != "journal"] == outside


def test_a_read_only_file_stops_the_whole_accept(
    root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    (root / "run.sh").chmod(0o555)
    before = _tree(root)
    with pytest.raises(RepositoryError, match=r"run\.sh is read-only") as caught:
        journal.accept(everything)
    assert caught.value.code == "accept.read_only"
    assert _tree(root) == before


def test_a_pipe_or_folder_in_the_way_is_refused_without_hanging(
    root: Path, journal: AcceptJournal
) -> None:
    os.mkfifo(root / "pipe")
    for path in ("pipe", "pkg"):
        with pytest.raises(RepositoryError, match="is not a regular file"):
            journal.accept(_edit(path, None, b"x"))


def test_a_file_in_place_of_a_folder_rolls_everything_back(root: Path, journal: AcceptJournal) -> None:
    before = _tree(root)
    with pytest.raises(RepositoryError, match="Nothing was changed") as caught:
        journal.accept(build_patch([FileChange("a.txt", None, b"a"), FileChange("run.sh/x", None, b"x")]))
    assert caught.value.code == "accept.failed"
    assert _tree(root) == before
    assert AcceptJournal.recover(journal) is None


def test_a_file_that_refuses_its_replacement_rolls_back_those_already_written(
    root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    before = _tree(root)
    if subprocess.run(["chattr", "+i", root / "run.sh"], check=False, capture_output=True).returncode:
        pytest.skip("the immutable flag needs root and a file system that has it")
    try:
        with pytest.raises(RepositoryError, match=r"run\.sh could not be written") as caught:
            journal.accept(everything)
    finally:
        subprocess.run(["chattr", "-i", root / "run.sh"], check=True)
    assert caught.value.code == "accept.read_only"
    assert _tree(root) == before
    assert not journal.can_undo


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
    tmp_path: Path, root: Path, how: str, code: str
) -> None:
    before = _tree(root)
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
    assert _tree(root) == before


def test_a_disk_that_fills_up_while_writing_leaves_the_tree_as_it_was(tmp_path: Path, root: Path) -> None:
    small = root / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        (small / "b.txt").write_bytes(b"old")
        journal = AcceptJournal(tmp_path / "journal", root)
        before = _tree(root)
        changes = [
            FileChange("small/a.txt", None, b"a"),
            FileChange("small/b.txt", b"old", b"x" * 100_000),
        ]
        with pytest.raises(
            RepositoryError, match=r"small/b\.txt could not be written for lack of disk space"
        ):
            journal.accept(build_patch([FileChange("new/file.txt", None, b"n"), *changes]))
        assert _tree(root) == before
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
    tmp_path: Path, root: Path, journal: AcceptJournal, action: str, sign: str
) -> None:
    (root / "many").mkdir()
    for n in range(60):
        (root / f"many/{n:03}.txt").write_bytes(b"old %d" % n)
    old = _tree(root)
    new = old | {f"many/{n:03}.txt": (old["many/000.txt"][0], b"new %d" % n) for n in range(60)}
    command = [sys.executable, "-B", "-c", _MANY, str(tmp_path / "journal"), str(root)]
    if action == "undo":
        subprocess.run([*command, "accept"], cwd=PROJECT, check=True)
        assert _tree(root) == new
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
        assert _tree(root) == goal
    else:
        assert recovery.action == action
        assert _tree(root) == (goal if recovery.completed else start)
        assert ("completed" if recovery.completed else "rolled back") in recovery.sentence
    assert journal.recover() is None
    while journal.can_undo:
        journal.undo()
    assert _tree(root) == old


def test_a_log_cut_off_before_its_last_word_is_completed(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    before = _tree(root)
    journal.accept(everything)
    (log,) = (tmp_path / "journal").rglob("log.jsonl")
    log.write_bytes(log.read_bytes()[:-9])
    recovery = journal.recover()
    assert recovery is not None
    assert recovery.completed
    journal.undo()
    assert _tree(root) == before


def test_recovery_leaves_a_file_alone_that_somebody_edited_after_the_crash(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    before = _tree(root)
    journal.accept(everything)
    (log,) = (tmp_path / "journal").rglob("log.jsonl")
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:1]))
    (root / "run.sh").write_bytes(b"edited by hand")
    recovery = journal.recover()
    assert recovery is not None
    assert not recovery.completed
    assert recovery.untouched == ("run.sh",)
    assert _tree(root) == before | {"run.sh": (before["run.sh"][0], b"edited by hand")}


def test_a_second_writer_is_told_to_wait(tmp_path: Path, journal: AcceptJournal) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    (lock,) = (tmp_path / "journal").rglob("lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RepositoryError) as caught:
            journal.undo()
    assert caught.value.code == "accept.busy"


def test_a_damaged_journal_is_never_written_into_the_tree(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch
) -> None:
    journal.accept(everything)
    after = _tree(root)
    for kept in (tmp_path / "journal").rglob("contents/*"):
        kept.write_bytes(b"damaged")
    with pytest.raises(RepositoryError) as caught:
        journal.undo()
    assert caught.value.code == "journal.damaged"
    assert _tree(root) == after


def test_two_repositories_share_a_store_without_meeting(
    tmp_path: Path, root: Path, journal: AcceptJournal
) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    other = AcceptJournal(tmp_path / "journal", root / "pkg")
    assert not other.can_undo


def test_the_journal_refuses_to_live_in_the_repository(root: Path) -> None:
    with pytest.raises(UsageError):
        AcceptJournal(root / "journal", root)


def test_an_empty_patch_is_refused(journal: AcceptJournal) -> None:
    with pytest.raises(GreenbarError, match="changes nothing"):
        journal.accept(Patch(()))


def test_root_gives_new_files_to_the_owner_of_the_folder(root: Path, journal: AcceptJournal) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for path in (root, root / "pkg", root / "pkg/parser.py"):
        os.chown(path, 12345, 12346)
    journal.accept(
        build_patch([FileChange("pkg/parser.py", PARSER, b""), FileChange("n/m/x", None, b"")])
    )
    owners = {
        (p.stat().st_uid, p.stat().st_gid) for p in (root / "pkg/parser.py", root / "n", root / "n/m/x")
    }
    assert owners == {(12345, 12346)}
