"""How tests fared over the last runs: true for tests that come, go and are run again; small; robust."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.history.runs import KEPT, RunBook
from core.types import Outcome, TestReport, TestResult

OUTCOMES = {"p": Outcome.PASSED, "f": Outcome.FAILED, "s": Outcome.SKIPPED}


def report(fared: dict[str, str]) -> TestReport:
    results = tuple(TestResult(node, OUTCOMES[mark]) for node, mark in fared.items())
    return TestReport(results, tuple(fared), 1.0)


RUNS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("pfs")), max_size=8)


@given(RUNS)
def test_each_run_of_a_test_is_told_and_none_in_which_it_was_not(
    tmp_path_factory: object, runs: list[dict[str, str]]
) -> None:
    book = RunBook(Path(tmp_path_factory.mktemp("runs")))  # type: ignore[attr-defined]
    for time, fared in enumerate(runs):
        book.add("/r", report(fared), float(time))
    for node in "abcd":
        expected = tuple((float(time), fared[node]) for time, fared in enumerate(runs) if node in fared)
        assert book.past("/r", node) == expected


def test_only_the_last_runs_are_kept(tmp_path: Path) -> None:
    book = RunBook(tmp_path)
    for time in range(KEPT + 5):
        book.add("/r", report({"a": "p"}), float(time))
    marks = book.past("/r", "a")
    assert len(marks) == KEPT
    assert marks[-1] == (KEPT + 4.0, "p")


def test_repositories_are_kept_apart(tmp_path: Path) -> None:
    book = RunBook(tmp_path)
    book.add("/r", report({"a": "p"}), 1.0)
    assert book.past("/other", "a") == ()


def test_a_file_that_is_damaged_is_begun_anew(tmp_path: Path) -> None:
    book = RunBook(tmp_path)
    book.add("/r", report({"a": "p"}), 1.0)
    for broken in (b"{", b"[]", b'{"tests": 3, "runs": []}', b"\xff"):
        next(tmp_path.glob("*.json")).write_bytes(broken)
        assert book.past("/r", "a") == ()
        book.add("/r", report({"a": "f"}), 2.0)
        assert book.past("/r", "a") == ((2.0, "f"),)
