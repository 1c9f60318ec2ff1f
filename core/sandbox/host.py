"""The host itself: limits and a private copy, but no isolation. Only with the user's consent.

Whether the user has consented is the session's business; nothing here asks.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
from contextlib import suppress
from pathlib import Path

from core.errors import SandboxError
from core.rooms import Room, reap_rooms
from core.sandbox import tree
from core.sandbox.base import PRIMED, PYTHON, Environment, Limits, ReportProgress, SetUpPlan, Toolchain
from core.sandbox.environments import LocalEnvironments, uv_program
from core.sandbox.host_programs import HostPrograms, locate
from core.sandbox.installer import NetworkSettings
from core.sandbox.interpreter import BasePython, base_python
from core.sandbox.local import LocalWorker, limited, start_local
from core.sandbox.primed import primed_folder
from core.sandbox.tools import Tools, compile_tools, make_tools
from core.sandbox.words import worker_command, worker_env
from core.types import SandboxKind

WORK_PREFIX = "greenbar-work-"
SET_UP_PREFIX = "greenbar-set-up-"
_MARK = "GREENBAR_WORKER"
_WORK = "GREENBAR_WORK"
_STANDIN = "/greenbar-work"
"""Stands for the work folder in an environment, whose real path differs with every launch."""


class HostSandbox:
    """:class:`core.sandbox.base.Sandbox` as a plain child process."""

    kind = SandboxKind.HOST
    elsewhere = ""
    cores = os.cpu_count() or 1

    def __init__(self, cache: Path, network: NetworkSettings, tools: Tools | None = None) -> None:
        """``cache`` is Greenbar's cache folder."""
        self._cache = cache
        self._tools = tools
        self._python: BasePython | None = None
        self._programs = HostPrograms()
        self._primed: Path | None = None
        self._workers: set[LocalWorker] = set()
        self._environments = LocalEnvironments(cache, network)

    @property
    def sentence(self) -> str:
        return "This computer: private copy, not isolated, tests may reach files and network"

    def sentence_for(self, limits: Limits) -> str:
        return self.sentence

    async def prepare(self, progress: ReportProgress, toolchain: Toolchain = PYTHON) -> None:
        self._programs = await asyncio.to_thread(locate, toolchain)
        self._primed = await primed_folder(self._cache, toolchain, self._programs, progress)
        if self._python is None:
            self._python = await asyncio.to_thread(base_python)
        if self._tools is None:
            self._tools = await asyncio.to_thread(make_tools, self._cache)
        await compile_tools(self._tools, self._python.executable)
        for prefix in (WORK_PREFIX, SET_UP_PREFIX):
            await asyncio.to_thread(reap_rooms, prefix)
        await self._environments.reap()

    async def find_python(self, plan: SetUpPlan, progress: ReportProgress) -> Environment | None:
        python, _ = self._ready()
        return await self._environments.on_python(plan, python)

    async def set_up(self, plan: SetUpPlan, copy: Path, progress: ReportProgress) -> Environment:
        if plan.is_empty and not plan.asks_for_python:
            return Environment()
        python, _ = self._ready()
        room = await asyncio.to_thread(Room, SET_UP_PREFIX)
        work = os.fspath(room.path)

        def command(script: str, target: Path, uv: Path, chosen: BasePython) -> list[str]:
            primed = () if self._primed is None else ("env", f"{PRIMED}={self._primed}")
            return [*primed, "/bin/sh", "-c", script]

        try:
            places = (os.fspath(copy), work, os.fspath(await asyncio.to_thread(uv_program)))
            return await self._environments.make(
                self.kind,
                plan,
                python,
                places,
                command,
                progress,
                self._programs.path,
                finish=lambda folder: _unbind(folder, work),
            )
        finally:
            await asyncio.to_thread(room.remove)

    async def launch(self, copy: Path, environment: Environment, limits: Limits) -> LocalWorker:
        python, tools = self._ready()
        folder = environment.reference or os.fspath(await self._environments.bare(python.executable))
        room = await asyncio.to_thread(Room, WORK_PREFIX)
        work, home = room.path / "work", room.path / "home"
        work.mkdir()
        home.mkdir()
        executable = f"{folder}/bin/python"
        path = (f"{folder}/bin", os.fspath(python.executable.parent), *self._programs.path)
        mark = secrets.token_hex(8)
        env = {**worker_env(os.fspath(home), path), _MARK: mark, _WORK: os.fspath(work)}
        if self._primed is not None:
            env[PRIMED] = os.fspath(self._primed)
        inner = worker_command(executable, os.fspath(copy), os.fspath(work), os.fspath(tools.folder))
        try:
            worker = await start_local(
                limited(os.fspath(python.executable), limits, inner, own_user=False),
                env,
                os.fspath(work),
                limits,
                lambda process: _end_marked(process, mark),
                lambda: asyncio.to_thread(room.remove),
            )
        except asyncio.CancelledError:
            room.remove()
            raise
        self._workers = {known for known in self._workers if not known.ended} | {worker}
        return worker

    async def close(self) -> None:
        workers, self._workers = self._workers, set()
        await asyncio.gather(*(worker.kill() for worker in workers))
        self._environments.close()

    def _ready(self) -> tuple[BasePython, Tools]:
        if self._python is None or self._tools is None:
            raise SandboxError("sandbox.not_prepared", "The sandbox was not prepared before its use.")
        return self._python, self._tools


async def _end_marked(process: asyncio.subprocess.Process, mark: str) -> None:
    """Kill the process group, the tree, and whoever left both but carries the mark.

    Repeated until nothing is found: a process may fork between being seen and being killed.
    """
    wanted = f"{_MARK}={mark}".encode()

    def sweep() -> bool:
        pids = {*tree.descendants(process.pid), *tree.marked(wanted)}
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        return tree.kill_all(pids)

    for _ in range(50):
        if not await asyncio.to_thread(sweep):
            return
        await asyncio.sleep(0.01)


def _unbind(environment: Path, work: str) -> None:
    """Let an editable install point to the work folder of the launch, not to that of the set-up.

    Python reads ``.pth`` files at start, path lines and code lines alike (module ``site``), so
    both these and the finder modules of setuptools can ask the environment variable.
    """
    expression = f"__import__('os').environ.get('{_WORK}', '{_STANDIN}')"
    for folder in environment.glob("lib*/python*/site-packages"):
        for path in folder.glob("*.pth"):
            lines = [
                f"import sys; sys.path.append({expression} + {line[len(work) :]!r})"
                if line == work or line.startswith(f"{work}/")
                else line
                for line in path.read_text("utf-8").splitlines()
            ]
            path.write_text("\n".join(lines) + "\n", "utf-8")
        for path in folder.glob("__editable__*.py"):
            text = path.read_text("utf-8")
            pattern = rf"(['\"]){re.escape(work)}(/[^'\"]*)?\1"
            text = re.sub(pattern, lambda found: f"({expression} + {found[2] or ''!r})", text)
            path.write_text(text, "utf-8")
