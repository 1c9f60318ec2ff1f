"""The conversation with the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import ChatMessage, Name, Reference, RelPath, Remedy, TokenUsage


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """Everything that was said before about the opened repository, in order."""

    messages: tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message of the user, or word of how a task ended."""

    message: ChatMessage


@dataclass(frozen=True, slots=True)
class MessagesFolded:
    """These messages are no longer part of what is talked about: ``by`` was sent in their place."""

    messages: tuple[int, ...]
    by: int


@dataclass(frozen=True, slots=True)
class AnswerStarted:
    """The model is asked. ``prompt`` is what it is sent, whole, for people to read."""

    message: int
    model: str
    looked_at: tuple[Reference, ...]
    prompt: str


@dataclass(frozen=True, slots=True)
class AnswerStreamed:
    """More of the text of an answer."""

    message: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """The answer as it stays, also where it was stopped or has failed; ``remedies`` mend the latter."""

    message: ChatMessage
    usage: TokenUsage
    seconds: float = 0.0
    tokens_per_second: float = 0.0
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class NamesFound:
    """What can be mentioned that begins like ``text`` or holds it, best first; not many."""

    text: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class SourceShown:
    """A file of the repository as it is now, for reading. ``line``: where to look; 0: at the top."""

    path: RelPath
    line: int
    text: str


Body: TypeAlias = (
    ConversationOpened
    | MessageAdded
    | MessagesFolded
    | AnswerStarted
    | AnswerStreamed
    | AnswerEnded
    | NamesFound
    | SourceShown
)
