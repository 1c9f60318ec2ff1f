"""A request in words: restated, turned into tests that the user confirms, and then the target of a fix.

Red first, then green: what is confirmed stands in the private copy, fails there on the code as it is, and
reaches the user's tree with the code, on accept. Nothing proposed is counted in any verdict before that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from core.checks.static import files_with_tests
from core.clarify.answers import RAISES, Answer
from core.clarify.desk import Questions
from core.clarify.lookup import LookUp
from core.errors import GreenbarError, TestRunError, UsageError
from core.events import (
    Noticed,
    RequestDropped,
    TaskRestated,
    TestsConfirmed,
    TestsProposed,
)
from core.models.roles import ModelRoles
from core.repo.text import TextFile
from core.request.drafting import ids_in, put_tests, style_for
from core.request.examples import Example, contradictions, examples_in
from core.request.judging import prune, results_of, sift
from core.request.places import Place, find_places, module_of, nowhere
from core.request.proposing import Idea, Proposing, documented_ideas, ideas_from
from core.request.readings import MOST_CALLS, divided, question_of, settled
from core.request.words import read_words
from core.search.meter import CostOf
from core.session.emitter import Emitter
from core.session.interpreting import Interpreter
from core.session.requirements import Requirements
from core.session.review import Results
from core.session.sources import Sources
from core.session.workspace import Workspace
from core.testing.base import RunRequest
from core.testing.languages import Framework
from core.types import (
    Budget,
    CodePlace,
    DroppedTest,
    FixResult,
    NodeId,
    ProposedTest,
    QuestionSource,
    RelPath,
    Remedy,
    RequirementSource,
    TestReport,
    TestResult,
)

log = logging.getLogger("greenbar.request")

MOST_SHOWN: Final = 900
"""Characters of a test that the repository has, for a question to the model."""
ENOUGH: Final = 2
"""With so many examples of the user's own that are red, the model is not asked for more."""
LEDGER_CHARACTERS: Final = 300
_ADD_EXAMPLE: Final = Remedy("Add an example, such as slugify('A b') == 'a-b'")
_CHOOSE_MODEL: Final = Remedy("Choose a model", action="models", shell="greenbar models list")


