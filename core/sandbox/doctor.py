"""The doctor's rows on sandboxes and git, and starting an installed Docker."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from core.errors import SandboxError
from core.sandbox import external
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.engine import find_engine
from core.types import ReadinessRow, ReadinessState, Remedy, SandboxKind

_START_SECONDS = 30.0


async def readiness() -> tuple[ReadinessRow, ...]:
    """One row each for git, Docker, Podman and bubblewrap.

    Podman's is left out where it is not installed and another sandbox works: nobody needs both.
    """
    git, docker, podman, bubblewrap = await asyncio.gather(
        _git(),
        _engine_row(SandboxKind.DOCKER, "Docker"),
        _engine_row(SandboxKind.PODMAN, "Podman"),
        _bubblewrap_row(),
    )
    works = ReadinessState.OK in (docker.state, bubblewrap.state)
    if podman.state is ReadinessState.MISSING and works:
        return (git, docker, bubblewrap)
    return (git, docker, podman, bubblewrap)


async def start_docker() -> None:
    """Start the installed engine and wait until it answers. Raises SandboxError otherwise."""
    engine = find_engine(SandboxKind.DOCKER)
    try:
        if await _answers(engine.check) is None:
            return
        said = ""
        for command in _start_commands():
            finished = await external.run(command, seconds=_START_SECONDS)
            said = finished.tail
            if finished.status == 0:
                break
        else:
            if os.geteuid() != 0:
                raise _not_started(said)
            await asyncio.to_thread(_start_daemon)
        deadline = time.monotonic() + _START_SECONDS
        while (trouble := await _answers(engine.check)) is not None:
            if trouble.code.endswith("_permission"):
                raise trouble
            if time.monotonic() > deadline:
                raise _not_started(said or trouble.details)
            await asyncio.sleep(0.3)
    finally:
        await engine.close()


async def _answers(check: Callable[[], Awaitable[None]]) -> SandboxError | None:
    try:
        await check()
    except SandboxError as error:
        return error
    return None


def _start_commands() -> Sequence[Sequence[str]]:
    if sys.platform == "darwin":
        return (["open", "-a", "Docker"],)
    if not Path("/run/systemd/system").is_dir():
        return (["service", "docker", "start"],) if os.geteuid() == 0 else ()
    system = ["systemctl", "start", "docker"]
    if os.geteuid() == 0:
        return (system,)
    # systemctl asks for the password itself, in a window, where a policy agent runs.
    return (["systemctl", "--user", "start", "docker"], ["sudo", "-n", *system], system)


def _start_daemon() -> None:
    """Start the daemon itself where no service manager runs (a container, a bare machine)."""
    program = shutil.which("dockerd")
    if program is None:
        raise _not_started("")
    subprocess.Popen(
        [program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _not_started(details: str) -> SandboxError:
    return SandboxError(
        "sandbox.docker_not_started",
        "Docker could not be started.",
        (Remedy("Start Docker by hand", shell="sudo systemctl start docker"),),
        details,
    )


async def _git() -> ReadinessRow:
    finished = await external.run(["git", "--version"], seconds=5.0)
    if finished.status:
        remedy = Remedy("Install git", shell="sudo apt install git")
        return ReadinessRow("git", ReadinessState.MISSING, "git is not installed.", remedy)
    version = finished.tail.removeprefix("git version ")
    return ReadinessRow("git", ReadinessState.OK, f"git {version} is installed.")


async def _engine_row(kind: SandboxKind, name: str) -> ReadinessRow:
    try:
        engine = find_engine(kind)
    except SandboxError as error:
        return _trouble_row(name, error)
    try:
        await engine.check()
        version = await engine.call(lambda client: str(client.version()["Version"]))
    except SandboxError as error:
        return _trouble_row(name, error)
    finally:
        await engine.close()
    return ReadinessRow(name, ReadinessState.OK, f"{name} {version} is running.")


async def _bubblewrap_row() -> ReadinessRow:
    try:
        await BubblewrapSandbox.check()
    except SandboxError as error:
        return _trouble_row("Bubblewrap", error)
    return ReadinessRow("Bubblewrap", ReadinessState.OK, "Bubblewrap works.")


def _trouble_row(subject: str, error: SandboxError) -> ReadinessRow:
    missing = error.code.endswith("_missing")
    state = ReadinessState.MISSING if missing else ReadinessState.ATTENTION
    return ReadinessRow(subject, state, error.sentence, error.remedies[0] if error.remedies else None)
