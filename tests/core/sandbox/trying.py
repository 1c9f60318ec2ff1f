"""A project set up in a sandbox with the real worker, and its tests run."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

from core.sandbox.base import Limits, SetUpPlan
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.docker import ContainerSandbox
from core.sandbox.engine import find_engine
from core.sandbox.host import HostSandbox
from core.sandbox.installer import network_settings
from core.testing.base import RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, SandboxKind, TestReport

Try = Callable[..., tuple[str, TestReport]]
"""From files (and a kind of sandbox) to the set-up's sentence and the report of a second run."""


async def set_up_and_run(
    kind: SandboxKind, cache: Path, copy: Path, plan: SetUpPlan
) -> tuple[str, TestReport]:
    network = network_settings()
    sandbox: HostSandbox | BubblewrapSandbox | ContainerSandbox
    match kind:
        case SandboxKind.HOST:
            sandbox = HostSandbox(cache, network)
        case SandboxKind.BUBBLEWRAP:
            sandbox = BubblewrapSandbox(cache, network)
        case _:
            sandbox = ContainerSandbox(find_engine(kind), cache, network)
    try:
        await sandbox.prepare(lambda _text, _fraction: None)
        environment = await sandbox.set_up(plan, copy, lambda _text, _fraction: None)
        pool = WorkerPool(sandbox, copy, environment, Limits(), 1)
        try:
            await pool.run(RunRequest())
            report = (await pool.run(RunRequest())).report
        finally:
            await pool.close()
        if kind is SandboxKind.DOCKER:
            command = ["docker", "rmi", "-f", environment.reference]
            await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    finally:
        await sandbox.close()
    return environment.sentence, report


def outcomes(report: TestReport) -> dict[str, Outcome]:
    return {result.node_id.rpartition("::")[2]: result.outcome for result in report.results}
