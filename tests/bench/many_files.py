"""Opening big repositories: 20,000 generated files, and a large real project (Django).

Opened is when the window has the repository; the private copy is made by the first run.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.commands import OpenRepository
from core.events import RepositoryOpened
from core.repo.copy import make_private_copy
from core.repo.repository import open_repository
from tests.bench.driving import engine_with
from tests.bench.stats import spread
from tests.bench.suites import as_repository, many_files
from tests.sdists import Sdist, unpacked

RUNS = 5
FILES = 20_000
DJANGO = Sdist("django", "5.2.9", "16b5ccfc5e8c27e6c0561af551d2ea32852d7352c67d452ae3e76b4f6b2ca495")


def measure_many_files() -> dict[str, object]:
    """Seconds; each opening is a process of its own, with the files in the system's cache."""
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as folder:
        return {
            "generated": _measure(many_files(Path(folder) / "generated", FILES)),
            f"django {DJANGO.version}": _measure(as_repository(unpacked(DJANGO, Path(folder)))),
        }


def _measure(root: Path) -> dict[str, object]:
    opened = [_open_once(root) for _ in range(RUNS)]
    repository = open_repository(root)
    copied, refreshed = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as folder:
            began = time.perf_counter()
            copy = make_private_copy(repository, Path(folder))
            copied.append(time.perf_counter() - began)
            began = time.perf_counter()
            copy.refresh()
            refreshed.append(time.perf_counter() - began)
            copy.close()
    return {
        "files": repository.info.files,
        "opened_seconds": spread(opened, 3),
        "private_copy_seconds": spread(copied, 3),
        "refresh_seconds": spread(refreshed, 3),
    }


def _open_once(root: Path) -> float:
    command = [sys.executable, "-m", "tests.bench.many_files", str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds: float = json.loads(done.stdout)
    return seconds


async def open_here(root: Path) -> float:
    """One opening in this process, with the tests not run."""
    async with engine_with("auto") as (engine, moments):
        await moments.carry_out(engine, OpenRepository(str(root), run_tests=False))
        return moments.first(RepositoryOpened)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(open_here(Path(sys.argv[1])))) + "\n")
