"""Talking about the repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import Attachment, Intent, RelPath


@dataclass(frozen=True, slots=True)
class Say:
    """Add a message of the user's to the conversation; answered by ``MessageAdded``. ``@`` before a
    file, a test or a symbol mentions it.

    With :attr:`Intent.ASK` the model answers, and nothing is ever changed; the others are only noted
    down: ``Fix`` or ``Request`` carries them out. ``replaces`` is an earlier message of the user's in
    whose place this one is sent: it is folded away with everything behind it.
    """

    text: str
    intent: Intent = Intent.ASK
    attachments: tuple[Attachment, ...] = ()
    replaces: int = 0


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """Stop the answer that is being written, within 200 ms; what there is of it stays."""


@dataclass(frozen=True, slots=True)
class FindNames:
    """Say what can be mentioned that looks like ``text``; answered by ``NamesFound``."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowSource:
    """Show a file of the repository; answered by ``SourceShown``."""

    path: RelPath
    line: int = 0


Command: TypeAlias = Say | StopAnswer | FindNames | ShowSource
