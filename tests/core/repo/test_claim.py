"""What a crash leaves in the cache goes; what a live process holds stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.repo.claim import YOUNG_SECONDS, reap
from core.repo.copy import make_private_copy
from core.repo.repository import open_repository

HOLD = """
import sys, time
from pathlib import Path
from core.repo.claim import Claim
claim = Claim(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def age(folder: Path) -> None:
    long_ago = time.time() - 2 * YOUNG_SECONDS
    os.utime(folder, (long_ago, long_ago))


def test_a_folder_is_removed_once_its_process_is_dead(tmp_path: Path) -> None:
    folder = tmp_path / "copy-a"
    (folder / "tree").mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        age(folder)
        assert reap(tmp_path, "copy-") == ()
        assert folder.exists()
        process.send_signal(signal.SIGKILL)
    age(folder)
    assert reap(tmp_path, "copy-") == (folder,)
    assert not folder.exists()


def test_a_young_folder_may_be_about_to_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "copy-young").mkdir()
    (tmp_path / "other").mkdir()
    assert reap(tmp_path, "copy-") == ()
    assert reap(tmp_path / "nowhere", "copy-") == ()


def test_a_new_copy_removes_what_a_crash_has_left_and_not_its_neighbour(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "a.py").write_text("A = 1\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    cache = tmp_path / "copies"
    left = cache / "copy-left"
    (left / "tree").mkdir(parents=True)
    age(left)
    first = make_private_copy(open_repository(root), cache)
    age(first.root.parent)
    second = make_private_copy(open_repository(root), cache)
    assert not left.exists()
    assert first.read("a.py") == second.read("a.py") == b"A = 1\n"
    first.close()
    second.close()
    first.close()
    assert list(cache.iterdir()) == []
