"""The conversation: messages, what goes with them, and what answers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import RelPath


class Intent(StrEnum):
    """What a message of the user is for. The user sees it and can change it before sending."""

    FIX = "fix"
    CHANGE = "change"
    ASK = "ask"


class Author(StrEnum):
    USER = "user"
    MODEL = "model"
    TASK = "task"
    """Greenbar, saying how a task ended."""


class AttachmentKind(StrEnum):
    TRACEBACK = "traceback"
    TESTS = "tests"
    """What a test runner has printed."""
    TEXT = "text"
    HUNK = "hunk"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Text that goes with a message and is not its words. Always data."""

    kind: AttachmentKind
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in the repository that exists; ``line`` counts from 1, 0 is the whole file."""

    path: RelPath
    line: int = 0


class AnswerState(StrEnum):
    WHOLE = "whole"
    STOPPED = "stopped"
    """By the user."""
    CUT = "cut"
    """At the most that an answer may be long."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message. ``id`` counts from 1 within a repository's conversation; ``time`` is seconds since the
    epoch."""

    id: int
    time: float
    author: Author
    text: str
    intent: Intent = Intent.ASK
    """Of the user's messages."""
    attachments: tuple[Attachment, ...] = ()
    folded_by: int = 0
    """The message that was sent in the place of this one or of one before it; 0: none was."""
    state: AnswerState = AnswerState.WHOLE
    trouble: str = ""
    """Why an answer failed, in a sentence."""
    model: str = ""
    looked_at: tuple[Reference, ...] = ()
    """What the model was shown of the repository."""
    references: tuple[Reference, ...] = ()
    """Places that the text of an answer names."""


class NameKind(StrEnum):
    FILE = "file"
    SYMBOL = "symbol"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Name:
    """Something that can be mentioned: ``mention`` is what stands behind the ``@``."""

    kind: NameKind
    mention: str
    detail: str = ""
    """For people: a signature, a folder."""
