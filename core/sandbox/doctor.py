"""The doctor's rows on sandboxes, git and the Python tools, and starting an installed Docker."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import GreenbarError, SandboxError
from core.sandbox import engine_words as words
from core.sandbox import external
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.engine import find_engine
from core.sandbox.environments import uv_program
from core.sandbox.image import LABEL
from core.sandbox.interpreter import base_python
from core.sandbox.tools import make_tools
from core.types import ReadinessRow, ReadinessState, Remedy, SandboxKind

if TYPE_CHECKING:
    from docker import APIClient

_START_SECONDS = 30.0


def looks(cache: Path) -> dict[str, Callable[[], Awaitable[ReadinessRow]]]:
    """One look each at git, Docker, Podman, bubblewrap and the Python tools, by the row's subject."""
    return {
        "git": _git,
        "Docker": lambda: _engine_row(SandboxKind.DOCKER),
        "Podman": lambda: _engine_row(SandboxKind.PODMAN),
        "Bubblewrap": _bubblewrap_row,
        "Python tools": lambda: _tools_row(cache),
    }


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
    user = ["systemctl", "--user", "start"]
    return ([*user, "docker"], [*user, "docker-desktop"], ["sudo", "-n", *system], system)


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


async def _engine_row(kind: SandboxKind) -> ReadinessRow:
    name = words.engine_name(kind)
    try:
        engine = await asyncio.to_thread(find_engine, kind)
    except SandboxError as error:
        return _trouble_row(name, error)
    try:
        await engine.check()
        info, version, has_image = await engine.call(_ask)
    except SandboxError as error:
        return _trouble_row(name, error)
    finally:
        await engine.close()
    remedy = None if has_image else Remedy("Prepare it now", "run_self_test", "greenbar doctor")
    sentence = words.running(kind, info, version, engine.address.url, engine.address.source, has_image)
    return ReadinessRow(name, ReadinessState.OK, sentence, remedy)


def _ask(client: APIClient) -> tuple[Mapping[str, object], str, bool]:
    images = client.images(filters={"label": LABEL})
    tags = [tag for image in images for tag in image.get("RepoTags") or ()]
    has_image = any(tag.startswith("greenbar/python:") for tag in tags)
    return client.info(), str(client.version()["Version"]), has_image


async def _tools_row(cache: Path) -> ReadinessRow:
    """uv, which installs; a Python of the host, for bubblewrap; pytest, for sandboxes without one."""
    try:
        uv = await asyncio.to_thread(uv_program)
        asked = await external.run([os.fspath(uv), "--version"], seconds=5.0)
        python = await asyncio.to_thread(base_python)
        run = await external.run([os.fspath(python.executable), "--version"], seconds=5.0)
        await asyncio.to_thread(make_tools, cache)
    except GreenbarError as error:
        return _trouble_row("Python tools", error)
    for what, finished in (("uv", asked), ("Python", run)):
        if finished.status:
            shell = "pip install --force-reinstall greenbar-desktop"
            remedy = Remedy("Install Greenbar again", shell=shell)
            broken = f"Greenbar's own {what} does not run."
            return ReadinessRow("Python tools", ReadinessState.ATTENTION, broken, remedy)
    uv_version = asked.tail.removeprefix("uv ").partition(" ")[0]
    pytest = importlib.metadata.version("pytest")
    sentence = f"uv {uv_version}, {run.tail.strip()} and pytest {pytest} are ready."
    return ReadinessRow("Python tools", ReadinessState.OK, sentence)


async def _bubblewrap_row() -> ReadinessRow:
    try:
        await BubblewrapSandbox.check()
    except SandboxError as error:
        return _trouble_row("Bubblewrap", error)
    return ReadinessRow("Bubblewrap", ReadinessState.OK, "Bubblewrap works.")


def _trouble_row(subject: str, error: GreenbarError) -> ReadinessRow:
    missing = error.code.endswith("_missing")
    state = ReadinessState.MISSING if missing else ReadinessState.ATTENTION
    return ReadinessRow(subject, state, error.sentence, error.remedies[0] if error.remedies else None)
