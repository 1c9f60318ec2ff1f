"""Suites that use pytest's plugins and odd ids: every test counts as it does for plain pytest.

The plugins are the real ones, installed once by the product's own set-up. Plain pytest runs in the same
environment and is asked through a plugin of two hooks what it counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.sandbox.base import Environment, Limits, SetUpPlan
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings, network_settings
from core.testing.base import RunOutcome, RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, RunEnd

pytestmark = pytest.mark.slow

PACKAGES = (
    "pytest",
    "pytest-xdist",
    "pytest-randomly",
    "pytest-order",
    "pytest-random-order",
    "pytest-rerunfailures",
    "pytest-timeout",
    "pytest-cov",
    "pytest-asyncio",
    "anyio",
    "hypothesis",
    "pytest-subtests",
)
ASKED = """
import json, os
seen = {}
RANK = ["passed", "xpassed", "xfailed", "skipped", "failed", "error"]
def pytest_runtest_logreport(report):
    if report.outcome == "rerun":
        return
    state = "failed" if report.failed and report.when == "call" else "error" if report.failed else None
    if state is None and hasattr(report, "wasxfail"):
        state = "xfailed" if report.skipped else "xpassed"
    state = state or report.outcome
    known = seen.get(report.nodeid, "passed")
    seen[report.nodeid] = max(known, state, key=RANK.index)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        with open(os.environ["ASKED_INTO"], "w") as file:
            json.dump(seen, file)
"""
SUITE = {
    "shop/__init__.py": "",
    "shop/price.py": '''
def total(prices):
    """Add.

    >>> total([1, 2])
    3
    >>> total([])
    1
    """
    return sum(prices)
''',
    "test_ids.py": """
import pytest

@pytest.mark.parametrize("text", ["ünï", "a::b", "[x]", "a/b", "", "same", "same", "with space\\n"])
def test_odd(text):
    assert text != "same"

class Base:
    def test_inherited(self):
        assert self.number == 1

class TestOne(Base):
    number = 1

class TestTwo(Base):
    number = 2

class TestTwice:
    def test_hidden(self):
        assert False

class TestTwice:
    def test_hidden(self):
        pass
""",
    "test_outcomes.py": """
import unittest
import pytest

@pytest.fixture
def broken():
    raise RuntimeError

@pytest.fixture
def ends_badly():
    yield
    raise RuntimeError

