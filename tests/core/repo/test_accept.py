"""Accept writes what was shown, and undo brings back every byte."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GreenbarError, PatchError, RepositoryError, UsageError
from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange, Patch

TreeOf = Callable[[Path], dict[str, tuple[int, bytes]]]
PARSER = b"def parse(text):\n    return text\n"


def _edit(path: str, before: bytes | None, after: bytes | None) -> Patch:
    return build_patch([FileChange(path, before, after)])


def test_undo_brings_back_every_byte_mode_and_folder_and_redo_writes_them_again(
    root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    before = tree(root)
    record = journal.accept(everything)
    after = tree(root)
    assert {p: after[p][1] if p in after else None for p in everything.paths} == {
        c.path: c.after for c in everything.changes
    }
    assert after["run.sh"][0] == before["run.sh"][0]
    assert (record.accept, record.patch) == (1, everything)
    for _ in range(2):
        assert journal.undo() == record
        assert tree(root) == before
        assert journal.redo() == record
        assert tree(root) == after


def test_undo_works_after_a_restart(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    before = tree(root)
    journal.accept(everything)
    anew = AcceptJournal(tmp_path / "journal", root)
    assert tuple(map(bool, anew.depth)) == (True, False)
    assert anew.undo().patch == everything
    assert tree(root) == before


def test_accepts_are_undone_newest_first_and_a_new_one_ends_redo(
    root: Path, journal: AcceptJournal
) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    journal.accept(_edit("a.txt", b"1", b"2"))
    journal.undo()
    assert (root / "a.txt").read_bytes() == b"1"
    journal.undo()
    assert not (root / "a.txt").exists()
    assert not journal.depth[0]
    journal.redo()
    assert journal.accept(_edit("a.txt", b"1", b"3")).accept == 3
    assert not journal.depth[1]
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
@given(steps=_steps)
def test_any_row_of_accepts_undos_and_redos_leads_where_a_plain_history_leads(
    steps: list[str | dict[str, bytes | None]], tree: TreeOf
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
            assert tuple(map(bool, journal.depth)) == (at > 0, at + 1 < len(history))
            on_disk = {p: data for p, (_, data) in tree(root).items() if (root / p).is_file()}
            assert on_disk == history[at]
        for _ in range(at):
            AcceptJournal(Path(name) / "journal", root).undo()
        assert tree(root) == {}


def test_git_sees_the_accept_as_a_plain_change_and_nothing_after_undo(
    root: Path, journal: AcceptJournal, git: Callable[..., str]
) -> None:
    journal.accept(_edit("pkg/parser.py", PARSER, b"pass\n"))
    assert git(root, "status", "--porcelain") == " M pkg/parser.py\n"
    journal.undo()
    assert git(root, "status", "--porcelain") == ""


def test_a_file_changed_since_the_tests_ran_stops_the_whole_accept(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    (root / "run.sh").write_bytes(b"#!/bin/sh\r\necho mine")
    before = tree(root)
    with pytest.raises(RepositoryError) as caught:
        journal.accept(everything)
    assert caught.value.code == "accept.drift"
    assert caught.value.sentence == "run.sh has changed since the tests ran. Nothing was written."
    assert caught.value.remedies[0].action == "run_tests"
    assert tree(root) == before
    assert not journal.depth[0]
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
    root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    journal.accept(everything)
    (root / "pkg/parser.py").write_bytes(b"later work\n")
    before = tree(root)
    with pytest.raises(RepositoryError, match="has changed since it was accepted") as caught:
        journal.undo()
    assert caught.value.code == "accept.drift"
    assert tree(root) == before
    assert journal.depth[0]


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
    root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    (root / "run.sh").chmod(0o555)
    before = tree(root)
    with pytest.raises(RepositoryError, match=r"run\.sh is read-only") as caught:
        journal.accept(everything)
    assert caught.value.code == "accept.read_only"
    assert tree(root) == before


def test_a_pipe_or_folder_in_the_way_is_refused_without_hanging(
    root: Path, journal: AcceptJournal
) -> None:
    os.mkfifo(root / "pipe")
    for path in ("pipe", "pkg"):
        with pytest.raises(RepositoryError, match="is not a regular file"):
            journal.accept(_edit(path, None, b"x"))


def test_a_second_writer_is_told_to_wait(tmp_path: Path, journal: AcceptJournal) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    (lock,) = (tmp_path / "journal").rglob("lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RepositoryError) as caught:
            journal.undo()
    assert caught.value.code == "accept.busy"


def test_a_damaged_journal_is_never_written_into_thetree(
    tmp_path: Path, root: Path, journal: AcceptJournal, everything: Patch, tree: TreeOf
) -> None:
    journal.accept(everything)
    after = tree(root)
    for kept in (tmp_path / "journal").rglob("contents/*"):
        kept.write_bytes(b"damaged")
    with pytest.raises(RepositoryError) as caught:
        journal.undo()
    assert caught.value.code == "journal.damaged"
    assert tree(root) == after


def test_two_repositories_share_a_store_without_meeting(
    tmp_path: Path, root: Path, journal: AcceptJournal
) -> None:
    journal.accept(_edit("a.txt", None, b"1"))
    other = AcceptJournal(tmp_path / "journal", root / "pkg")
    assert not other.depth[0]


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
