"""Two ways of attempting the same tasks, in figures. Pure.

Of ``bench clarify``: success with answers against without, and what was asked; success is a fix that
passes the tests of the reading that is meant, not only the visible ones. Of ``bench overfit``: how many
green answers fail hidden tests, with the second judge and without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.bench.clarify import AMBIGUOUS, PLAIN
from core.bench.values import Ending, Setting, TaskResult


@dataclass(frozen=True, slots=True)
class Asked:
    """Valid attempts at the tasks of one kind, in one setting."""

    attempts: int
    green: int
    """Those that pass what is visible."""
    success: int
    """Those of them that do what is meant."""
    questions: int

    @property
    def success_share(self) -> float:
        return self.success / self.attempts if self.attempts else 0.0

    @property
    def questions_each(self) -> float:
        return self.questions / self.attempts if self.attempts else 0.0


@dataclass(frozen=True, slots=True)
class Clarified:
    """One setting with answers beside the same without."""

    setting: Setting
    """The one without."""
    without_ambiguous: Asked
    with_ambiguous: Asked
    without_plain: Asked
    with_plain: Asked
    gain: float | None
    """How many times more often the ambiguous tasks end in success with answers; ``None`` where they
    never do without."""


def clarified(results: Iterable[TaskResult]) -> tuple[Clarified, ...]:
    """A comparison for each setting that was tried both ways, in the order of the results."""
    by_setting: dict[Setting, list[TaskResult]] = {}
    for result in results:
        by_setting.setdefault(result.setting, []).append(result)
    found = []
    for setting, without in by_setting.items():
        answered = by_setting.get(replace(setting, answers=True), [])
        if setting.answers or not answered:
            continue
        before, after = _asked(without, AMBIGUOUS), _asked(answered, AMBIGUOUS)
        gain = after.success_share / before.success_share if before.success else None
        found.append(
            Clarified(setting, before, after, _asked(without, PLAIN), _asked(answered, PLAIN), gain)
        )
    return tuple(found)


def _asked(results: Sequence[TaskResult], kind: str) -> Asked:
    valid = [r for r in results if r.kind == kind and r.ending is not Ending.INVALID]
    return Asked(
        attempts=len(valid),
        green=sum(r.is_solved for r in valid),
        success=sum(r.is_solved and r.correct is True for r in valid),
        questions=sum(r.questions for r in valid),
    )


@dataclass(frozen=True, slots=True)
class Overfit:
    """Green answers with and without the second judge, and how many of them fail the hidden tests."""

    setting: Setting
    """The one with the second judge."""
    green_off: int
    wrong_off: int
    green_on: int
    wrong_on: int

    @property
    def share_off(self) -> float:
        return self.wrong_off / self.green_off if self.green_off else 0.0

    @property
    def share_on(self) -> float:
        return self.wrong_on / self.green_on if self.green_on else 0.0


def overfitted(results: Iterable[TaskResult]) -> tuple[Overfit, ...]:
    """For each setting that was tried with the second judge and without; judged answers only."""
    by_setting: dict[Setting, list[TaskResult]] = {}
    for result in results:
        if result.is_solved and result.correct is not None:
            by_setting.setdefault(result.setting, []).append(result)
        else:
            by_setting.setdefault(result.setting, [])
    found = []
    for setting, on in by_setting.items():
        off = by_setting.get(replace(setting, second_judge=False))
        if not setting.second_judge or off is None:
            continue
        found.append(Overfit(setting, len(off), _wrong(off), len(on), _wrong(on)))
    return tuple(found)


def _wrong(results: Sequence[TaskResult]) -> int:
    return sum(result.correct is False for result in results)
