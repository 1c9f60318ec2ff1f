"""The self-test: a sandbox that isolates passes, one that does not is found out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import SandboxError
from core.sandbox.base import Limits
from core.sandbox.choose import choose
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.session.self_test import self_test
from core.types import SandboxKind, SelfTestReport

LIMITS = Limits(memory_bytes=1024**3, processes=64, cpus=1.0)


def quiet(_text: str, _fraction: float | None) -> None:
    return


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
        pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
    ],
)
def test_a_sandbox_that_isolates_keeps_every_promise(kind: SandboxKind, tmp_path: Path) -> None:
    async def main() -> SelfTestReport:
        return await self_test(await choose(kind, tmp_path), LIMITS, tmp_path, quiet)

    try:
        report = asyncio.run(main())
    except SandboxError as error:
        pytest.skip(error.sentence)
    assert report.broken == ()
    assert len(report.checks) == 6
    assert "no network" in report.sentence
    assert "1 GB, 1 core, 64 processes" in report.sentence
    assert list(tmp_path.glob("self-test-*")) == []


class Pretender(HostSandbox):
    """Says that it isolates, and does not."""

    kind = SandboxKind.BUBBLEWRAP


def test_a_sandbox_that_only_says_so_is_found_out(tmp_path: Path) -> None:
    async def main() -> SelfTestReport:
        return await self_test(Pretender(tmp_path, NetworkSettings()), LIMITS, tmp_path, quiet)

    report = asyncio.run(main())
    broken = {check.promise: check.detail for check in report.broken}
    assert {"no network", "no files but the copy"} <= set(broken)
    assert "can be written" in broken["nothing but the work folder can be written"]
    assert "secret.txt can be read" in broken["no files but the copy"]
    assert {check.promise for check in report.checks if check.kept} >= {"tests run"}


def test_the_host_is_not_tried_because_it_promises_nothing(tmp_path: Path) -> None:
    async def main() -> SelfTestReport:
        return await self_test(HostSandbox(tmp_path, NetworkSettings()), LIMITS, tmp_path, quiet)

    report = asyncio.run(main())
    assert (report.isolated, report.checks) == (False, ())
