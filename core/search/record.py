"""What one function does in one test, for proposers that ask a model about values."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from core.errors import GreenbarError
from core.testing.base import RunLimits, RunRequest, Step, TestRunner, Watch
from core.types import NodeId, Patch, RelPath

log = logging.getLogger("greenbar.record")

MOST_TEST_SECONDS: Final = 3.0
MOST_RUN_SECONDS: Final = 10.0


class StepRecorder:
    """A :class:`core.search.base.RecordSteps` over the sandbox. ``limits`` are those of candidates;
    ``redact`` takes secrets out of the values: they go into prompts."""

    def __init__(
        self,
        runner: TestRunner,
        limits: RunLimits,
        build: Callable[[Mapping[RelPath, str]], Patch],
        redact: Callable[[str], str],
    ) -> None:
        self._runner = runner
        self._limits = replace(
            limits,
            test_seconds=min(limits.test_seconds, MOST_TEST_SECONDS),
            run_seconds=min(limits.run_seconds, MOST_RUN_SECONDS),
        )
        self._build = build
        self._redact = redact

    async def __call__(
        self, edits: Mapping[RelPath, str], node_id: NodeId, watch: Watch
    ) -> tuple[Step, ...]:
        overlay = {change.path: change.after for change in self._build(edits).changes}
        request = RunRequest(overlay=overlay, node_ids=(node_id,), limits=self._limits, watch=watch)
        try:
            outcome = await self._runner.run(request)
        except GreenbarError as error:
            # The verifiers meet the same trouble, and tell it.
            log.info("no steps of %s: %s", node_id, error.sentence)
            return ()
        return tuple(self._without_secrets(step) for step in outcome.steps.get(node_id, ()))

    def _without_secrets(self, step: Step) -> Step:
        return replace(step, values=tuple((name, self._redact(text)) for name, text in step.values))
