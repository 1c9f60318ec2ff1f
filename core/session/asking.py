"""The questions of an opened repository, between the work that raises them and the user's answers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.clarify.answers import RAISES, Answer
from core.clarify.desk import AnswerConflict, Followed, Questions
from core.clarify.divide import divisions, question_of
from core.clarify.doubt import CODE_IS_WRONG, doubt_of, meant_tests
from core.clarify.lookup import LookUp
from core.clarify.shelf import Shelf
from core.errors import UsageError
from core.events import Noticed, Reranked
from core.ledger.ledger import Ledger
from core.localise.wrong_tests import contradictions
from core.repo.copy import PrivateCopy
from core.search.base import FixTask
from core.search.controller import Search
from core.search.select.asked import Asked, Held
from core.search.select.inputs import Function
from core.session.emitter import Emitter
from core.types import (
    Diagnosis,
    DiagnosisKind,
    FixResult,
    NodeId,
    QuestionSource,
    RelPath,
    RequirementSource,
    TestReport,
)

log = logging.getLogger("greenbar.clarify")

MOST_DOCUMENTS: Final = 20
MOST_DOCUMENT_BYTES: Final = 200_000
_WORDS: Final = (".md", ".rst", ".txt")


class Asking:
    """Belongs to one opened repository; ``questions`` is the desk that takes them.

    Whatever is said of examples, in docstrings, documents or the ledger, where answers are written down,
    is held to: among the fixes that pass, those that give something else come last.
    """

    def __init__(self, data: Path, root: Path, emit: Emitter, ledger: Callable[[], Ledger]) -> None:
        """``data`` is Greenbar's folder, ``root`` the user's tree."""
        name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._root = root
        self._emit = emit
        self._ledger = ledger
        self._contest: _Contest | None = None
        self.questions = Questions(
            Shelf(data / "questions" / f"{name}.json"), emit, self._read, self._write_down
        )

    # --- a search --------------------------------------------------------------------------------

    def begin(self) -> None:
        """A search begins: what it finds out is asked anew."""
        self._contest = None
        self.questions.begin_round()

    async def examples(self, function: Function, task: FixTask, copy: PrivateCopy) -> tuple[str, ...]:
        """Calls of a function that something is said of."""
        look_up = await self._look_up(function, task, copy)
        return tuple(one.example.call for one in look_up.held())

    async def compared(self, search: Search, task: FixTask, copy: PrivateCopy) -> None:
        """Those that pass have been compared: hold them to what is said, and ask where that leaves it
        open."""
        function = search.ranking.asked.function
        if function is None:
            return
        look_up = await self._look_up(function, task, copy)
        self._contest = _Contest(search, task, copy, look_up)
        search.hold(look_up.held())
        self._ask()

    def ended(self, result: FixResult, show: Callable[[int], None]) -> None:
        """The search has ended; from now on an answer changes ``result``, and ``show`` the best."""
        if self._contest is not None:
            self._contest.result, self._contest.show = result, show

    def forget(self) -> None:
        """The tree is not as it was: what was found out about it is worth nothing, and questions about
        files that have changed go."""
        self._contest = None
        self.questions.refresh()

    @property
    def result(self) -> FixResult | None:
        """That of the last search, as the answers have it; ``None`` where nothing was compared."""
        return self._contest.result if self._contest is not None else None

    # --- tests in doubt --------------------------------------------------------------------------

    async def doubt(
        self,
        baseline: TestReport,
        sources: Mapping[RelPath, str],
        is_locked: Callable[[RelPath], bool],
        diagnoses: Sequence[Diagnosis],
    ) -> None:
        """Ask about failing tests that contradict what the code obeys, where any looks wrong."""
        if not any(one.aside and one.kind is DiagnosisKind.TEST for one in diagnoses):
            return
        found = await asyncio.to_thread(contradictions, baseline, sources, is_locked)
        for test, one in found.items():
            self.questions.offer(doubt_of(test, one, len(baseline.failing)), self._follow_doubt)

    @property
    def meant(self) -> frozenset[NodeId]:
        """The tests that looked wrong and are right, as the user has said."""
        return meant_tests(self.questions.answers)

    async def _follow_doubt(self, answer: Answer) -> str:
        if answer.choice == CODE_IS_WRONG:
            return "Kept as a requirement; the next fix has the test among its targets."
        return "The test is left aside." if answer.is_of_the_user else ""

    # --- answers ---------------------------------------------------------------------------------

    async def answer(self, number: int, choice: int, text: str) -> None:
        """Take the user's answer; see :class:`core.commands.AnswerQuestion`."""
        await self.questions.answer(number, choice, text)
        await self._hold_anew()

    async def take_back(self, number: int) -> None:
        """Let an earlier answer count no longer."""
        answer = self.questions.take_back(number)
        if answer is None:
            return
        ledger = self._ledger()
        for line in ledger.requirements:
            if line.source is RequirementSource.ANSWER and line.text == _line(answer):
                ledger.drop(line.id)
        await self._hold_anew()

    def _write_down(self, answer: Answer) -> None:
        try:
            self._ledger().add(_line(answer), RequirementSource.ANSWER)
        except UsageError as error:
            self._emit(Noticed(f"The answer is not in the ledger. {error.sentence}"))

    async def _hold_anew(self) -> None:
        """Rank those that pass by what is said now, show the best, and ask what is still open."""
        contest = self._contest
        if contest is None:
            return
        function = contest.search.ranking.asked.function
        assert function is not None, "it was compared"
        contest.look_up = await self._look_up(function, contest.task, contest.copy)
        if contest is not self._contest:
            return
        before = contest.search.ranking.best
        contest.search.hold(contest.look_up.held())
        contest.tell(self._emit, changed=contest.search.ranking.best is not before)
        self._ask()

    async def _follow(self, answer: Answer) -> str | Followed:
        """What an answer leaves of those that pass. Raises AnswerConflict where it leaves nobody."""
        contest, example = self._contest, answer.question.example
        if contest is None or example is None or not answer.expected:
            return ""
        ranking = contest.search.ranking
        asked, passing = ranking.asked, ranking.passing
        wanted = Held(example, answer.expected)
        known = [candidate for candidate in passing if candidate in asked.answers]
        does = [c for c in known if c not in asked.refuted([wanted])]
        left = [c for c in does if c not in ranking.refuted]
        if not does:
            return Followed(
                "No fix that was tried gives that. It is kept as a requirement.", _request(answer)
            )
        if not left:
            raise self._conflict(contest, answer, does, asked)
        out = len([c for c in known if c not in ranking.refuted]) - len(left)
        gone = "1 fix is ruled out" if out == 1 else f"{out} fixes are ruled out"
        stay = "1 that passes does this" if len(left) == 1 else f"{len(left)} that pass do this"
        return f"{gone}; {stay}."

    def _conflict(
        self, contest: _Contest, answer: Answer, does: list[int], asked: Asked
    ) -> AnswerConflict:
        """Which earlier word rules out all that do what the answer wants."""
        for held in contest.look_up.held():
            if asked.refuted([held]) >= set(does):
                earlier = next(
                    (
                        one
                        for one in self.questions.answers
                        if one.question.example and one.question.example.call == held.example.call
                    ),
                    None,
                )
                says = f"{held.example.call} gives {held.expected}"
                who = "You answered before" if earlier else f"{held.by[0].upper()}{held.by[1:]}"
                return AnswerConflict(
                    f"No fix does both. {who} that {says}; take that back, or choose another answer.",
                    earlier.question.id if earlier else 0,
                )
        return AnswerConflict(
            "No fix does this and all that was answered before; choose another answer.",
            self.questions.answers[-1].question.id if self.questions.answers else 0,
        )

    # --- asking ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask what still divides those that pass, or take back what does so no longer."""
        contest = self._contest
        if contest is None:
            return
        ranking = contest.search.ranking
        order = [candidate for candidate in ranking.passing if candidate not in ranking.refuted]
        trusted = [c for c in order if not ranking.looks_made_for_tests(c) and not ranking.doubted(c)]
        found = divisions(ranking.asked, trusted)
        calls = {ranking.asked.call_of(one.place) for one in found}
        current = self.questions.current
        if current is not None and current.source is QuestionSource.DISAGREEMENT:
            if current.example is None or current.example.call not in calls:
                self.questions.withdraw(current.id, "The fixes that are left agree on it.")
            else:
                return
        for one in found:
            if contest.look_up(ranking.asked.call_of(one.place)) is not None:
                continue
            question = question_of(ranking.asked, one, trusted, contest.look_up.places)
            if self.questions.offer(question, self._follow) is not None:
                return

    async def _look_up(self, function: Function, task: FixTask, copy: PrivateCopy) -> LookUp:
        ledger = {
            line.text: "your answer" if line.source is RequirementSource.ANSWER else "the ledger"
            for line in self._ledger().requirements
        }

        def look() -> LookUp:
            paths = dict.fromkeys(r.node_id.split("::", 1)[0] for r in task.baseline.results)
            tests = {path: task.repository[path] for path in paths if path in task.repository}
            source = task.sources.get(function.path, "")
            documents = _documents(copy, function.name)
            return LookUp(function.path, function.name, source, tests, documents, ledger)

        return await asyncio.to_thread(look)

    def _read(self, path: RelPath) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None


