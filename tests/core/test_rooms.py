"""What a crash leaves behind goes; what a live process holds, and what is finished, stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.repo.copy import make_private_copy
from core.repo.repository import open_repository
from core.rooms import Room, reap_rooms
from tests.repositories import commit_repository

HOLD = """
import sys, time
from pathlib import Path
from core.rooms import Room
print(Room("room-", Path(sys.argv[1])).path, flush=True)
time.sleep(60)
"""


def test_a_room_is_removed_once_its_process_is_dead(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        (folder / "file").write_text("x")
        assert reap_rooms("room-", tmp_path) == ()
        process.send_signal(signal.SIGKILL)
    assert reap_rooms("other-", tmp_path) == ()
    assert reap_rooms("room-", tmp_path) == (folder,)
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_never_reaped(tmp_path: Path) -> None:
    room = Room("room-", tmp_path)
    room.keep()
    room.keep()
    assert reap_rooms("room-", tmp_path) == ()
    assert list(tmp_path.iterdir()) == [room.path]


def test_folders_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "room-plain").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "room-link").symlink_to(elsewhere)
    (tmp_path / "room-link.room-lock").touch()
    (tmp_path / "room-foreign").mkdir()
    (tmp_path / "room-foreign.room-lock").touch()
    if os.geteuid() == 0:
        os.chown(tmp_path / "room-foreign.room-lock", 12345, 12345)
    reap_rooms("room-", tmp_path)
    assert elsewhere.is_dir()
    assert (tmp_path / "room-plain").is_dir()
    assert (tmp_path / "room-foreign").is_dir() == (os.geteuid() == 0)
    assert reap_rooms("room-", tmp_path / "nowhere") == ()


def test_no_room_is_lost_while_others_come_and_go(tmp_path: Path) -> None:
    lost: list[Path] = []
    done = threading.Event()

    def live() -> None:
        for _ in range(200):
            room = Room("room-", tmp_path)
            if not room.path.is_dir():
                lost.append(room.path)
            room.keep()
            if not room.path.is_dir():
                lost.append(room.path)
            room.remove()

    def reap() -> None:
        while not done.is_set():
            lost.extend(reap_rooms("room-", tmp_path))

    reaper = threading.Thread(target=reap)
    living = [threading.Thread(target=live) for _ in range(3)]
    for thread in (reaper, *living):
        thread.start()
    for thread in living:
        thread.join()
    done.set()
    reaper.join()
    assert lost == []
    assert list(tmp_path.iterdir()) == []


def test_a_room_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Room("no/such/", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folders_too_deep_for_python_are_removed(tmp_path: Path) -> None:
    room = Room("room-", tmp_path)
    command = f"cd {room.path} && for n in $(seq 1500); do mkdir d && cd d; done; chmod 0 {room.path}/d"
    subprocess.run(["sh", "-c", command], check=True)
    room.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_new_copy_removes_what_a_crash_has_left_and_not_its_neighbour(tmp_path: Path) -> None:
    root = commit_repository(tmp_path / "repository", {"a.py": "A = 1\n"})
    cache = tmp_path / "copies"
    (cache / "copy-left" / "tree").mkdir(parents=True)
    (cache / "copy-left.room-lock").touch()
    first = make_private_copy(open_repository(root), cache)
    second = make_private_copy(open_repository(root), cache)
    assert not (cache / "copy-left").exists()
    assert first.read("a.py") == second.read("a.py") == b"A = 1\n"
    first.close()
    second.close()
    first.close()
    assert list(cache.iterdir()) == []
