"""What the window knows of the conversation: a projection of its events. Imports no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core import events as ev
from core.types import Author, ChatMessage, Name, Reference, Remedy
from ui.coalesce import Shown


@dataclass(slots=True)
class Writing:
    """An answer that is being written."""

    id: int
    model: str = ""
    looked_at: tuple[Reference, ...] = ()
    prompt: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Talk:
    """Messages by their numbers, in the order in which they were sent."""

    def __init__(self) -> None:
        self.start_over()

    def start_over(self) -> None:
        self.messages: dict[int, ChatMessage] = {}
        self.writing: Writing | None = None
        self.prompts: dict[int, str] = {}
        """What the model was sent for an answer of this run."""
        self.remedies: dict[int, tuple[Remedy, ...]] = {}
        self.names: tuple[Name, ...] = ()
        self.names_for = ""
        """What ``names`` were looked up for."""

    @property
    def is_answering(self) -> bool:
        return self.writing is not None

    def said(self) -> list[str]:
        """What the user has sent, oldest first, each once in a row."""
        texts: list[str] = []
        for message in self.messages.values():
            if message.author is Author.USER and message.text and texts[-1:] != [message.text]:
                texts.append(message.text)
        return texts

    def apply(self, body: Shown) -> None:
        match body:
            case ev.RepositoryOpened():
                self.start_over()
            case ev.ConversationOpened(messages):
                self.start_over()
                self.messages = {message.id: message for message in messages}
            case ev.MessageAdded(message):
                self.messages[message.id] = message
            case ev.MessagesFolded(numbers, by):
                for number in numbers:
                    if number in self.messages:
                        self.messages[number] = replace(self.messages[number], folded_by=by)
            case ev.AnswerStarted(number, model, looked_at, prompt):
                self.writing = Writing(number, model, looked_at, prompt)
                self.prompts[number] = prompt
            case ev.AnswerStreamed(number, text):
                if self.writing is not None and self.writing.id == number:
                    self.writing.pieces.append(text)
            case ev.AnswerEnded(message=message, remedies=remedies):
                self.messages[message.id] = message
                if remedies:
                    self.remedies[message.id] = remedies
                if self.writing is not None and self.writing.id == message.id:
                    self.writing = None
            case ev.NamesFound(text, names):
                self.names_for, self.names = text, names
            case _:
                pass