class _Contest:
    """Those that pass one search, and what is said of the function that they were asked."""

    def __init__(self, search: Search, task: FixTask, copy: PrivateCopy, look_up: LookUp) -> None:
        self.search = search
        self.task = task
        self.copy = copy
        self.look_up = look_up
        self.result: FixResult | None = None
        self.show: Callable[[int], None] | None = None

    def tell(self, emit: Emitter, *, changed: bool) -> None:
        """Announce the result anew, once the search has ended."""
        if self.result is None:
            return
        now = self.search.result()
        told = replace(self.result, best=now.best, evidence=now.evidence, choice=now.choice)
        if told == self.result:
            return
        self.result = told
        emit(Reranked(told))
        if changed and told.best is not None and self.show is not None:
            self.show(told.best.id)


def _request(answer: Answer) -> str:
    """A change in words, from which a test can be written."""
    assert answer.question.example is not None, "it is about a value"
    call = answer.question.example.call
    if answer.expected.startswith(RAISES):
        return f"{call} should raise {answer.expected.removeprefix(RAISES)}"
    return f"{call} should give {answer.expected}"


def _line(answer: Answer) -> str:
    """An answer as a line of the ledger has it."""
    return " ".join(answer.requirement.split())


def _documents(copy: PrivateCopy, name: str) -> Mapping[RelPath, str]:
    """What the repository has in words and names the function: read-me files, and those in docs."""
    found: dict[RelPath, str] = {}
    for path in copy.files():
        lower = path.lower()
        if not lower.endswith(_WORDS) or not lower.startswith(("readme", "docs/", "doc/")):
            continue
        data = copy.find(path)
        if data is None or len(data) > MOST_DOCUMENT_BYTES or name.encode() not in data:
            continue
        found[path] = data.decode("utf-8", "replace")
        if len(found) == MOST_DOCUMENTS:
            break
    return found
