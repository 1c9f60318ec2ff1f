"""Packages that the tests import are imported ahead, but for those that a fork would harm."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.sandbox.base import Environment, Limits
from core.sandbox.environments import LocalEnvironments
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.sandbox.interpreter import base_python
from core.testing.base import RunOutcome, RunRequest
from core.testing.runner import Preload, WorkerPool
from core.types import Outcome

Write = Callable[[Mapping[str, str]], Path]
PACKAGES = {
    "calm": "import os\nORIGIN = os.getpid()\n",
    "calm.part": "import os\nORIGIN = os.getpid()\n",
    "threads": "import os, threading, time\nORIGIN = os.getpid()\n"
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
    "warns": "import os, warnings\nORIGIN = os.getpid()\nwarnings.warn('old', DeprecationWarning)\n",
    "sets": "import os\nORIGIN = os.getpid()\nos.environ['SETS'] = '1'\n",
    "unwanted": "import os\nORIGIN = os.getpid()\n",
}
TEST = """
import os
import own
import {names}

def test_where_they_were_imported():
    told = {{name: eval(name).ORIGIN != os.getpid() for name in "{names}".split(", ")}}
    assert not told, sorted(name for name in told if told[name])
"""


@pytest.fixture(scope="module")
def environment(tools_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with packages that tell in which process they were imported."""

    async def bare() -> Path:
        return await LocalEnvironments(tools_cache, NetworkSettings()).bare(base_python().executable)

    folder = tmp_path_factory.mktemp("environment") / "made"
    shutil.copytree(asyncio.run(bare()), folder, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    for name, text in PACKAGES.items():
        inside = site / name.replace(".", "/")
        inside.mkdir(parents=True)
        (inside / "__init__.py").write_text(text)
    return folder


def ahead(
    cache: Path, environment: Path, copy: Path, preload: Preload, caplog: pytest.LogCaptureFixture
) -> tuple[list[str], str]:
    """Which packages the second run found imported, and what the log says."""

    async def main() -> list[RunOutcome]:
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(
            sandbox, copy, Environment(os.fspath(environment)), Limits(), 1, preload=preload
        )
        try:
            return [await pool.run(RunRequest()) for _ in range(2)]
        finally:
            await pool.close()
            await sandbox.close()

    with caplog.at_level(logging.INFO, "greenbar.testing"):
        first, second = asyncio.run(main())
    assert told_by(first) == []
    return told_by(second), caplog.text


def told_by(outcome: RunOutcome) -> list[str]:
    [result] = outcome.report.results
    assert result.outcome is Outcome.FAILED
    line = result.message.splitlines()[0]
    names: list[str] = eval(line.removeprefix("AssertionError: "))
    return names


def test_what_the_first_run_loaded_is_there_in_the_next_but_for_what_a_fork_would_harm(
    write: Write, tools_cache: Path, environment: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = "calm, calm.part, threads, warns, sets, unwanted"
    copy = write({"test_a.py": TEST.format(names=names), "own.py": "X = 1\n"})
    preload = Preload(left_out=("unwanted",))
    # What is imported ahead would not see a variable that the tests set before.
    found, log = ahead(tools_cache, environment, copy, preload, caplog)
    assert found == []
    assert "nothing is imported ahead: the tests set SETS" in log

    names = "calm, calm.part, threads, warns, unwanted"
    (copy / "test_a.py").write_text(TEST.format(names=names))
    found, log = ahead(tools_cache, environment, copy, preload, caplog)
    assert found == ["calm", "calm.part"]
    assert "not threads: its import starts a thread" in log
    assert "not warns: its import warns" in log
    assert "not unwanted: the settings leave it out" in log


def test_nothing_is_imported_ahead_where_the_settings_say_so(
    write: Write, tools_cache: Path, environment: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = write({"test_a.py": TEST.format(names="calm"), "own.py": "X = 1\n"})
    found, _ = ahead(tools_cache, environment, copy, Preload(on=False), caplog)
    assert found == []


def test_modules_of_the_repository_are_never_imported_ahead(
    write: Write, tools_cache: Path, environment: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = write(
        {"calm/__init__.py": PACKAGES["calm"], "test_a.py": TEST.format(names="calm"), "own.py": ""}
    )
    found, _ = ahead(tools_cache, environment, copy, Preload(), caplog)
    assert found == []
