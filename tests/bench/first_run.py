"""From *open repository* to the first result, where the repository has been set up before.

Each run is a process of its own, as after a new start of the program: what the engine imports late is
in the figure. The suite is the sample's, and needs one package that is installed beforehand.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from app.sample import make_sample
from core.commands import OpenRepository
from core.events import RepositoryOpened, TestFinished, TestRunStarted, TestsCollected
from tests.bench.driving import engine_with, usable_sandboxes
from tests.bench.stats import spread

RUNS = 7
NEEDS = "iniconfig==2.1.0\n"
MOMENTS = {
    "repository_opened_seconds": RepositoryOpened,
    "run_started_seconds": TestRunStarted,
    "tests_collected_seconds": TestsCollected,
    "first_result_seconds": TestFinished,
}


def measure_first_run() -> dict[str, object]:
    """Seconds since the command, for each sandbox that the machine has."""
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as folder:
        root = make_sample(Path(folder))
        (root / "requirements.txt").write_text(NEEDS)
        report: dict[str, object] = {}
        for kind, trouble in usable_sandboxes().items():
            if trouble:
                report[kind] = {"missing": trouble}
                continue
            _open_once(kind, root)  # builds the image and installs what is needed
            runs = [_open_once(kind, root) for _ in range(RUNS)]
            report[kind] = {name: spread([run[name] for run in runs], 3) for name in MOMENTS}
        return report


def _open_once(kind: str, root: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.first_run", kind, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    record: dict[str, float] = json.loads(done.stdout)
    return record


async def open_here(kind: str, root: Path) -> dict[str, float]:
    """One run in this process."""
    async with engine_with(kind) as (engine, moments):
        await moments.carry_out(engine, OpenRepository(str(root)))
        return {name: moments.first(body) for name, body in MOMENTS.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(open_here(sys.argv[1], Path(sys.argv[2])))) + "\n")
