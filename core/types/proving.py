"""What proves a fix: what fails without it, what fails without each of its hunks; and its commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from core.types.names import HunkId, NodeId, RelPath
from core.types.testing import Outcome


@dataclass(frozen=True, slots=True)
class WithoutFix:
    """What became of one test that the fix has turned green, without the fix.

    ``outcome`` is ``None`` where the run did not reach it. ``cause`` is in the words of
    :func:`core.types.causes.cause_of` (``assertion failed``, ``KeyError``), empty where nothing failed.
    """

    node_id: NodeId
    outcome: Outcome | None
    cause: str = ""
    as_before: bool = False
    """It failed for the same cause as in the baseline."""

    @property
    def on_assertion(self) -> bool:
        return self.cause == "assertion failed"

    @property
    def proves(self) -> bool:
        """Whether it is red, and for a reason that the fix is about."""
        return self.on_assertion or self.as_before


@dataclass(frozen=True, slots=True)
class HunkNeed:
    """Which tests go red when one hunk is left out and the others stay."""

    hunk: HunkId
    line: int
    """Where it changes something: the first such line of the file after it, from 1; 0 for a file that
    has no lines to show."""
    tests: tuple[NodeId, ...] = ()
    looked: bool = True
    """False where there was no time to leave it out."""
    whole_suite: bool = False
    """The whole suite ran without it, not only the targets and the tests that touch its lines."""

    @property
    def path(self) -> RelPath:
        return self.hunk.rpartition("#")[0]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def is_idle(self) -> bool:
        """No test of the whole suite needs it, as far as leaving out one hunk at a time can tell."""
        return self.looked and self.whole_suite and not self.tests


@dataclass(frozen=True, slots=True)
class Proof:
    """What leaving a fix out, whole and hunk by hunk, has shown. It changes no verdict.

    Two hunks that do the same each look idle, since only one at a time is left out.
    """

    reverted: tuple[WithoutFix, ...] = ()
    """The tests that the fix turns green, on the tree without it."""
    with_tests_only: tuple[WithoutFix, ...] = ()
    """Tests in files that the patch changes or brings, with nothing else of it applied: those that
    are new, and those that are red then."""
    hunks: tuple[HunkNeed, ...] = ()
    runs: int = 0
    seconds: float = 0.0
    finished: bool = True
    """False where the time ended first."""

    @property
    def bites(self) -> bool:
        """Every test that it turns green fails without it, for a reason that it is about."""
        return bool(self.reverted) and all(test.proves for test in self.reverted)

    def needing(self, tests: Collection[NodeId]) -> tuple[HunkId, ...]:
        """The hunks that some of these tests need: from a requirement's tests to its hunks."""
        wanted = frozenset(tests)
        return tuple(need.hunk for need in self.hunks if wanted.intersection(need.tests))

    def need(self, hunk: HunkId) -> HunkNeed | None:
        return next((need for need in self.hunks if need.hunk == hunk), None)


class OwnChanges(StrEnum):
    """What a commit does with a file that held changes of the user's own before the fix."""

    REFUSE = "refuse"
    LEAVE = "leave"
    """Commit the fix's hunks of it and leave the user's changes uncommitted."""
    TAKE = "take"
    """Commit the file as it is now."""


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """A commit of one accept, before it is made. ``entangled`` are the files of it that held changes of
    the user's own; ``detached`` is the short hash of a detached head, else empty."""

    accept: int
    branch: str
    message: str
    paths: tuple[RelPath, ...]
    entangled: tuple[RelPath, ...] = ()
    detached: str = ""
