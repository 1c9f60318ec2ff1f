"""The conversation of the opened repository: kept on disk, told in events, answered by the model.

Beside the work on the repository, as the desk of models is: a question may be asked while tests run, and
an answer never changes anything. One answer is written at a time; sending another question ends it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from core.chat.asking import ANSWER_SECONDS, make_request, room_for_context
from core.chat.context import Context, Question, gather, history
from core.chat.frames import places_in
from core.chat.names import find_names, name_of_test
from core.chat.outcome import outcome_words
from core.chat.shelf import Shelf
from core.chat.store import ConversationStore
from core.chat.thread import Thread
from core.commands import Command, FindNames, Say, ShowSource, StopAnswer
from core.errors import GreenbarError, ModelError, UsageError
from core.events import (
    AnswerEnded,
    AnswerStarted,
    AnswerStreamed,
    Body,
    ConversationOpened,
    Event,
    FixFinished,
    MessageAdded,
    MessagesFolded,
    ModelAnswered,
    ModelAsked,
    ModelStreamed,
    NamesFound,
    RepositoryOpened,
    SourceShown,
    TestRunFinished,
)
from core.models.base import ChatRequest
from core.models.roles import ModelRoles
from core.search.base import BudgetExhausted
from core.search.door import ModelDoor
from core.search.meter import Meter
from core.session.emitter import Emitter
from core.session.services import Services
from core.session.session import Session
from core.session.side_work import SideWork
from core.types import (
    AnswerState,
    Author,
    Budget,
    ChatMessage,
    Intent,
    Name,
    NodeId,
    RelPath,
    Remedy,
    TestResult,
    TokenUsage,
)

T = TypeVar("T")

log = logging.getLogger("greenbar.talk")

SHELF_SECONDS: Final = 5.0
"""For so long a listing of the files serves; then it is made anew when it is asked for."""
_NO_MODEL: Final = ModelError(
    "chat.no_model",
    "No model takes part, so nobody can answer.",
    (
        Remedy("Download the embedded model", "download_model", "greenbar models pull"),
        Remedy("Choose a model", "models", "greenbar models list"),
    ),
)


class Talking:
    """For the loop's thread only. Follows the session by its events."""

    def __init__(self, services: Services, session: Session, emit: Emitter, *, keep: bool = True) -> None:
        """Without ``keep`` nothing is read from disk, and nothing is written there."""
        self._services = services
        self._session = session
        self._emit = emit
        self._store = ConversationStore(services.data / "conversations") if keep else None
        self._root = Path()
        self._thread = Thread()
        self._opened = asyncio.Event()
        self._failing: tuple[TestResult, ...] = ()
        self._tests: tuple[NodeId, ...] = ()
        self._shelf: Shelf | None = None
        self._shelved = 0.0
        self._names: tuple[Name, ...] = ()
        self._shelving = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._answering: asyncio.Task[None] | None = None
        self._side = SideWork(emit, "the conversation")
        emit.add_sink(self._hear)

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return self._side.tasks

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one of the conversation's; returns at once."""
        match command:
            case Say():
                self._side.begin(lambda: self.say(command))
            case StopAnswer():
                self.stop()
            case FindNames(text):
                self._side.begin(lambda: self._find_names(text))
            case ShowSource(path, line):
                self._side.begin(lambda: self._show(path, line))
            case _:
                return False
        return True

    async def close(self) -> None:
        """Write what is still to be written. What runs has been cancelled by then."""
        async with self._writing:
            pass
        async with self._shelving:
            await self._put_away()

    def stop(self) -> None:
        """Stop the answer that is being written."""
        if self._answering is not None:
            self._answering.cancel()

    # --- what is heard -----------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        match event.body:
            case RepositoryOpened(info):
                self.stop()
                self._root = Path(info.path)
                self._failing, self._tests, self._names = (), (), ()
                self._shelved = 0.0
                self._opened.clear()
                self._side.begin(self._open)
            case TestRunFinished(purpose, report) if purpose != "selection":
                self._failing = tuple(r for r in report.results if r.outcome.is_red)
                self._tests = report.collected
                self._shelved = 0.0
            case FixFinished(result) if result.targets:
                words = outcome_words(result)
                self._side.begin(lambda: self._add(Author.TASK, words))
            case _:
                pass

    async def _open(self) -> None:
        root = self._root
        store = self._store
        messages = await asyncio.to_thread(store.load, str(root)) if store is not None else ()
        if root == self._root:
            self._thread = Thread(messages)
            self._opened.set()
            self._emit(ConversationOpened(messages))

    # --- messages ----------------------------------------------------------------------------------

    async def say(self, command: Say) -> None:
        """Add the user's message; where it is a question, answer it. Raises GreenbarError where no
        repository is open; what befalls the answer is told in its event."""
        self._session.info  # noqa: B018 - raises where there is none
        redact = self._emit.redact
        attachments = tuple(replace(one, text=redact(one.text)) for one in command.attachments)
        text = redact(command.text.strip())
        if not text and not attachments:
            raise UsageError("chat.empty", "The message is empty, so there is nothing to do.")
        asking = asyncio.current_task()
        if command.intent is Intent.ASK:
            self.stop()
            self._answering = asking
        await self._opened.wait()
        number = self._thread.next_id
        if command.replaces:
            await self._fold(command.replaces, number)
        message = ChatMessage(
            number, time.time(), Author.USER, text, command.intent, attachments=attachments
        )
        await self._put(message)
        self._emit(MessageAdded(message))
        if command.intent is Intent.ASK:
            try:
                await self._answer(message)
            finally:
                if self._answering is asking:
                    self._answering = None

    async def _add(self, author: Author, text: str) -> None:
        await self._opened.wait()
        message = ChatMessage(self._thread.next_id, time.time(), author, text)
        await self._put(message)
        self._emit(MessageAdded(message))

    async def _fold(self, first: int, by: int) -> None:
        folded = self._thread.fold(first, by)
        if folded:
            self._emit(MessagesFolded(folded, by))
            await self._write(lambda store, root: store.fold(root, folded, by))

    async def _put(self, message: ChatMessage) -> None:
        self._thread.add(message)
        await self._write(lambda store, root: store.add(root, message))

    async def _write(self, work: Callable[[ConversationStore, str], None]) -> None:
        """One line after another, in their order; a disk that refuses ends no conversation."""
        store, root = self._store, str(self._root)
        if store is None:
            return
        async with self._writing:
            try:
                await asyncio.shield(asyncio.to_thread(work, store, root))
            except OSError as error:
                log.warning("the conversation cannot be kept: %s", error)

    # --- answers -----------------------------------------------------------------------------------

    async def _answer(self, message: ChatMessage) -> None:
        """Stream the answer to ``message``; however it ends, what there is of it is kept and told."""
        number = self._thread.next_id
        answer = _Answer(self._emit, ChatMessage(number, time.time(), Author.MODEL, ""))
        self._thread.add(answer.message)
        remedies: tuple[Remedy, ...] = ()
        cancelled = False
        try:
            await self._ask(message, answer)
        except asyncio.CancelledError:
            answer.message = replace(answer.message, state=AnswerState.STOPPED)
            cancelled = True
        except (GreenbarError, BudgetExhausted) as error:
            trouble = error.sentence if isinstance(error, GreenbarError) else _TOO_LONG
            remedies = error.remedies if isinstance(error, GreenbarError) else ()
            answer.message = replace(answer.message, state=AnswerState.FAILED, trouble=trouble)
        shelf = self._shelf
        text = self._emit.redact(answer.text)
        references = places_in(text, shelf.files) if shelf is not None else ()
        ended = replace(answer.message, text=text, references=references)
        self._emit(AnswerEnded(ended, answer.usage, answer.seconds, answer.speed, remedies))
        await self._put(ended)
        if cancelled:
            raise asyncio.CancelledError

    async def _ask(self, message: ChatMessage, answer: _Answer) -> None:
        models = await self._session.ready_model()
        if models is None:
            raise _NO_MODEL
        info = models.proposer.info
        answer.message = replace(answer.message, model=info.name)
        limit = await self._services.limit(info.spec)
        room = room_for_context(info, self._session.probing.profile(limit), limit.prompt)
        before = history(self._said_before(message.id), room // 3)
        spent = sum(len(one) + len(other) for one, other in before) // 4
        question = Question(message.text, message.attachments, self._failing, self._tests)
        left = max(room - spent, room // 2)
        context = await self._with_shelf(lambda shelf: gather(shelf, question, left))
        answer.message = replace(answer.message, looked_at=context.looked_at)
        asked = message.text or "What does this say, and where does it come from?"
        await self._stream(models, make_request(context, asked, before), context, answer)

    async def _stream(
        self, models: ModelRoles, request: ChatRequest, context: Context, answer: _Answer
    ) -> None:
        meter = Meter(Budget(seconds=ANSWER_SECONDS), self._services.cost)
        door = ModelDoor(models, meter, answer.take, gather_seconds=0.0)
        answer.looked_at = context.looked_at
        _, usage = await door("ask", request)
        if usage.completion >= request.max_tokens:
            answer.message = replace(answer.message, state=AnswerState.CUT)

    def _said_before(self, number: int) -> list[tuple[str, str]]:
        """Questions with their answers, those that were not folded away."""
        pairs: list[tuple[str, str]] = []
        question = ""
        for message in self._thread.open():
            if message.id >= number:
                break
            if message.author is Author.USER:
                question = message.text if message.intent is Intent.ASK else ""
            elif message.author is Author.MODEL and question and message.text:
                pairs.append((question, message.text))
                question = ""
        return pairs

    # --- the repository ----------------------------------------------------------------------------

    async def _with_shelf(self, work: Callable[[Shelf], T]) -> T:
        """``work`` in a thread, on the files as they are now, with their symbols; one at a time."""
        async with self._shelving:
            if self._shelf is None or time.monotonic() - self._shelved > SHELF_SECONDS:
                await self._put_away()
                root, indexes = self._root, self._services.cache / "indexes"
                self._shelf = shelf = await asyncio.to_thread(Shelf, root, indexes)
                await asyncio.to_thread(shelf.open_index)
                self._names = await asyncio.to_thread(shelf.names)
                self._shelved = time.monotonic()
            return await asyncio.to_thread(work, self._shelf)

    async def _put_away(self) -> None:
        shelf, self._shelf = self._shelf, None
        if shelf is not None:
            await asyncio.to_thread(shelf.close)

    async def _find_names(self, text: str) -> None:
        if not self._names:
            await self._with_shelf(lambda shelf: None)
        every = (*self._names, *map(name_of_test, self._tests))
        self._emit(NamesFound(text, await asyncio.to_thread(find_names, text, every)))

    async def _show(self, path: RelPath, line: int) -> None:
        text = await self._with_shelf(lambda shelf: shelf.read(path))
        if not text:
            raise UsageError("chat.no_file", f"{path} cannot be shown: it is not there, or not text.")
        self._emit(SourceShown(path, line, self._emit.redact(text)))


_TOO_LONG: Final = f"The answer took longer than {round(ANSWER_SECONDS)} seconds."


class _Answer:
    """One answer under way: turns what the door to the models tells into the conversation's events."""

    def __init__(self, emit: Emitter, message: ChatMessage) -> None:
        self._emit = emit
        self.message = message
        self.looked_at = message.looked_at
        self.text = ""
        self.usage = TokenUsage()
        self.seconds = 0.0
        self.speed = 0.0

    def take(self, body: Body) -> None:
        match body:
            case ModelAsked(prompt=prompt):
                number, model = self.message.id, self.message.model
                prompt = self._emit.redact(prompt)
                self._emit(AnswerStarted(number, model, self.looked_at, prompt))
            case ModelStreamed(text=text):
                self.text += text
                self._emit(AnswerStreamed(self.message.id, text))
            case ModelAnswered():
                self.usage, self.seconds = body.usage, body.seconds
                self.speed = body.tokens_per_second
            case _:
                self._emit(body)
