"""Slow tests of a baseline: another try where that is cheap, and the repository's own word."""

from __future__ import annotations

import pytest

from core.events import TestFinished
from core.types import Outcome

SLOW = "import time\n\n\ndef test_quick():\n    pass\n\n\ndef test_slow():\n    time.sleep(2.5)\n"
LOOP = "import pytest\n\n\n{mark}\ndef test_loop():\n    while True:\n        pass\n"


def tried(opened, name: str) -> list[Outcome]:
    found = [body.result for body in opened.bodies(TestFinished)]
    return [result.outcome for result in found if result.node_id.endswith(name)]


@pytest.mark.slow
def test_a_slow_test_passes_at_its_second_try_alone(with_session, repository):
    async def work(opened):
        await opened.session.open(str(repository({"test_it.py": SLOW})))
        report = await opened.session.run_tests()
        assert report.failing == ()
        assert len(report.results) == 2
        assert report.by_id()["test_it.py::test_slow"].seconds > 2.0
        assert tried(opened, "test_slow") == [Outcome.TIMEOUT, Outcome.PASSED]
        assert tried(opened, "test_quick") == [Outcome.PASSED]

    with_session(work)


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["", '@pytest.mark.parametrize("n", [1, 2])'])
def test_a_test_without_end_stays_red_and_says_how_to_allow_more(with_session, repository, mark):
    loop = LOOP.replace("test_loop()", "test_loop(n)") if mark else LOOP

    async def work(opened):
        await opened.session.open(str(repository({"test_it.py": loop.format(mark=mark)})))
        report = await opened.session.run_tests()
        assert {result.outcome for result in report.results} == {Outcome.TIMEOUT}
        assert all("--test-timeout" in result.message for result in report.results)
        # Parametrisations that hang together are one loop, which is not waited for again.
        assert report.seconds < 5.0 if mark else report.seconds > 5.0

    with_session(work)


def test_the_repository_says_what_is_too_long_and_nothing_is_tried_again(with_session, repository):
    files = {"test_it.py": SLOW, "greenbar.toml": "[tests]\ntimeout = 1\n"}

    async def work(opened):
        await opened.session.open(str(repository(files)))
        report = await opened.session.run_tests()
        assert report.failing == ("test_it.py::test_slow",)
        assert report.by_id()["test_it.py::test_slow"].message.startswith("timed out after 1 s\n")
        assert tried(opened, "test_slow") == [Outcome.TIMEOUT]

    with_session(work)


def test_the_repository_allows_more(with_session, repository):
    files = {"test_it.py": SLOW, "greenbar.toml": "[tests]\ntimeout = 30\n"}

    async def work(opened):
        await opened.session.open(str(repository(files)))
        assert (await opened.session.run_tests()).failing == ()
        assert tried(opened, "test_slow") == [Outcome.PASSED]

    with_session(work)
