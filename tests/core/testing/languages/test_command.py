"""A repository's own command: JUnit XML and TAP, and what goes wrong with either, in clear sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.repo.settings import TestSettings
from core.testing.detection import choose_language
from core.testing.languages import Language, shipped
from core.types import Frame, RunEnd, SandboxKind, TestReport
from tests.core.testing.languages.suites import lay_out, outcomes, result_of, run_once

JUNIT = """\
<testsuites><testsuite name="sums">
<testcase classname="Sums" name="adds" file="test/sums.rb" time="0.5"/>
<testcase classname="Sums" name="subtracts" file="test/sums.rb">
<failure message="1 is not 2">at src/sums.rb:1 here</failure></testcase>
<testcase classname="Sums" name="divides"><skipped message="later"/></testcase>
</testsuite></testsuites>
"""
TAP = """\
TAP version 14
# Subtest: sums
    ok 1 - adds
    not ok 2 - subtracts
      ---
      message: '1 is not 2'
      at: src/sums.rb:1
      ...
    1..2
not ok 1 - sums
ok 2 - divides # SKIP later
not ok 3 - multiplies # TODO some day
1..3
"""
FILES = {"src/sums.rb": "x\n", "junit.xml": JUNIT, "tap.txt": TAP}


def run(
    cache: Path, root: Path, command: str, format_: str, results: str = "", **more: str
) -> TestReport:
    copy = lay_out(root / "copy", {**FILES, **more})
    return run_once(SandboxKind.HOST, cache, copy, chosen(copy, command, format_, results))


def chosen(copy: Path, command: str, format_: str, results: str = "") -> Language:
    settings = TestSettings(command=command, format=format_, results=results)
    return choose_language(copy, (), settings, shipped())


def test_junit_results_are_read_with_files_messages_and_frames(
    languages_cache: Path, tmp_path: Path
) -> None:
    report = run(languages_cache, tmp_path, "cp junit.xml {results}; exit 1", "junit")
    assert report.end is RunEnd.FINISHED
    assert outcomes(report) == {
        "test/sums.rb::Sums::adds": "passed",
        "test/sums.rb::Sums::subtracts": "failed",
        "Sums::divides": "skipped",
    }
    failed = result_of(report, "test/sums.rb::Sums::subtracts")
    assert (failed.message, failed.frames) == ("1 is not 2", (Frame("src/sums.rb", 1, ""),))


def test_results_may_lie_where_the_command_puts_them(languages_cache: Path, tmp_path: Path) -> None:
    command = "mkdir out && cp junit.xml out/a.xml; exit 1"
    report = run(languages_cache, tmp_path, command, "junit", "out/*.xml")
    assert len(report.results) == 3


def test_tap_is_read_with_subtests_and_directives(languages_cache: Path, tmp_path: Path) -> None:
    report = run(languages_cache, tmp_path, "cat tap.txt; exit 1", "tap")
    assert outcomes(report) == {
        "tap::sums > adds": "passed",
        "tap::sums > subtracts": "failed",
        "tap::sums": "failed",
        "tap::divides": "skipped",
        "tap::multiplies": "xfailed",
    }
    assert result_of(report, "tap::sums > subtracts").message == "1 is not 2"


@pytest.mark.parametrize(
    ("command", "format_", "sentence"),
    [
        ("no-such-program --test", "tap", "The test command was not found in the sandbox."),
        ("true", "junit", "The test command wrote no results to the file that {results} stands for."),
        ("echo '<testsuite' > {results}", "junit", "The results in results.xml are not JUnit XML: "),
        ("echo hello", "tap", "The test command wrote no TAP."),
        ("echo 'Bail out! no database'", "tap", "The test command gave up: no database."),
        ("echo nothing >&2; exit 3", "go", "The test command ended with exit status 3."),
        ("kill -SEGV $$", "go", "The test command was ended by signal 11."),
        ("echo ok 1 - a; echo 1..2", "tap", "The results ended before the run did."),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(
    command: str, format_: str, sentence: str, languages_cache: Path, tmp_path: Path
) -> None:
    report = run(languages_cache, tmp_path, command, format_)
    assert report.end is RunEnd.CRASHED
    assert report.detail.startswith(sentence)


def test_a_command_that_ends_well_with_failures_is_a_sign(languages_cache: Path, tmp_path: Path) -> None:
    report = run(languages_cache, tmp_path, "cat tap.txt", "tap")
    assert report.interference == ("the command ended well with tests that failed",)


def test_stale_results_do_not_count(languages_cache: Path, tmp_path: Path) -> None:
    report = run(languages_cache, tmp_path, "touch -d 2020-01-01 junit.xml", "junit", "junit.xml")
    assert report.detail.startswith("The test command wrote no results to junit.xml.")