@dataclass(frozen=True, slots=True)
class Hands:
    """What a request needs of the session that it belongs to."""

    run_tests: Callable[[], Awaitable[TestReport]]
    fix: Callable[[tuple[NodeId, ...], Budget, Sequence[CodePlace]], Awaitable[FixResult]]
    models: Callable[[], Awaitable[ModelRoles | None]]
    cost: CostOf


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that waits for its task, or its tests, to be confirmed."""

    words: str
    mentions: tuple[str, ...]
    restated: str
    places: tuple[Place, ...]
    task: str = ""
    requirement: int = 0


class Requesting:
    """Belongs to one opened repository; ``results`` is shared with the session. One request at a time."""

    def __init__(
        self,
        workspace: Workspace,
        requirements: Requirements,
        questions: Questions,
        results: Results,
        emit: Emitter,
        hands: Hands,
    ) -> None:
        self._workspace = workspace
        self._requirements = requirements
        self._questions = questions
        self._results = results
        self._emit = emit
        self._hands = hands
        self._interpreter = Interpreter(hands.models, hands.cost, emit)
        self._request: _Request | None = None
        self._proposed: dict[NodeId, ProposedTest] = {}
        self._dropped: tuple[DroppedTest, ...] = ()
        self._held = False

    async def request(self, text: str, mentions: tuple[str, ...] = ()) -> str:
        """Take a request in, in the place of any before it, and restate it. Raises UsageError for words
        that are none, ask for weaker tests, contradict themselves or fit no place of the code."""
        words = read_words(text)
        if words.notice:
            self._emit(Noticed(words.notice))
        self._stop_asking("Another request has taken its place.")
        await self._begin()
        places = await self._find(words.text, mentions)
        said, model = await self._interpreter.restate(words.text)
        self._request = _Request(words.text, mentions, said, places)
        self._proposed = {}
        self._emit(TaskRestated(words.text, said, model, tuple(map(str, places))))
        return said

    async def confirm_task(self, text: str) -> tuple[ProposedTest, ...]:
        """Take ``text`` as the task and propose tests for it. Raises UsageError where none can be had."""
        request = self._current()
        task = read_words(text).text
        places = request.places
        if task != request.restated:
            places = await self._find(task, request.mentions, request.places)
        line = self._requirements.ledger.add(_line(task), RequirementSource.REQUEST)
        request = self._request = replace(request, task=task, places=places, requirement=line.id)
        with self._emit.job("tests") as job:
            job("Proposing tests, and trying them on the present code")
            tests, dropped = await self._propose(request)
        self._proposed, self._dropped = {test.node_id: test for test in tests}, dropped
        self._emit(TestsProposed(tests, dropped))
        if not tests and not self._is_asking():
            raise _no_tests(dropped)
        return tests

    async def confirm_tests(
        self, which: Sequence[NodeId], edited: Mapping[NodeId, str], budget: Budget
    ) -> FixResult:
        """Make tests the target: write them into the private copy, see them red, and search. Raises
        UsageError for a test that was not proposed or that, as edited, is no target."""
        request = self._current()
        tests = [_as_edited(self._of(node_id), edited.get(node_id)) for node_id in dict.fromkeys(which)]
        if not tests:
            raise UsageError("request.none_chosen", "No test is chosen, so there is nothing to aim at.")
        # Written together and looked at once more: edits change names and imports of each other's file.
        kept, dropped = prune(tests)
        kept, red = sift(kept, await self._try(kept), request.places)
        if refused := (*dropped, *red):
            raise UsageError(
                "request.test_no_target",
                f"A test cannot be the target: {refused[0].why}",
                (Remedy("Change the test, or leave it out"),),
                refused[0].source,
            )
        self._stop_asking("The tests were confirmed without it.")
        self._workspace.copy.add(self._texts(kept))
        self._held = True
        report = await self._hands.run_tests()
        targets = tuple(
            result.node_id
            for result in report.results
            if result.outcome.is_red and _belongs(result.node_id, kept)
        )
        ids = tuple(test.node_id for test in kept)
        self._requirements.ledger.cover(request.requirement, ids)
        self._emit(TestsConfirmed(ids, tuple(dict.fromkeys(test.path for test in kept))))
        wanted = [CodePlace(place.path, function=place.function) for place in request.places]
        return await self._hands.fix(targets, budget, wanted)

    async def drop(self) -> bool:
        """Give the request up; true where the private copy held tests for it, so that a run is due."""
        self._request, self._proposed = None, {}
        self._stop_asking("The request was given up.")
        held = self._withdraw()
        self._emit(RequestDropped())
        return held

    # --- the code ---------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Have a copy and, where there are tests, a baseline of the user's own tree."""
        self._withdraw()
        if self._results.baseline is None:
            try:
                await self._hands.run_tests()
            except TestRunError as error:
                if error.code != "tests.none":  # a repository without any test yet can have its first
                    raise
        language = self._workspace.language
        if not language.is_python:
            raise UsageError(
                "request.language",
                f"Tests are proposed for Python so far, and the tests here are in {language.title}.",
                (Remedy("Write a failing test yourself and fix it", action="fix"),),
            )

    def _is_asking(self) -> bool:
        """Whether a reading of the request is still open, so that a test may come of it."""
        current = self._questions.current
        return current is not None and current.source is QuestionSource.READINGS

    def _stop_asking(self, reason: str) -> None:
        while self._is_asking() and (current := self._questions.current) is not None:
            self._questions.withdraw(current.id, reason)

    def _withdraw(self) -> bool:
        """Take what an earlier request has written out of the private copy."""
        if not self._held or not self._workspace.copy.added.changes:
            return False
        self._held = False
        self._workspace.copy.add({})
        self._results.forget()
        return True

    async def _find(
        self, text: str, mentions: tuple[str, ...], known: tuple[Place, ...] = ()
    ) -> tuple[Place, ...]:
        examples = examples_in(text)
        if said := contradictions(examples):
            outcomes = [e.key[1] for e in examples if e.call == said[0]]
            raise UsageError(
                "request.contradicts",
                f"The request names different outcomes for {said[0]}: {' and '.join(outcomes)}.",
                (Remedy("Keep the one that you mean"),),
            )
        called = [example.called for example in examples if example.called]
        sources, locked = self._sources(), self._results.lock.holds
        found = await asyncio.to_thread(find_places, text, mentions, called, sources, locked)
        if not (found or known):
            raise nowhere(text)
        return found or known

    def _sources(self) -> Sources:
        return Sources(self._workspace.copy, self._workspace.language.extensions)

    def _tests(self) -> dict[RelPath, str]:
        """The texts of files that hold tests."""
        baseline = self._results.baseline
        sources = self._sources()
        paths = files_with_tests(baseline.collected) if baseline is not None else frozenset()
        return {path: sources[path] for path in sorted(paths) if path in sources}

    # --- proposing --------------------------------------------------------------------------------

    async def _propose(
        self, request: _Request
    ) -> tuple[tuple[ProposedTest, ...], tuple[DroppedTest, ...]]:
        tests, sources = self._tests(), self._sources()
        is_unittest = self._workspace.language.framework is Framework.UNITTEST
        style = style_for(request.places[0], tests, is_unittest=is_unittest)
        proposing = Proposing(request.places, style, sources)
        ideas = [*ideas_from(_examples(request), "The request gives this example.")]
        ideas += documented_ideas(request.places, sources)
        kept, dropped = await self._judged(proposing, ideas, request)
        if len(kept) < ENOUGH:
            shown = style.text or next(iter(tests.values()), "")
            asked = await self._ask_for_checks(request, proposing, tests, shown)
            more, refused = await self._judged(proposing, asked, request)
            kept, dropped = (*kept, *more), (*dropped, *refused)
        return kept, dropped

    async def _judged(
        self, proposing: Proposing, ideas: Sequence[Idea], request: _Request
    ) -> tuple[tuple[ProposedTest, ...], tuple[DroppedTest, ...]]:
        drafts, unusable = proposing.write(ideas)
        kept, dropped = prune(drafts)
        kept, refused = sift(kept, await self._try(kept), request.places)
        return kept, (*unusable, *dropped, *refused)

    async def _try(self, tests: Sequence[ProposedTest]) -> dict[NodeId, TestResult]:
        """What becomes of tests on the present code; one by one if together they are not collected."""
        if not tests:
            return {}
        report = await self._run(tests)
        results = results_of(report, tests)
        if len(tests) > 1 and any(
            result.node_id in {t.path for t in tests} for result in results.values()
        ):
            for test in tests:
                results |= results_of(await self._run([test]), [test])
        return results

    async def _run(self, tests: Sequence[ProposedTest]) -> TestReport:
        runner = await self._workspace.runner()
        limits = self._workspace.run_limits
        ids = tuple(test.node_id for test in tests)
        outcome = await runner.run(RunRequest(self._texts(tests), ids, limits=limits))
        return outcome.report

    def _texts(self, tests: Sequence[ProposedTest]) -> dict[RelPath, bytes]:
        """Test files as they would be with these tests in them."""
        copy, texts = self._workspace.copy, {}
        for path in dict.fromkeys(test.path for test in tests):
            file = TextFile.from_bytes(copy.own(path) or b"")
            if file is None:
                raise UsageError("request.binary", f"{path} is no text, so no test can be added to it.")
            text = put_tests(file.text, [test.source for test in tests if test.path == path])
            texts[path] = file.with_text(text)
        return texts

    # --- the model --------------------------------------------------------------------------------

    async def _ask_for_checks(
        self, request: _Request, proposing: Proposing, tests: Mapping[RelPath, str], test: str
    ) -> list[Idea]:
        """The model's ideas, without those on which its readings of the request differ; of these the user
        is asked, and the answer is proposed as a test."""
        place = request.places[0]
        source = self._sources().get(place.path, "")
        required = self._requirements.ledger.texts
        checks, model = await self._interpreter.checks(
            request.task, place, source, test[:MOST_SHOWN], required
        )
        ledger = {line.text: "the ledger" for line in self._requirements.ledger.requirements}
        look_up = LookUp(place.path, place.function.rpartition(".")[2], source, tests, {}, ledger)
        asked = [one for one in checks if one.expected and look_up(one.call) is None]
        first = {one.call: one.expected for one in asked[:MOST_CALLS]}
        readings = await self._interpreter.readings(request.task, place, source, first)
        doubtful = {one.call: one for one in divided(readings)}
        for one in doubtful.values():
            module = module_of(place.path, proposing.imported)
            looked_up = look_up.places
            question = question_of(one, len(readings), len(first), place.path, module, looked_up)
            self._questions.offer(question, partial(self._answered, request, proposing))
        agreed = settled(readings)
        kept = [
            replace(one, expected=agreed[one.call]) if one.call in first else one
            for one in checks
            if one.call not in doubtful and (one.call not in first or one.call in agreed)
        ]
        return [*ideas_from(kept, f"Proposed by {model} from the request.")]

    async def _answered(self, request: _Request, proposing: Proposing, answer: Answer) -> str:
        """Propose what the user has answered, or, where they leave it to us, what most readings say."""
        example = answer.question.example
        expected = answer.expected or answer.question.options[0].expected
        if self._request is not request or example is None or not expected:
            return ""
        raises = expected.removeprefix(RAISES) if expected.startswith(RAISES) else ""
        idea = Idea(
            Example(example.call, "" if raises else expected, raises),
            "You answered this." if answer.is_of_the_user else "Most readings of the request say so.",
        )
        kept, dropped = await self._judged(proposing, [idea], request)
        if not kept:
            return dropped[0].why if dropped else ""
        self._proposed |= {test.node_id: test for test in kept}
        self._emit(TestsProposed(tuple(self._proposed.values()), self._dropped))
        return "A test of it is proposed."

    # --- parts ------------------------------------------------------------------------------------

    def _current(self) -> _Request:
        if self._request is None:
            raise UsageError(
                "request.none", "There is no request to confirm.", (Remedy("Say what should change"),)
            )
        return self._request

    def _of(self, node_id: NodeId) -> ProposedTest:
        test = self._proposed.get(node_id)
        if test is None:
            raise UsageError("request.unknown_test", f"The test {node_id} was not proposed.")
        return test


