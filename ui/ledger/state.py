"""What the window knows of requirements and of the request at hand: a projection of the events. No Qt."""

from __future__ import annotations

from core import events as ev
from core.types import NodeId, Requirement
from ui.coalesce import Shown


class LedgerState:
    """Changed only by :meth:`apply`."""

    def __init__(self) -> None:
        self.requirements: tuple[Requirement, ...] = ()
        self.restated: ev.TaskRestated | None = None
        """The request at hand, until it is written or dropped."""
        self.proposed: ev.TestsProposed | None = None
        self.confirmed: tuple[NodeId, ...] = ()

    def apply(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.RepositoryOpened():
                self.__init__()  # type: ignore[misc]
            case ev.LedgerChanged(requirements):
                self.requirements = requirements
            case ev.TaskRestated():
                self.restated, self.proposed, self.confirmed = body, None, ()
            case ev.TestsProposed():
                self.proposed, self.confirmed = body, ()
            case ev.TestsConfirmed(tests, _):
                self.confirmed = tests
            case ev.RequestDropped():
                self.restated, self.proposed, self.confirmed = None, None, ()
            case _:
                pass
