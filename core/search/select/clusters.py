"""Agreement: which candidates behave alike, and which group of them to believe. Pure.

What a candidate gives for an input makes a test: *for this input, that answer*; it passes those of its
own answers. Candidates with the same answers make a group. Two scores of a group:

- CodeT (B. Chen et al., "CodeT: code generation with generated tests", ICLR 2023, section 2.2): how many
  candidates it has, times how many tests they pass.
- B4 (M. Chen et al., "B4: towards optimal assessment of plausible code solutions with plausible tests",
  ASE 2024, sections 3 and 4): the posterior that the group is the right one. Of candidates and tests an
  unknown part is right; right candidates pass right tests; wrong candidates pass right tests at one
  unknown rate, and anybody passes wrong tests at another. Each rate is integrated out under a Beta prior,
  which leaves four Beta functions. Where tests are made of answers, and so plenty of them wrong, it does
  not mistake many answers for much evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from math import lgamma
from typing import Final

Matrix = Mapping[int, frozenset[Hashable]]
"""For each candidate the tests that it passes."""

FOOLED: Final = (1.0, 1.0)
"""Prior of wrong candidates that pass a right test: nothing is known."""
CHANCE: Final = (1.0, 10.0)
"""Prior of passing a wrong test: seldom."""

LEAD: Final = 0.1
"""How much higher, as a logarithm, the posterior of the group to believe has to be."""


def matrix_of(answers: Mapping[int, Sequence[str]]) -> Matrix:
    """Answers for the same inputs, in the same order, as tests that each candidate passes."""
    return {candidate: frozenset(enumerate(given)) for candidate, given in answers.items()}


def groups_of(matrix: Matrix) -> tuple[tuple[int, ...], ...]:
    """Candidates that pass the same tests, each group and the groups in the order of ``matrix``."""
    found: dict[frozenset[Hashable], list[int]] = {}
    for candidate, passed in matrix.items():
        found.setdefault(passed, []).append(candidate)
    return tuple(tuple(group) for group in found.values())


def codet(group: Collection[int], matrix: Matrix) -> float:
    """The score of a group: higher is to be believed."""
    return float(len(group) * len(matrix[next(iter(group))]))


def b4(group: Collection[int], matrix: Matrix) -> float:
    """The logarithm of the group's posterior, up to what is the same for all groups of a matrix."""
    tests = frozenset().union(*matrix.values())
    right = matrix[next(iter(group))]
    wrong = tests - right
    others = [candidate for candidate in matrix if candidate not in group]
    fooled = sum(len(matrix[candidate] & right) for candidate in others)
    lucky = sum(len(passed & wrong) for passed in matrix.values())
    return (
        _evidence(len(group), len(others))
        + _evidence(len(right), len(wrong))
        + _evidence(fooled, len(others) * len(right) - fooled, *FOOLED)
        + _evidence(lucky, len(matrix) * len(wrong) - lucky, *CHANCE)
    )


def believed(matrix: Matrix) -> tuple[int, ...]:
    """The group with the highest posterior, if it has more than one voice and none comes near it."""
    groups = sorted(groups_of(matrix), key=lambda group: b4(group, matrix), reverse=True)
    if not groups or len(groups[0]) == 1:
        return ()
    if len(groups) > 1 and b4(groups[0], matrix) - b4(groups[1], matrix) < LEAD:
        return ()
    return groups[0]


def _evidence(good: int, bad: int, alpha: float = 1.0, beta: float = 1.0) -> float:
    """How likely a given row of ``good`` and ``bad`` is where its rate has this Beta prior."""
    return _log_beta(good + alpha, bad + beta) - _log_beta(alpha, beta)


def _log_beta(alpha: float, beta: float) -> float:
    return lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta)
