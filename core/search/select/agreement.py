"""Runs candidates that pass on other inputs than those of the tests, to see who agrees with whom.

Which inputs: a recorded run shows what the changed function is called with, and near ones are made of
these (:mod:`core.search.select.inputs`). What is asked runs in the sandbox like any test, from a module
that lies beside the failing test and is nowhere but in the overlay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from core.errors import GreenbarError
from core.repo.patch import overlay
from core.search.base import FixTask
from core.search.select.clusters import Matrix, matrix_of
from core.search.select.inputs import (
    Function,
    asking_module,
    changed_functions,
    import_of,
    near_inputs,
    read_answers,
    read_inputs,
)
from core.testing.base import RunLimits, RunRequest, TestRunner, Watch
from core.types import NodeId, Outcome, Patch, RelPath

log = logging.getLogger("greenbar.agreement")

MOST_CANDIDATES: Final = 6
MOST_SEED_TESTS: Final = 20
MODULE: Final = "test_greenbar_other_inputs.py"
_TEST_SECONDS: Final = 1.0
_RUN_SECONDS: Final = 10.0


class Agreement:
    """Of one fix. ``limits`` are those of candidates."""

    def __init__(self, runner: TestRunner, task: FixTask, limits: RunLimits) -> None:
        self._runner = runner
        self._task = task
        self._limits = replace(
            limits,
            test_seconds=min(limits.test_seconds, _TEST_SECONDS),
            run_seconds=min(limits.run_seconds, _RUN_SECONDS),
        )

    async def __call__(self, patches: Mapping[int, Patch]) -> Matrix:
        """How these candidates, the best first, behave; empty where it cannot be asked."""
        chosen = dict(list(patches.items())[:MOST_CANDIDATES])
        function = await asyncio.to_thread(self._function, list(chosen.values()))
        if function is None:
            return {}
        try:
            asked = await self._module(function, next(iter(chosen.values())))
            if asked is None:
                return {}
            path, text, count = asked
            given = await asyncio.gather(
                *(self._answers(patch, path, text, count) for patch in chosen.values())
            )
            answers = dict(zip(chosen, given, strict=True))
        except GreenbarError as error:
            # The verifiers meet the same trouble, and tell it.
            log.info("nobody was asked: %s", error.sentence)
            return {}
        log.info("%s candidates gave %s kinds of answers", len(answers), len(set(answers.values())))
        return matrix_of(answers)

    def _function(self, patches: Sequence[Patch]) -> Function | None:
        """The one function that all of them change; its lines are those of the first."""
        found: list[list[Function]] = []
        for patch in patches:
            changed: list[Function] = []
            for change in patch.changes:
                if change.path.endswith(".py") and change.path in self._task.sources:
                    after = (change.after or b"").decode("utf-8", "replace")
                    changed += changed_functions(change.path, self._task.sources[change.path], after)
            found.append(changed)
        names = {(function.path, function.name) for changed in found for function in changed}
        return found[0][0] if len(names) == 1 and found[0] else None

    async def _module(self, function: Function, patch: Patch) -> tuple[RelPath, str, int] | None:
        """Where the module lies, its text, and how many inputs it has."""
        for path, text in self._task.tests.items():
            imported = import_of(function, text)
            if imported is None:
                continue
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
            inputs = near_inputs(read_inputs(calls))
            if inputs:
                place = str(PurePosixPath(path).parent / MODULE)
                return place, asking_module(*imported, inputs), len(inputs)
        return None

    def _seed_tests(self, path: RelPath) -> tuple[NodeId, ...]:
        """The failing tests of a file first, then those that pass."""
        own = [r for r in self._task.baseline.results if r.node_id.startswith(f"{path}::")]
        targets = [r.node_id for r in own if r.node_id in self._task.targets]
        passing = [r.node_id for r in own if r.outcome is Outcome.PASSED]
        return tuple([*targets[: MOST_SEED_TESTS // 2], *passing][:MOST_SEED_TESTS])

    async def _answers(self, patch: Patch, path: RelPath, text: str, count: int) -> tuple[str, ...]:
        request = RunRequest(
            overlay={**overlay(patch), path: text.encode()},
            node_ids=tuple(f"{path}::test_{number}" for number in range(count)),
            limits=self._limits,
        )
        return read_answers((await self._runner.run(request)).report, path, count)
