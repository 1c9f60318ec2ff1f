"""What a proposer learns of a function's doing, and what it does not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from core.errors import GreenbarError, SandboxError
from core.repo.patch import patch_from_edits
from core.search.record import MOST_TEST_SECONDS, StepRecorder
from core.testing.base import RunLimits, RunOutcome, RunRequest, Step, Watch
from core.types import TestReport
from tests.core.search.memory import SOURCE, TARGET, returns

LIMITS = RunLimits()
STEPS = (Step(1, 1, "call", (("token", "'secret-1'"),)), Step(1, 2, "return", (("", "0"),)))


@dataclass
class Telling:
    """A runner whose every test tells the same steps, or fails."""

    trouble: GreenbarError | None = None
    requests: list[RunRequest] = field(default_factory=list)

    async def run(self, request: RunRequest, *listeners: object) -> RunOutcome:
        self.requests.append(request)
        if self.trouble is not None:
            raise self.trouble
        return RunOutcome(TestReport((), (), 0.1), steps={TARGET: STEPS})

    async def close(self) -> None:
        return


def record(runner: Telling, limits: RunLimits = LIMITS) -> tuple[Step, ...]:
    recorder = StepRecorder(
        runner,
        limits,
        lambda edits: patch_from_edits(edits, {"m.py": SOURCE.encode()}.get),
        lambda text: text.replace("secret-1", "[key]"),
    )
    return asyncio.run(recorder({"m.py": returns("5")}, TARGET, Watch("m.py", 1, 2)))


def test_the_test_runs_with_the_edits_made_and_not_for_long() -> None:
    runner = Telling()
    record(runner)
    [request] = runner.requests
    assert request.overlay == {"m.py": returns("5").encode()}
    assert request.node_ids == (TARGET,)
    assert request.watch == Watch("m.py", 1, 2)
    assert request.limits.test_seconds == MOST_TEST_SECONDS
    record(runner, RunLimits(test_seconds=1.0))
    assert runner.requests[-1].limits.test_seconds == 1.0


def test_keys_are_blotted_out_of_values() -> None:
    assert record(Telling())[0].values == (("token", "'[key]'"),)


def test_a_sandbox_that_is_gone_leaves_nothing_to_tell() -> None:
    assert record(Telling(SandboxError("sandbox.engine_lost", "Docker stopped answering."))) == ()