def test_set_up(broken): pass
def test_tear_down(ends_badly): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
@pytest.mark.xfail
def test_unexpected(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass

class TestOld(unittest.TestCase):
    def test_sub(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.skip("no")
    def test_skipped(self): pass
""",
    "test_plugins.py": """
import asyncio, random, subprocess, sys
import pytest
from hypothesis import given, strategies

@pytest.mark.asyncio
async def test_asyncio():
    await asyncio.sleep(0)

@pytest.mark.asyncio
async def test_asyncio_fails():
    await asyncio.sleep(0)
    assert False

@pytest.mark.anyio
async def test_anyio(anyio_backend_name):
    assert anyio_backend_name == "asyncio"

@pytest.fixture
def anyio_backend():
    return "asyncio"

@given(strategies.integers())
def test_hypothesis(number):
    assert number * 2 == number + number

@given(strategies.integers())
def test_hypothesis_fails(number):
    assert number < 5

def test_subtests(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number != 1

tries = []
@pytest.mark.flaky(reruns=2)
def test_rerun_until_it_passes():
    tries.append(1)
    assert len(tries) == 3

@pytest.mark.flaky(reruns=1)
def test_rerun_in_vain():
    assert False

@pytest.mark.timeout(0.3)
def test_timeout():
    import time
    time.sleep(5)

@pytest.mark.order(2)
def test_second(): assert order == [1]
@pytest.mark.order(1)
def test_first(): order.append(1)
order = []

def test_in_a_process_of_its_own(tmp_path):
    (tmp_path / "test_inner.py").write_text("def test_a(): pass\\ndef test_b(): assert False\\n")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", str(tmp_path)]
    ran = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed" in ran.stdout

def test_pytester(pytester):
    pytester.makepyfile("def test_a(): pass\\ndef test_b(): assert False")
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=1, failed=1)

def test_cache(cache):
    cache.set("some/thing", 1)
    assert cache.get("some/thing", 0) == 1

def test_loud():
    for _ in range(3000):
        print("x" * 1000)
""",
    "conftest.py": 'pytest_plugins = ["pytester"]\n',
}
OPTIONS = {
    "all at once": "-n auto --dist loadfile --strict-config --strict-markers --doctest-modules --lf --nf"
    " --cov=shop --cov-report=term-missing --cov-fail-under=100 --durations=3 --tb=short",
    "switched off": "-p no:xdist -p no:randomly -p no:random_order -p no:cacheprovider -k 'not cache'",
    "twice in any order": "--random-order -p no:randomly -s -v --reruns 1 -k 'not first and not second'"
    " --keep-duplicates test_ids.py test_ids.py test_outcomes.py test_plugins.py",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plugins are installed."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "copy").mkdir()

    async def install() -> str:
        sandbox = HostSandbox(cache, network_settings())
        await sandbox.prepare(lambda text, fraction: None)
        plan = SetUpPlan(packages=PACKAGES, digest="plugins")
        made = await sandbox.set_up(plan, cache / "copy", lambda text, fraction: None)
        await sandbox.close()
        return made.reference

    return Path(asyncio.run(install()))


def run_ours(cache: Path, environment: Path, copy: Path, *requests: RunRequest) -> list[RunOutcome]:
    async def main() -> list[RunOutcome]:
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(sandbox, copy, Environment(os.fspath(environment)), Limits(), 1)
        try:
            return [await pool.run(request) for request in requests]
        finally:
            await pool.close()
            await sandbox.close()

    return asyncio.run(main())


def run_plain(environment: Path, copy: Path, room: Path) -> dict[str, str]:
    """What plain pytest says of each test, by its id."""
    (room / "asked.py").write_text(ASKED)
    into = room / "asked.json"
    env = {"PATH": "/usr/bin:/bin", "HOME": os.fspath(room), "PYTHONPATH": os.fspath(room)}
    command = [os.fspath(environment / "bin/python"), "-m", "pytest", "-p", "asked"]
    done = subprocess.run(
        command, cwd=copy, env={**env, "ASKED_INTO": os.fspath(into)}, capture_output=True, text=True
    )
    assert into.exists(), done.stdout + done.stderr
    return json.loads(into.read_text())


@pytest.mark.parametrize("name", OPTIONS)
def test_every_test_counts_as_for_plain_pytest(
    name: str,
    write: Callable[[Mapping[str, str]], Path],
    environment: Path,
    tools_cache: Path,
    tmp_path: Path,
) -> None:
    ini = f"[pytest]\naddopts = {OPTIONS[name]}\ncache_dir = .made\nmarkers = order\n"
    copy = write({**SUITE, "pytest.ini": ini + "asyncio_default_fixture_loop_scope = function\n"})
    # What one run might leave for the next is the business of the cache and of coverage.
    requests = [RunRequest()] * (2 if "--lf" in OPTIONS[name] else 1)
    outcomes = run_ours(tools_cache, environment, copy, *requests)
    first, again = outcomes[0], outcomes[-1]
    plain = run_plain(environment, copy, tmp_path)
    for outcome in outcomes:
        report = outcome.report
        assert report.end is RunEnd.FINISHED, report.detail
        assert report.detail == ""
        ours = {
            r.node_id: "failed" if r.outcome is Outcome.TIMEOUT else r.outcome.value
            for r in report.results
        }
        assert ours == plain
    assert first.report.collected == again.report.collected
    assert first.report.interference == again.report.interference
    assert Counter(first.report.collected).keys() == plain.keys()
