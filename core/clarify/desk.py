"""The desk of questions: who may be asked what, in which order, and what an answer sets off.

At most :data:`MOST_A_ROUND` questions a round, one at a time, by impact times uncertainty. What is on the
user's screen stays there until it is answered or has lost its point; only what waits behind it changes
places. A question that an earlier answer, or anything that the caller can look up, answers is not asked.

For the loop's thread only; the shelf is a small file and is written in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from core.clarify.answers import Answer, chosen_option, read_answer
from core.clarify.shelf import Notes, Pending, Shelf
from core.errors import UsageError
from core.events import (
    AnswerRefused,
    AnswerTakenBack,
    Body,
    QuestionAnswered,
    QuestionAsked,
    QuestionWithdrawn,
)
from core.types import DECIDE, MOST_OPTIONS, Question, QuestionSource, RelPath

MOST_A_ROUND: Final = 4
_OF_A_SEARCH: Final = (QuestionSource.DISAGREEMENT, QuestionSource.UNCERTAINTY)

Follow: TypeAlias = Callable[[Answer], Awaitable["str | Followed"]]
"""What an answer sets off; gives a sentence of it. Raises AnswerConflict where it cannot be."""
LookUp: TypeAlias = Callable[[Question], str]
"""Where a question is answered already, in a few words; empty where it is not."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of an answer: a sentence, and a change to request where nothing does what it says."""

    sentence: str = ""
    request: str = ""


class AnswerConflict(UsageError):
    """An answer that cannot hold beside the one to the earlier question ``conflict``."""

    def __init__(self, sentence: str, conflict: int) -> None:
        super().__init__("answer.conflict", sentence)
        self.conflict = conflict


@dataclass(slots=True)
class _Open:
    question: Question
    ground: str
    follow: Follow | None
    asked: bool = False


