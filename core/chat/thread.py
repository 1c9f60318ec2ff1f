"""The messages of a conversation: what still counts of them, and what was folded away. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.types import Author, ChatMessage


class Thread:
    """Messages in the order in which they were sent. None is ever lost; folded ones are kept."""

    def __init__(self, messages: Iterable[ChatMessage] = ()) -> None:
        self._messages = {message.id: message for message in messages}

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        return tuple(self._messages.values())

    @property
    def next_id(self) -> int:
        return max(self._messages, default=0) + 1

    def open(self) -> tuple[ChatMessage, ...]:
        """Those that were not folded away."""
        return tuple(message for message in self._messages.values() if not message.folded_by)

    def add(self, message: ChatMessage) -> None:
        """Take a message in, or in the place of the one with its number."""
        self._messages[message.id] = message

    def fold(self, first: int, by: int) -> tuple[int, ...]:
        """Fold the user's message ``first`` away, and all that came after it; gives their numbers.

        Nothing is folded where there is no such message, or it is folded already."""
        start = self._messages.get(first)
        if start is None or start.folded_by or start.author is not Author.USER:
            return ()
        folded = [m.id for m in self.open() if m.id >= first and m.id != by]
        for number in folded:
            self._messages[number] = replace(self._messages[number], folded_by=by)
        return tuple(folded)