def _examples(request: _Request) -> tuple[Example, ...]:
    """Those of the task as confirmed, then those of the words that say nothing else of the same call."""
    task = examples_in(request.task)
    calls = {example.call for example in task if example.call}
    return (*task, *(e for e in examples_in(request.words) if e not in task and e.call not in calls))


def _as_edited(test: ProposedTest, source: str | None) -> ProposedTest:
    """Raises UsageError for a text that does not parse, or does not hold one test."""
    if source is None or source == test.source:
        return test
    try:
        ids = ids_in(test.path, source)
    except SyntaxError as error:
        raise UsageError(
            "request.test_syntax", f"The test does not parse: {error.msg}, line {error.lineno}."
        ) from error
    if len(ids) != 1:
        raise UsageError("request.test_count", f"One test is wanted here, and the text has {len(ids)}.")
    return replace(test, source=source, node_id=ids[0])


def _belongs(node_id: NodeId, tests: Sequence[ProposedTest]) -> bool:
    return any(node_id == t.node_id or node_id.startswith(f"{t.node_id}[") for t in tests)


def _line(task: str) -> str:
    """The task for the ledger."""
    text = " ".join(task.split())
    return text if len(text) <= LEDGER_CHARACTERS else f"{text[:LEDGER_CHARACTERS].rsplit(' ', 1)[0]} ..."


def _no_tests(dropped: Sequence[DroppedTest]) -> GreenbarError:
    details = "\n\n".join(f"{one.source.strip()}\n# {one.why}" for one in dropped)
    if dropped and all("passes on the code" in one.why for one in dropped):
        return UsageError(
            "request.holds_already",
            "The code already does what the examples say, so no test of them fails.",
            (Remedy("Give an example that goes wrong"),),
            details,
        )
    if dropped:
        return UsageError(
            "request.no_tests",
            f"No test could be proposed. {dropped[0].why}",
            (_ADD_EXAMPLE,),
            details,
        )
    return UsageError(
        "request.no_examples",
        "No test could be proposed: the request has no example, and no model had one either.",
        (_ADD_EXAMPLE, _CHOOSE_MODEL),
    )
