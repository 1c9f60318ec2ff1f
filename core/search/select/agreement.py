"""Runs candidates that pass on other inputs than those of the tests, to see who agrees with whom.

Which inputs: a recorded run shows what the function is called with, tests and docstrings say more
(:mod:`core.search.select.seeds`), and near ones are made of these (:mod:`core.search.select.inputs`).
What is asked runs in the sandbox like any test, from a module that lies beside the failing test and is
nowhere but in the overlay. Inputs stay the same for a whole fix, so a candidate is asked once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from core.errors import GreenbarError
from core.repo.patch import overlay
from core.search.base import FixTask
from core.search.select.asked import Asked, Input, arguments_of
from core.search.select.inputs import (
    Function,
    asking_module,
    changed_functions,
    constants_of,
    import_of,
    near_inputs,
    read_answers,
    read_inputs,
)
from core.search.select.seeds import located, tested_function, written_inputs
from core.search.splice import first_line
from core.testing.base import RunLimits, RunRequest, TestRunner, Watch
from core.types import NodeId, Outcome, Patch, RelPath

log = logging.getLogger("greenbar.agreement")

MOST_CANDIDATES: Final = 6
MOST_SEED_TESTS: Final = 20
MOST_WRONG: Final = 4
"""Candidates that the tests refuse, to see which properties are broken by them."""
MOST_EXAMPLES: Final = 12
MODULE: Final = "test_greenbar_other_inputs.py"
_TEST_SECONDS: Final = 1.0
_RUN_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Form:
    """What is asked, and where the module lies that asks it."""

    function: Function
    imported: str
    call: str
    inputs: tuple[Input, ...]
    path: RelPath
    tested: frozenset[int]
    """The numbers of the inputs that tests make."""

    @property
    def text(self) -> str:
        return asking_module(self.imported, self.call, self.inputs)


class Agreement:
    """Of one fix. ``limits`` are those of candidates; ``examples`` gives calls of a function that
    must be among the inputs, because something is said of them."""

    def __init__(
        self,
        runner: TestRunner,
        task: FixTask,
        limits: RunLimits,
        examples: Callable[[Function], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        self._runner = runner
        self._task = task
        self._examples = examples
        self._limits = replace(
            limits,
            test_seconds=min(limits.test_seconds, _TEST_SECONDS),
            run_seconds=min(limits.run_seconds, _RUN_SECONDS),
        )
        self._form: _Form | None = None
        self._known: dict[int, tuple[str, ...]] = {}
        self._today: tuple[str, ...] | None = None

    async def __call__(self, patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        """What these candidates, the best first, give, and some that are ``wrong``; empty where it cannot
        be asked."""
        chosen = dict(list(patches.items())[:MOST_CANDIDATES])
        others = dict(list(wrong.items())[:MOST_WRONG])
        try:
            if self._form is None:
                self._form = await self._make_form(list(chosen.values()))
            form = self._form
            if form is None:
                return Asked()
            everybody = {**chosen, **others}
            new = {number: patch for number, patch in everybody.items() if number not in self._known}
            given = await asyncio.gather(*(self._answers(form, patch) for patch in new.values()))
            self._known |= dict(zip(new, given, strict=True))
            if self._today is None:
                self._today = await self._answers(form, Patch(()))
        except GreenbarError as error:
            # The verifiers meet the same trouble, and tell it.
            log.info("nobody was asked: %s", error.sentence)
            return Asked()
        answers = {number: self._known[number] for number in chosen}
        log.info("%s candidates gave %s kinds of answers", len(answers), len(set(answers.values())))
        refused = tuple(self._known[number] for number in others)
        return Asked(
            form.function,
            form.imported,
            form.call,
            form.inputs,
            answers,
            self._today,
            form.tested,
            refused,
        )

    async def _make_form(self, patches: Sequence[Patch]) -> _Form | None:
        function = await asyncio.to_thread(self._function, patches)
        if function is None:
            return None
        for path, text in self._task.tests.items():
            imported = import_of(function, text)
            if imported is None:
                continue
            seeds = await self._recorded(function, patches[0], path)
            source = self._task.sources.get(function.path, "")
            written = await asyncio.to_thread(
                written_inputs, function, source, list(self._task.tests.values())
            )
            known = list({repr(one): one for one in (*seeds, *written)}.values())
            inputs = near_inputs(known, constants_of(source, function.name))
            if inputs:
                held = {repr(one): one for one in await self._told_inputs(function)}
                inputs = (*held.values(), *(one for one in inputs if repr(one) not in held))
                place = str(PurePosixPath(path).parent / MODULE)
                called = written_inputs(function, "", list(self._task.tests.values()))
                made = {repr(one) for one in (*seeds, *called)}
                tested = frozenset(n for n, one in enumerate(inputs) if repr(one) in made)
                return _Form(function, *imported, inputs, place, tested)
        return None

    def _function(self, patches: Sequence[Patch]) -> Function | None:
        """The one function that all of them change, or else that the failing tests call; its lines are
        those of the first."""
        found: list[list[Function]] = []
        for patch in patches:
            changed: list[Function] = []
            for path, after in _texts(patch):
                if path in self._task.sources:
                    changed += changed_functions(path, self._task.sources[path], after)
            found.append(changed)
        names = {(function.path, function.name) for changed in found for function in changed}
        if len(names) == 1 and found[0]:
            return found[0][0]
        return self._tested(dict(_texts(patches[0])))

    def _tested(self, after: Mapping[RelPath, str]) -> Function | None:
        names: dict[RelPath, list[str]] = {}
        for target in self._task.targets:
            path, _, test = target.partition("::")
            names.setdefault(path, []).append(test.rpartition("::")[2].split("[", 1)[0])
        for path, tests in names.items():
            for source, text in self._task.sources.items():
                found = tested_function(source, text, self._task.tests.get(path, ""), tests)
                node = located(after.get(source, text), found.name) if found else None
                if found is not None and node is not None:
                    return replace(found, first=first_line(node), last=node.end_lineno or node.lineno)
        return None

    async def _told_inputs(self, function: Function) -> list[Input]:
        calls = await self._examples(function) if self._examples else ()
        inputs = [arguments_of(call) for call in calls[:MOST_EXAMPLES]]
        return [one for one in inputs if one is not None]

    async def _recorded(self, function: Function, patch: Patch, path: RelPath) -> tuple[Input, ...]:
        request = RunRequest(
            overlay=overlay(patch),
            node_ids=self._seed_tests(path),
            limits=self._limits,
            watch=Watch(function.path, function.first, function.last),
        )
        outcome = await self._runner.run(request)
        calls = [
            [value for _, value in steps[0].values]
            for steps in outcome.steps.values()
            if steps and steps[0].kind == "call"
        ]
        return read_inputs(calls)

    def _seed_tests(self, path: RelPath) -> tuple[NodeId, ...]:
        """The failing tests of a file first, then those that pass."""
        own = [r for r in self._task.baseline.results if r.node_id.startswith(f"{path}::")]
        targets = [r.node_id for r in own if r.node_id in self._task.targets]
        passing = [r.node_id for r in own if r.outcome is Outcome.PASSED]
        return tuple([*targets[: MOST_SEED_TESTS // 2], *passing][:MOST_SEED_TESTS])

    async def _answers(self, form: _Form, patch: Patch) -> tuple[str, ...]:
        count = len(form.inputs)
        request = RunRequest(
            overlay={**overlay(patch), form.path: form.text.encode()},
            node_ids=tuple(f"{form.path}::test_{number}" for number in range(count)),
            limits=self._limits,
        )
        return read_answers((await self._runner.run(request)).report, form.path, count)


def _texts(patch: Patch) -> list[tuple[RelPath, str]]:
    """The Python files of a patch, as they are after it."""
    return [
        (change.path, (change.after or b"").decode("utf-8", "replace"))
        for change in patch.changes
        if change.path.endswith(".py")
    ]
