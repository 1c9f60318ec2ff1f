"""Odd repositories and odd files: opened and copied as they are, or refused with one clear sentence."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core.errors import GreenbarError
from core.repo.accept import AcceptJournal
from core.repo.copy import PrivateCopy, make_private_copy
from core.repo.copying import copy_entry
from core.repo.lfs import lfs_pointers
from core.repo.patch import build_patch
from core.repo.repository import open_repository
from core.types import FileChange

RunGit = Callable[..., str]
PROJECT = Path(__file__).resolve().parents[3]
POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@contextmanager
def copied(root: Path, copies: Path) -> Iterator[PrivateCopy]:
    with closing(make_private_copy(open_repository(root), copies)) as made:
        yield made


# --- repositories --------------------------------------------------------------------------------


def test_a_submodule_that_is_not_checked_out_is_an_empty_place(
    tmp_path: Path, root: Path, copies: Path, git: RunGit
) -> None:
    git(tmp_path, "init", "-q", "library")
    (tmp_path / "library/lib.py").write_bytes(b"lib\n")
    git(tmp_path / "library", "add", "-A")
    git(tmp_path / "library", "commit", "-qm", "lib")
    git(root, "submodule", "add", "-q", str(tmp_path / "library"), "vendor/lib")
    git(root, "commit", "-qam", "submodule")
    git(tmp_path, "clone", "-q", str(root), "fresh")
    with copied(tmp_path / "fresh", copies) as made:
        assert "pkg/parser.py" in made.files()
        assert not [path for path in made.files() if path.startswith("vendor/")]


def test_a_sparse_checkout_is_copied_as_far_as_it_is_there(
    tmp_path: Path, root: Path, copies: Path, git: RunGit
) -> None:
    (root / "docs").mkdir()
    (root / "docs/big.md").write_bytes(b"big\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "docs")
    git(root, "sparse-checkout", "set", "pkg")
    opened = open_repository(root)
    assert opened.info.dirty == 0
    with copied(root, copies) as made:
        assert made.exists("pkg/parser.py")
        assert not made.exists("docs/big.md")


def test_of_nested_repositories_the_inner_one_is_opened_from_inside(root: Path, git: RunGit) -> None:
    git(root, "init", "-q", "pkg/inner")
    (root / "pkg/inner/a.py").write_bytes(b"a\n")
    assert open_repository(root / "pkg/inner/a.py").root == root / "pkg/inner"
    assert open_repository(root / "pkg").root == root


def test_a_linked_worktree_is_copied_with_its_own_files(
    tmp_path: Path, root: Path, copies: Path, git: RunGit
) -> None:
    git(root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side/only.py").write_bytes(b"x\n")
    with copied(tmp_path / "side", copies) as made:
        assert made.exists("only.py")
        assert not (made.root / ".git").exists()


def test_pointers_of_git_lfs_are_found(root: Path, copies: Path, git: RunGit) -> None:
    (root / ".gitattributes").write_bytes(b"*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (root / "model.bin").write_bytes(POINTER)
    (root / "real.bin").write_bytes(b"\0" * 130)
    with copied(root, copies) as made:
        assert lfs_pointers(made.root, made.files()) == ("model.bin",)
        assert made.read("model.bin") == POINTER


def test_pointers_are_not_looked_for_where_nothing_speaks_of_lfs(root: Path) -> None:
    (root / "model.bin").write_bytes(POINTER)
    assert lfs_pointers(root, ("model.bin",)) == ()


def test_a_repository_that_cannot_be_written_is_opened_and_copied_and_refuses_an_accept(
    tmp_path: Path, root: Path, copies: Path
) -> None:
    place = tmp_path / "read only"
    place.mkdir()
    if subprocess.run(["mount", "--bind", root, place], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        with copied(place, copies) as made:
            assert made.exists("pkg/parser.py")
        before = (root / "pkg/parser.py").read_bytes()
        patch = build_patch([FileChange("pkg/parser.py", before, b"changed\n")])
        with pytest.raises(GreenbarError) as caught:
            AcceptJournal(tmp_path / "journal", place).accept(patch)
        assert caught.value.sentence.endswith(".")
        assert (root / "pkg/parser.py").read_bytes() == before
    finally:
        subprocess.run(["umount", place], check=True)


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["new\nline.py", "tab\there.py", 'quo"te.py', "-rf", "back\\slash", " "])
def test_names_that_trip_programs_are_copied(root: Path, copies: Path, name: str) -> None:
    (root / name).write_bytes(b"x\n")
    with copied(root, copies) as made:
        assert made.read(name) == b"x\n"


def test_names_that_differ_in_case_alone_are_two_files(root: Path, copies: Path) -> None:
    (root / "read.me").write_bytes(b"small\n")
    (root / "READ.ME").write_bytes(b"large\n")
    with copied(root, copies) as made:
        assert (made.read("read.me"), made.read("READ.ME")) == (b"small\n", b"large\n")


def test_links_in_a_circle_to_folders_and_to_nowhere_are_kept(root: Path, copies: Path) -> None:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    (root / "self").symlink_to(".")
    (root / "lib").symlink_to("pkg")
    (root / "away").symlink_to("/no/such/place")
    with copied(root, copies) as made:
        for name in ("one", "two", "self", "lib", "away"):
            assert (made.root / name).readlink() == (root / name).readlink()
        assert made.find("one") is None
        assert made.find("away") is None


def test_sockets_and_devices_are_left_out(root: Path, copies: Path) -> None:
    for name in ("run.sh", "pkg/parser.py"):
        (root / name).unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "run.sh"))
        if os.geteuid() == 0:
            os.mknod(root / "pkg/parser.py", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        with copied(root, copies) as made:
            left = {left.path for left in made.left_out}
            assert "run.sh" in left
            assert made.files() == (".gitignore",)


def test_hard_links_become_files_of_their_own(root: Path, copies: Path) -> None:
    os.link(root / "run.sh", root / "again.sh")
    with copied(root, copies) as made:
        assert (made.root / "run.sh").stat().st_nlink == (made.root / "again.sh").stat().st_nlink == 1
        (made.root / "again.sh").write_bytes(b"changed")
    assert (root / "run.sh").read_bytes() == b"#!/bin/sh\r\necho hi"


@pytest.mark.parametrize(
    ("mode", "kept"), [(0o6755, 0o755), (0o2644, 0o644), (0o1777, 0o777), (0o444, 0o444)]
)
def test_a_copy_has_the_files_mode_but_gives_nobody_the_owners_rights(
    root: Path, copies: Path, mode: int, kept: int
) -> None:
    (root / "run.sh").chmod(mode)
    with copied(root, copies) as made:
        assert stat.S_IMODE((made.root / "run.sh").stat().st_mode) == kept


@pytest.mark.parametrize("mode", [0o640, 0o755, 0o600, 0o2755])
def test_an_accept_keeps_owner_group_and_mode(tmp_path: Path, root: Path, mode: int) -> None:
    path = root / "pkg/parser.py"
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    path.chmod(mode)
    before = path.stat()
    patch = build_patch([FileChange("pkg/parser.py", path.read_bytes(), b"changed\n")])
    AcceptJournal(tmp_path / "journal", root).accept(patch)
    after = path.stat()
    assert path.read_bytes() == b"changed\n"
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)


@pytest.mark.parametrize(
    "data",
    [
        b"one\r\ntwo\nthree\r\n",
        b"no end",
        "ä\n".encode("latin-1"),
        "ä\r\nö\r\n".encode("utf-16"),
        b"\xef\xbb\xbfmark\n",
        b"old mac\rline\r",
        b"\0\1\2",
        b"",
    ],
)
def test_every_byte_survives_the_way_to_the_copy_and_back(
    tmp_path: Path, root: Path, copies: Path, data: bytes
) -> None:
    (root / "odd.txt").write_bytes(data)
    with copied(root, copies) as made:
        assert made.read("odd.txt") == data
    journal = AcceptJournal(tmp_path / "journal", root)
    journal.accept(build_patch([FileChange("odd.txt", data, data + b"x")]))
    assert (root / "odd.txt").read_bytes() == data + b"x"
    journal.undo()
    assert (root / "odd.txt").read_bytes() == data


_UNREADABLE = """
import os, sys
from pathlib import Path
from core.repo.copying import SourceUnreadable, copy_entry
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
try:
    copy_entry(Path(sys.argv[1]), Path(sys.argv[2]), Path("/"), lambda: False)
