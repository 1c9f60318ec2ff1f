"""A real project through the real session, and through plain pytest in the same environment."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from app.paths import find_paths
from app.services import AppServices, settings_from
from core.events import Event, Progress
from core.sandbox.base import Environment, ReportProgress, Sandbox, SetUpPlan
from core.sandbox.container_setup import TARGET
from core.sandbox.image import INSIDE_TOOLS
from core.sandbox.tools import make_tools
from core.sandbox.words import worker_env
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import ConsentKind, NodeId, SandboxKind, TestReport

PLAIN = Path(__file__).parent / "plain.py"


class Watched:
    """A sandbox that tells which environment its set-up has made."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.environment = Environment()

    async def set_up(self, plan: SetUpPlan, copy: Path, progress: ReportProgress) -> Environment:
        self.environment = await self._sandbox.set_up(plan, copy, progress)
        return self.environment

    def __getattr__(self, name: str) -> object:
        return getattr(self._sandbox, name)


class WatchedServices(AppServices):
    """The program's own services, with the sandbox in sight."""

    sandbox: Watched

    async def choose_sandbox(self, spec: str) -> Sandbox:
        self.sandbox = Watched(await super().choose_sandbox(spec))
        return self.sandbox


def baseline(
    root: Path, kind: SandboxKind, home: Path, language: str = ""
) -> tuple[TestReport, Environment, list[str]]:
    """Open, set up and run ``root`` as a user does who allows the set-up; with what was said of it.

    ``language`` is the user's word on what its tests are in; by default it is found out.
    """
    paths = replace(find_paths(str(home)), cache=find_paths().cache)
    allowed = frozenset({ConsentKind.SETUP_NETWORK})
    settings = replace(
        settings_from(kind, "none", test_seconds=60.0), consents=allowed, language=language
    )
    services = WatchedServices(paths)
    said: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event.body, Progress) and event.body.done and event.body.text:
            said.append(event.body.text)

    async def never(request: object) -> bool:
        raise AssertionError(f"nothing is asked of the user here: {request}")

    async def main() -> TestReport:
        session = Session(services, settings, Emitter((hear,)), never)
        try:
            await session.open(str(root))
            return await session.run_tests()
        finally:
            await session.close()

    report = asyncio.run(main())
    return report, services.sandbox.environment, said


def plain_outcomes(
    root: Path, kind: SandboxKind, environment: Environment, room: Path
) -> dict[NodeId, str]:
    """What pytest says of each test in ``environment``, by itself, offline; ``room`` is empty."""
    room.mkdir()
    room.chmod(0o777)
    command = _in_container if kind is SandboxKind.DOCKER else _in_namespace
    ran = subprocess.run(
        command(root, environment, room), capture_output=True, text=True, check=False, timeout=600
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
    found: dict[NodeId, str] = json.loads((room / "result.json").read_text())
    return found


def _in_container(root: Path, environment: Environment, room: Path) -> list[str]:
    env = worker_env("/tmp", (f"{TARGET}/bin",))
    site = f"{INSIDE_TOOLS}/site"
    return [
        *("docker", "run", "--rm", "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"),
        *("--mount", f"type=bind,source={root},target=/base,readonly"),
        *("--mount", f"type=bind,source={PLAIN},target=/plain.py,readonly"),
        *("--mount", f"type=bind,source={room},target=/room"),
        *("--tmpfs", "/work:rw,exec,mode=1777", "--tmpfs", "/tmp:rw,exec,mode=1777"),
        *(part for name, value in env.items() for part in ("--env", f"{name}={value}")),
        *(environment.reference, f"{TARGET}/bin/python", "-s", "/plain.py"),
        *("/base", "/work", site, "/room/result.json"),
    ]


def _in_namespace(root: Path, environment: Environment, room: Path) -> list[str]:
    """The host's own files but for the network, and for /work, which editable installs name."""
    python = f"{environment.reference}/bin/python"
    env = worker_env("/tmp", (f"{environment.reference}/bin",))
    tools = make_tools(find_paths().cache)
    binds = []
    for path in Path("/").iterdir():
        if path.is_symlink():
            binds += ["--symlink", str(path.readlink()), str(path)]
        elif path.name not in ("dev", "proc", "tmp", "work"):
            binds += ["--ro-bind", str(path), str(path)]
    bwrap = shutil.which("bwrap")
    assert bwrap is not None
    return [
        *(bwrap, "--unshare-net", "--die-with-parent", *binds, "--dev", "/dev", "--proc", "/proc"),
        *("--tmpfs", "/tmp", "--tmpfs", "/work", "--ro-bind", str(root), "/base"),
        *("--ro-bind", str(PLAIN), "/plain.py", "--bind", str(room), "/room"),
        *("--ro-bind", environment.reference, environment.reference),
        *("--ro-bind", str(tools.folder), "/tools", "--chdir", "/work", "--clearenv"),
        *(part for name, value in env.items() for part in ("--setenv", name, value)),
        *(python, "-s", "/plain.py", "/base", "/work", "/tools/site", "/room/result.json"),
    ]