class Questions:
    """Of one opened repository."""

    def __init__(
        self,
        shelf: Shelf,
        tell: Callable[[Body], None],
        read: Callable[[RelPath], bytes | None],
        record: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        """``read`` gives what a file of the user's tree holds now; ``record`` takes each answer of the
        user's that counts."""
        self._shelf = shelf
        self._tell = tell
        self._read = read
        self._record = record
        notes = shelf.read()
        self._last = notes.last
        self._answers = list(notes.answers)
        self._open = [_Open(kept.question, kept.ground, None) for kept in notes.pending]
        self._asked = 0

    @property
    def current(self) -> Question | None:
        """What the user is asked now."""
        return next((one.question for one in self._open if one.asked), None)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Those of the user that count, oldest first."""
        return tuple(self._answers)

    # --- asking ----------------------------------------------------------------------------------

    def reopen(self) -> None:
        """Ask again what an earlier session left open, as far as its ground is as it was."""
        self._open = [one for one in self._open if one.ground == self._ground(one.question)]
        self._keep()
        self._next()

    def refresh(self) -> None:
        """The tree may have changed: withdraw what is about files that have."""
        for one in list(self._open):
            if one.ground != self._ground(one.question):
                self._drop(one, "The code that it is about has changed.")
        self._next()

    def begin_round(self) -> None:
        """A new search begins, which asks anew what still matters of the last one's outcome."""
        for one in [one for one in self._open if one.question.source in _OF_A_SEARCH]:
            self._drop(one, "A new search has begun.")
        self._asked = 0

    def offer(
        self, question: Question, follow: Follow | None = None, look_up: LookUp | None = None
    ) -> Question | None:
        """Take a question, and ask it when its turn comes. Returns it with its number; ``None`` where it
        is not to be asked: answered already, asked enough, or no choice at all."""
        options = question.options[:MOST_OPTIONS]
        if len(options) < 2 or self._asked >= MOST_A_ROUND or self.answered(question) is not None:
            return None
        if any(_is_same(one.question, question) for one in self._open):
            return None
        if look_up is not None and look_up(question):
            return None
        self._last += 1
        taken = replace(question, options=options, id=self._last)
        self._open.append(_Open(taken, self._ground(taken), follow))
        self._keep()
        self._next()
        return taken

    def withdraw(self, number: int, reason: str) -> None:
        """Take a question back, if it is still open; ``reason`` is a sentence."""
        for one in [one for one in self._open if one.question.id == number]:
            self._drop(one, reason)
        self._next()

    def answered(self, question: Question) -> Answer | None:
        """The answer that the user gave to the same question before."""
        return next((a for a in reversed(self._answers) if _is_same(a.question, question)), None)

    # --- answers ---------------------------------------------------------------------------------

    async def answer(self, number: int, choice: int, text: str = "") -> None:
        """Take an answer, or say why it is none."""
        one = next((one for one in self._open if one.question.id == number), None)
        if one is None:
            self._tell(AnswerRefused(number, "This question is not open any more."))
            return
        try:
            answer = read_answer(one.question, choice, text)
            self._check(answer)
            told = await one.follow(answer) if one.follow else ""
        except UsageError as error:
            conflict = error.conflict if isinstance(error, AnswerConflict) else 0
            self._tell(AnswerRefused(number, error.sentence, conflict))
            return
        if one not in self._open:
            return  # it was withdrawn meanwhile, and that has been said
        self._open.remove(one)
        if answer.is_of_the_user:
            self._answers.append(answer)
            self._record(answer)
        self._keep()
        done = Followed(told) if isinstance(told, str) else told
        sentence = done.sentence or _usual(answer)
        self._tell(QuestionAnswered(number, choice, answer.text, sentence, done.request))
        self._next()

    def take_back(self, number: int) -> Answer | None:
        """Let the answer to a question count no longer; ``None`` where there is none."""
        found = next((answer for answer in self._answers if answer.question.id == number), None)
        if found is not None:
            self._answers.remove(found)
            self._keep()
            self._tell(AnswerTakenBack(number))
        return found

    def _check(self, answer: Answer) -> None:
        """Raises AnswerConflict where the same example was given another value before."""
        example = answer.question.example
        if example is None or not answer.expected or not answer.is_of_the_user:
            return
        for earlier in self._answers:
            if earlier.question.example == example and earlier.expected not in ("", answer.expected):
                raise AnswerConflict(
                    f"You answered before that {earlier.requirement}; both cannot hold.",
                    earlier.question.id,
                )

    # --- inner -----------------------------------------------------------------------------------

    def _next(self) -> None:
        """Ask the weightiest of those that wait, where none is being asked."""
        if self.current is not None or not self._open or self._asked >= MOST_A_ROUND:
            return
        one = max(self._open, key=lambda one: (one.question.weight, -one.question.id))
        one.asked = True
        self._asked += 1
        self._tell(QuestionAsked(one.question, min(len(self._open) - 1, MOST_A_ROUND - self._asked)))

    def _drop(self, one: _Open, reason: str) -> None:
        self._open.remove(one)
        self._keep()
        if one.asked:
            self._tell(QuestionWithdrawn(one.question.id, reason))

    def _keep(self) -> None:
        pending = tuple(Pending(one.question, one.ground) for one in self._open)
        self._shelf.write(Notes(self._last, pending, tuple(self._answers)))

    def _ground(self, question: Question) -> str:
        """A digest of the files that a question is about."""
        paths = {node_id.split("::", 1)[0] for option in question.options for node_id in option.tests}
        if question.example is not None and question.example.path:
            paths.add(question.example.path)
        digest = hashlib.sha256()
        for path in sorted(paths):
            digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
            digest.update(hashlib.sha256(self._read(path) or b"").digest())
        return digest.hexdigest()


def _is_same(one: Question, other: Question) -> bool:
    """Whether they ask the same: of the same example, or else in the same words."""
    if one.example is not None and other.example is not None:
        return one.example == other.example
    return (one.source, one.text) == (other.source, other.text)


def _usual(answer: Answer) -> str:
    if answer.choice == DECIDE:
        option = chosen_option(answer.question, 1)
        return f"Left as it is: {option.label}." if option else "Left as it is."
    return "Kept as a requirement; the next search holds to it."
