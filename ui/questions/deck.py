"""The question cards of a window: made, settled and taken away as events say."""

from __future__ import annotations

from collections.abc import Callable

from core import events as ev
from core.commands import AnswerQuestion, Command, Request, TakeBackAnswer
from ui.coalesce import Shown
from ui.conversation.pane import ConversationPane
from ui.questions.card import QuestionCard
from ui.theme.look import Look


class QuestionDeck:
    """Its cards stand in the conversation."""

    def __init__(
        self, conversation: ConversationPane, send: Callable[[Command], None], look: Look
    ) -> None:
        self._conversation = conversation
        self._send = send
        self._look = look
        self._cards: dict[int, QuestionCard] = {}

    def card(self, question: int) -> QuestionCard | None:
        """The card of a question of this repository."""
        return self._cards.get(question)

    def show(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.RepositoryOpened():
                self._cards.clear()  # the conversation has deleted them
            case ev.QuestionAsked(question, waiting):
                if question.id in self._cards:
                    self._drop(question.id)
                made = self._cards[question.id] = QuestionCard(question, waiting, self._look)
                made.answered.connect(self._answer)
                made.taken_back.connect(self._take_back)
                made.requested.connect(self._request)
                self._conversation.add_card(made)
            case ev.QuestionAnswered(question=number) if (card := self.card(number)) is not None:
                card.settle(body)
            case ev.AnswerRefused(question=number) if (card := self.card(number)) is not None:
                card.refuse(body)
            case ev.AnswerTakenBack(question=number) if (card := self.card(number)) is not None:
                card.show_taken_back()
            case ev.QuestionWithdrawn(question=number):
                self._drop(number)
            case _:
                pass

    def reveal(self, question: int) -> None:
        """Bring a card into sight, with the focus on what is recommended."""
        card = self.card(question)
        if card is not None:
            self._conversation.show_card(card)
            card.setFocus()

    def _drop(self, question: int) -> None:
        card = self._cards.pop(question, None)
        if card is not None:
            self._conversation.remove_card(card)
            card.deleteLater()

    def _answer(self, question: int, choice: int, text: str) -> None:
        self._send(AnswerQuestion(question, choice, text))

    def _request(self, words: str) -> None:
        self._send(Request(words))

    def _take_back(self, question: int) -> None:
        self._send(TakeBackAnswer(question))
