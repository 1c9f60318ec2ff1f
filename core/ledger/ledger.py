"""The ledger: what is required of the repository's code, line by line, and what checks each line.

Lines come from requests, answers, remarks, ``AGENTS.md`` and the user's own hand; their states follow
the newest run of the tests, never anybody's word. The text of a line is data: it stands fenced in
prompts and decides nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.errors import UsageError
from core.types import (
    NodeId,
    Outcome,
    Requirement,
    RequirementSource,
    RequirementState,
    TestReport,
)

MOST_LINES: Final = 60
MOST_CHARACTERS: Final = 400
"""Of one line; what is longer belongs into several."""


class Ledger:
    """One repository's requirements. Pure but for ``on_change``, which is told every new state."""

    def __init__(
        self,
        requirements: Iterable[Requirement] = (),
        on_change: Callable[[tuple[Requirement, ...]], None] = lambda _: None,
        last_id: int = 0,
    ) -> None:
        """``last_id`` is the highest number that was ever given."""
        self._lines = {one.id: one for one in requirements}
        self._on_change = on_change
        self._last = max((last_id, *self._lines))
        self._outcomes: Mapping[NodeId, Outcome] = {}

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """In the order of their numbers."""
        return tuple(self._lines[number] for number in sorted(self._lines))

    @property
    def last_id(self) -> int:
        return self._last

    @property
    def texts(self) -> tuple[str, ...]:
        """What prompts carry."""
        return tuple(one.text for one in self.requirements)

    def add(
        self, text: str, source: RequirementSource | str, tests: Sequence[NodeId] = ()
    ) -> Requirement:
        """Write a line; of one with the same words only the tests are added. Raises UsageError for an
        empty text, one that is too long, and where the ledger is full."""
        text = _checked(text)
        known = next((one for one in self._lines.values() if one.text.lower() == text.lower()), None)
        if known is not None:
            return self.cover(known.id, tests)
        if len(self._lines) >= MOST_LINES:
            raise UsageError(
                "ledger.full",
                f"The ledger has {MOST_LINES} lines already; drop one before you add another.",
            )
        self._last += 1
        line = Requirement(self._last, text, RequirementSource(source), tests=tuple(dict.fromkeys(tests)))
        return self._put(line)

    def edit(self, number: int, text: str) -> Requirement:
        """Change the words of a line. Raises UsageError."""
        return self._put(replace(self._line(number), text=_checked(text)))

    def cover(self, number: int, tests: Sequence[NodeId]) -> Requirement:
        """Add tests that check a line. Raises UsageError for a line that there is not."""
        line = self._line(number)
        return self._put(replace(line, tests=tuple(dict.fromkeys((*line.tests, *tests)))))

    def drop(self, number: int) -> None:
        """Take a line out. Raises UsageError for one that there is not."""
        self._line(number)
        del self._lines[number]
        self._on_change(self.requirements)

    def observe(self, report: TestReport) -> None:
        """Take the states from a run; a test that it did not have says what it said before."""
        self._outcomes = {**self._outcomes, **{r.node_id: r.outcome for r in report.results}}
        lines = {number: self._judged(line) for number, line in self._lines.items()}
        if lines != self._lines:
            self._lines = lines
            self._on_change(self.requirements)

    def forget_outcomes(self) -> None:
        """The newest run no longer says anything of the code."""
        self._outcomes = {}

    def _line(self, number: int) -> Requirement:
        line = self._lines.get(number)
        if line is None:
            raise UsageError("ledger.unknown", f"There is no requirement {number} in the ledger.")
        return line

    def _put(self, line: Requirement) -> Requirement:
        line = self._judged(line)
        if self._lines.get(line.id) != line:
            self._lines[line.id] = line
            self._on_change(self.requirements)
        return line

    def _judged(self, line: Requirement) -> Requirement:
        return replace(line, state=state_of(line.tests, self._outcomes))


def state_of(tests: Sequence[NodeId], outcomes: Mapping[NodeId, Outcome]) -> RequirementState:
    """Failing where one of the tests is red, passing where at least one ran and none is red. A name
    without parameters stands for the test with all of them."""
    found = [
        outcome
        for node_id, outcome in outcomes.items()
        if node_id in tests or node_id.split("[", 1)[0] in tests
    ]
    if any(outcome.is_red for outcome in found):
        return RequirementState.FAILING
    if any(outcome.is_green for outcome in found):
        return RequirementState.PASSING
    return RequirementState.UNTESTED


def _checked(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise UsageError("ledger.empty", "A requirement needs words; nothing was written.")
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            "ledger.long",
            f"A requirement has at most {MOST_CHARACTERS} characters, and this has {len(text)}; "
            "divide it into several.",
        )
    return text
