"""Counting who executed a line, and what that says of it."""

from __future__ import annotations

from math import inf

import pytest

from core.localise.spectrum import Spectrum, spectra

COVERAGE = {
    "red": {"a": frozenset({1, 2})},
    "green": {"a": frozenset({1, 3})},
    "untraced": {},
}


def test_a_line_that_all_failing_and_no_passing_tests_run_is_as_suspicious_as_can_be() -> None:
    found = spectra(COVERAGE, ["red"], ["green"])["a", 2]
    assert (found.ochiai, found.dstar) == (1.0, inf)


def test_for_a_single_fault_who_was_there_of_the_failing_tests_decides() -> None:
    all_of_them, half = Spectrum(4, 90, 4), Spectrum(2, 0, 4)
    assert all_of_them.single > half.single > Spectrum(2, 1, 4).single
    assert half.ochiai > all_of_them.ochiai


def test_passing_tests_on_a_line_exonerate_it() -> None:
    found = spectra(COVERAGE, ["red"], ["green"])["a", 1]
    assert found.ochiai == pytest.approx(0.5**0.5)
    assert found.dstar == 1.0


def test_files_that_no_failing_test_entered_have_no_spectrum() -> None:
    coverage = {**COVERAGE, "green": {"a": frozenset({3}), "b": frozenset({1})}}
    assert set(spectra(coverage, ["red"], ["green"])) == {("a", 1), ("a", 2), ("a", 3)}


def test_a_failing_test_without_coverage_does_not_count() -> None:
    assert spectra(COVERAGE, ["red", "untraced"], ["green"])["a", 2] == Spectrum(1, 0, 1)


def test_a_test_that_is_red_and_green_counts_as_red() -> None:
    assert spectra(COVERAGE, ["red"], ["green", "red"])["a", 2].passing == 0


def test_those_who_went_past_a_block_are_the_rest() -> None:
    assert Spectrum(3, 5, 4).without(Spectrum(1, 5, 4)) == Spectrum(2, 0, 4)