except SourceUnreadable as error:
    print(error)
"""


def test_a_file_that_its_user_may_not_read_is_left_out_and_said(tmp_path: Path, root: Path) -> None:
    (root / "run.sh").chmod(0)
    for folder in (root, tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    command = [sys.executable, "-B", "-c", _UNREADABLE, str(root / "run.sh"), str(tmp_path / "target")]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ran.stdout == "Permission denied\n", ran.stderr
    assert not (tmp_path / "target").exists()


def test_a_huge_file_that_is_ignored_costs_nothing_and_a_hole_is_not_filled(
    root: Path, copies: Path
) -> None:
    for name in ("huge.log", "huge.bin"):
        with (root / name).open("wb") as file:
            file.truncate(2 << 30)
            file.seek(1 << 30)
            file.write(b"middle")
    with copied(root, copies) as made:
        assert not made.exists("huge.log")
        status = (made.root / "huge.bin").stat()
        assert status.st_size == 2 << 30
        assert status.st_blocks * 512 < 1 << 20
        with (made.root / "huge.bin").open("rb") as file:
            file.seek(1 << 30)
            assert file.read(8) == b"middle\0\0"


def test_a_file_that_changes_while_it_is_copied_arrives_in_one_piece(tmp_path: Path) -> None:
    source, size = tmp_path / "source", 4 << 20
    source.write_bytes(b"a" * size)
    done = threading.Event()

    def change() -> None:
        letters = b"bcdefgh"
        for turn in range(7):
            source.write_bytes(letters[turn : turn + 1] * size)
        done.set()

    writer = threading.Thread(target=change)
    writer.start()
    for number in range(100):
        target = tmp_path / f"target-{number}"
        copy_entry(source, target, tmp_path, lambda: False)
        if done.is_set():
            break
    writer.join()
    target = tmp_path / "last"
    copy_entry(source, target, tmp_path, lambda: False)
    assert target.read_bytes() == b"h" * size
