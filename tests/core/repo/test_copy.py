"""The private copy is the working tree as it is now, and nothing done to it reaches the user."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import RepositoryError
from core.repo.bulk import LeftOut
from core.repo.copy import PrivateCopy, make_private_copy
from core.repo.copying import CopyStopped
from core.repo.offloop import copy_in_thread, refresh_in_thread
from core.repo.repository import open_repository

RunGit = Callable[..., str]
PROJECT = Path(__file__).resolve().parents[3]
PARSER = b"def parse(text):\n    return text\n"


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def copy(root: Path, copies: Path) -> Iterator[PrivateCopy]:
    with closing(make_private_copy(open_repository(root), copies)) as made:
        yield made


def test_uncommitted_untracked_and_deleted_files_are_as_in_the_working_tree(
    root: Path, copies: Path, git: RunGit
) -> None:
    (root / "pkg/parser.py").write_bytes(b"changed\n")
    (root / "pkg/neu ß.py").write_bytes(b"new\n")
    (root / "staged.py").write_bytes(b"staged\n")
    git(root, "add", "staged.py")
    (root / "run.sh").unlink()
    (root / "noise.log").write_bytes(b"ignored")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.files() == (".gitignore", "pkg/neu ß.py", "pkg/parser.py", "staged.py")
        assert made.read("pkg/parser.py") == b"changed\n"
        assert not (made.root / ".git").exists()
        on_disk = {p.relative_to(made.root).as_posix() for p in made.root.rglob("*") if not p.is_dir()}
        assert on_disk == set(made.files())


def test_modes_and_times_are_kept(root: Path, copy: PrivateCopy) -> None:
    ours, theirs = (copy.root / "run.sh").stat(), (root / "run.sh").stat()
    assert (ours.st_mode, ours.st_mtime_ns) == (theirs.st_mode, theirs.st_mtime_ns)


def test_writing_in_the_copy_never_reaches_the_users_file(root: Path, copies: Path) -> None:
    (root / "data").symlink_to(root / "pkg")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert (made.root / "pkg/parser.py").stat().st_ino != (root / "pkg/parser.py").stat().st_ino
        (made.root / "data/parser.py").write_bytes(b"overwritten by a test\n")
    assert (root / "pkg/parser.py").read_bytes() == PARSER


def test_links_are_kept_and_those_that_lead_out_are_not_followed(
    tmp_path: Path, root: Path, copies: Path
) -> None:
    (tmp_path / "secret.txt").write_bytes(b"outside")
    (root / "out").symlink_to("../secret.txt")
    (root / "in").symlink_to("pkg/parser.py")
    (root / "loose").symlink_to("no-such-file")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert os.fspath((made.root / "out").readlink()) == "../secret.txt"
        assert made.read("in") == PARSER
        with pytest.raises(RepositoryError, match="leads out"):
            made.read("out")
        with pytest.raises(RepositoryError, match="no file loose"):
            made.read("loose")
        assert (made.find("out"), made.find("loose"), made.find("no such")) == (None, None, None)


def test_a_folder_replaced_by_a_link_is_copied_as_the_link_alone(
    tmp_path: Path, root: Path, copies: Path
) -> None:
    (root / "pkg").rename(tmp_path / "moved")
    (root / "pkg").symlink_to(tmp_path / "moved")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.files() == (".gitignore", "pkg", "run.sh")


def test_untracked_secrets_stay_out_and_tracked_ones_come_along(
    root: Path, copies: Path, git: RunGit
) -> None:
    (root / "server.pem").write_bytes(b"test key")
    git(root, "add", "server.pem")
    (root / ".env").write_bytes(b"TOKEN=1")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.exists("server.pem")
        assert made.left_out == (LeftOut(".env", "looks like a secret"),)
        assert not (made.root / ".env").exists()


def test_a_virtual_environment_that_nobody_ignores_stays_out(root: Path, copies: Path) -> None:
    (root / "tools" / "venv" / "lib").mkdir(parents=True)
    (root / "tools" / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (root / "tools" / "venv" / "lib" / "module.py").write_text("")
    (root / "tools" / "venv.py").write_text("")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert not (made.root / "tools" / "venv").exists()
        assert (made.root / "tools" / "venv.py").exists()
        assert LeftOut("tools/venv", "is a virtual environment") in made.left_out


def test_pipes_are_left_out_without_hanging(root: Path, copies: Path) -> None:
    (root / "run.sh").unlink()
    os.mkfifo(root / "run.sh")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.left_out == (LeftOut("run.sh", "not a regular file"),)


def test_checked_out_submodules_and_inner_repositories_come_along(
    tmp_path: Path, root: Path, copies: Path, git: RunGit
) -> None:
    git(tmp_path, "init", "-q", "library")
    (tmp_path / "library/lib.py").write_bytes(b"lib\n")
    git(tmp_path / "library", "add", "-A")
    git(tmp_path / "library", "commit", "-qm", "lib")
    git(root, "submodule", "add", "-q", str(tmp_path / "library"), "vendor/lib")
    (root / "vendor/lib/fresh.py").write_bytes(b"fresh\n")
    git(root, "init", "-q", "inner")
    (root / "inner/a.py").write_bytes(b"a\n")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert {"vendor/lib/lib.py", "vendor/lib/fresh.py", "inner/a.py"} < set(made.files())
        assert not list(made.root.rglob(".git"))


def test_a_large_file_arrives_whole(root: Path, copies: Path) -> None:
    (root / "big.bin").write_bytes(os.urandom(1 << 20) * 50)
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.read("big.bin") == (root / "big.bin").read_bytes()


def test_a_name_that_is_not_utf_8_is_copied(root: Path, copies: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.py")).write_bytes(b"x\n")
    with closing(make_private_copy(open_repository(root), copies)) as made:
        assert made.read(os.fsdecode(b"caf\xe9.py")) == b"x\n"


def test_progress_reaches_the_end(root: Path, copies: Path) -> None:
    told: list[tuple[int, int]] = []
    make_private_copy(open_repository(root), copies, on_copied=lambda *step: told.append(step)).close()
    assert told[-1] == (3, 3)


def test_refresh_brings_over_exactly_what_changed(root: Path, copy: PrivateCopy) -> None:
    assert copy.refresh() == ()
    (root / "pkg/parser.py").write_bytes(b"CHANGED AT ONCE, same size to a T"[: len(PARSER)])
    (root / "run.sh").unlink()
    (root / "pkg/new").mkdir()
    (root / "pkg/new/x.py").write_bytes(b"x\n")
    assert copy.refresh() == ("pkg/new/x.py", "pkg/parser.py", "run.sh")
    assert copy.files() == (".gitignore", "pkg/new/x.py", "pkg/parser.py")
    assert copy.read("pkg/parser.py") == (root / "pkg/parser.py").read_bytes()
    assert copy.refresh() == ()


def test_a_file_that_becomes_a_folder_and_back_is_followed(root: Path, copy: PrivateCopy) -> None:
    (root / "run.sh").unlink()
    (root / "run.sh").mkdir()
    (root / "run.sh/a").write_bytes(b"a")
    assert copy.refresh() == ("run.sh", "run.sh/a")
    (root / "run.sh/a").unlink()
    (root / "run.sh").rmdir()
    (root / "run.sh").write_bytes(b"file again")
    assert copy.refresh() == ("run.sh", "run.sh/a")
    assert copy.read("run.sh") == b"file again"


def test_a_refresh_that_was_broken_off_is_made_good_by_the_next(root: Path, copy: PrivateCopy) -> None:
    whole = {path: copy.read(path) for path in copy.files()}
    (root / "new.py").write_bytes(b"new\n")
    with pytest.raises(CopyStopped):
        copy.refresh(should_stop=lambda: True)
    assert copy.files() == ()
    copy.refresh()
    assert {path: copy.read(path) for path in copy.files()} == whole | {"new.py": b"new\n"}


def test_closing_removes_the_copy_twice_over(copy: PrivateCopy, copies: Path) -> None:
    copy.close()
    copy.close()
    assert list(copies.iterdir()) == []


def test_a_stopped_copy_leaves_nothing_behind(root: Path, copies: Path) -> None:
    with pytest.raises(CopyStopped):
        make_private_copy(open_repository(root), copies, should_stop=lambda: True)
    assert list(copies.iterdir()) == []


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("*"))


def test_cancelling_ends_the_copying_and_leaves_nothing_behind(root: Path, copies: Path) -> None:
    for n in range(2000):
        (root / f"f{n}").write_bytes(b"x")

    async def cancel() -> int:
        told: list[int] = []
        seen = asyncio.Event()

        def tell(done: int, total: int) -> None:
            told.append(done)
            seen.set()

        task = asyncio.create_task(copy_in_thread(open_repository(root), copies, tell))
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left_in(copies) == []
        return told[0]

    assert 0 < asyncio.run(cancel()) <= 2003


def test_whenever_the_copying_is_cancelled_nothing_is_left(root: Path, copies: Path) -> None:
    async def cancel_after(turns: int) -> bool:
        task = asyncio.create_task(copy_in_thread(open_repository(root), copies))
        for _ in range(turns):
            await asyncio.sleep(0.0002)
        if task.done():
            task.result().close()
            return True
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left_in(copies) == []
        return False

    async def work() -> None:
        turns = 0
        while not await cancel_after(turns):
            turns += 1

    asyncio.run(work())


def test_the_loop_can_copy_and_refresh(root: Path, copies: Path) -> None:
    async def work() -> tuple[str, ...]:
        made = await copy_in_thread(open_repository(root), copies)
        (root / "run.sh").write_bytes(b"other")
        try:
            return await refresh_in_thread(made)
        finally:
            made.close()

    assert asyncio.run(work()) == ("run.sh",)


_FULL = """
import resource, sys
from pathlib import Path
from core.errors import RepositoryError
from core.repo.copy import make_private_copy
from core.repo.repository import open_repository
repository = open_repository(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    make_private_copy(repository, Path(sys.argv[2]))
except RepositoryError as error:
    print(error.code)
"""


def test_a_full_disk_is_said_and_leaves_nothing_behind(root: Path, copies: Path) -> None:
    (root / "big.txt").write_bytes(b"x" * 50_000)
    command = [sys.executable, "-B", "-c", _FULL, str(root), str(copies)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "copy.no_space", ran.stderr
    assert list(copies.iterdir()) == []
