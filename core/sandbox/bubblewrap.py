"""Bubblewrap: namespaces without an engine. Linux only.

The worker sees the system's ``/usr`` and libraries, the base Python, the tools, the private copy
and the environment, all read-only, and two sized folders in memory that it may write. Processes
live in a PID namespace whose death is theirs.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from shutil import which

from core.errors import SandboxError
from core.sandbox import external, tree
from core.sandbox.base import PRIMED, PYTHON, Environment, Limits, ReportProgress, SetUpPlan, Toolchain
from core.sandbox.environments import LocalEnvironments
from core.sandbox.host_programs import HostPrograms, locate
from core.sandbox.installer import NetworkSettings
from core.sandbox.interpreter import BasePython, base_python
from core.sandbox.local import LocalWorker, limited, start_local
from core.sandbox.local_pythons import python_of
from core.sandbox.primed import primed_folder
from core.sandbox.tools import Tools, compile_tools, make_tools
from core.sandbox.words import DEFAULT_LIMITS, amount, worker_command, worker_env
from core.types import Remedy, SandboxKind

BASE, WORK, TOOLS, UV = "/base", "/work", "/greenbar", "/uv"

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_PROC_SETTINGS = ("bus", "fs", "irq", "mtrr", "sys")
_ETC = ("ld.so.cache", "alternatives", "localtime", "mime.types", "services", "protocols", "ssl/certs")
_ETC_NETWORK = ("resolv.conf", "nsswitch.conf", "gai.conf", "ca-certificates", "pki")


class BubblewrapSandbox:
    """:class:`core.sandbox.base.Sandbox` by ``bwrap``."""

    kind = SandboxKind.BUBBLEWRAP
    elsewhere = ""
    cores = os.cpu_count() or 1

    def __init__(
        self,
        cache: Path,
        network: NetworkSettings,
        limits: Limits = DEFAULT_LIMITS,
        tools: Tools | None = None,
    ) -> None:
        """``cache`` is Greenbar's cache folder; ``limits`` only word the sentence."""
        self._cache = cache
        self._limits = limits
        self._tools = tools
        self._python: BasePython | None = None
        self._programs = HostPrograms()
        self._primed: Path | None = None
        self._sized = True
        self._workers: set[LocalWorker] = set()
        self._environments = LocalEnvironments(cache, network)

    @property
    def sentence(self) -> str:
        return self.sentence_for(self._limits)

    def sentence_for(self, limits: Limits) -> str:
        return f"Bubblewrap: no network, private copy only, {amount(limits)}"

    @staticmethod
    async def check() -> None:
        """Raise SandboxError where bubblewrap is missing or the kernel forbids it."""
        program = which("bwrap")
        if program is None:
            raise SandboxError(
                "sandbox.bubblewrap_missing",
                "Bubblewrap is not installed.",
                (Remedy("Install bubblewrap", shell="sudo apt install bubblewrap"),),
            )
        trial = [program, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"]
        tried = await external.run([*trial, "--proc", "/proc", "true"], seconds=5.0)
        if tried.status:
            raise SandboxError(
                "sandbox.bubblewrap_forbidden",
                "The kernel does not let bubblewrap make a sandbox.",
                await asyncio.to_thread(_kernel_remedies),
                tried.tail,
            )

    async def prepare(self, progress: ReportProgress, toolchain: Toolchain = PYTHON) -> None:
        await self.check()
        self._programs = await asyncio.to_thread(locate, toolchain)
        self._primed = await primed_folder(self._cache, toolchain, self._programs, progress)
        if self._python is None:
            self._python = await asyncio.to_thread(base_python)
        if self._tools is None:
            self._tools = await asyncio.to_thread(make_tools, self._cache)
        await compile_tools(self._tools, self._python.executable)
        version = (await external.run(["bwrap", "--version"])).tail
        found = re.search(r"(\d+)\.(\d+)", version)
        self._sized = found is None or (int(found[1]), int(found[2])) >= (0, 7)
        await asyncio.to_thread(self._write_accounts)
        await self._environments.reap()

    async def find_python(self, plan: SetUpPlan, progress: ReportProgress) -> Environment | None:
        python, _ = self._ready()
        return await self._environments.on_python(plan, python)

    async def set_up(self, plan: SetUpPlan, copy: Path, progress: ReportProgress) -> Environment:
        if plan.is_empty and not plan.asks_for_python:
            return Environment()
        python, _ = self._ready()

        def command(script: str, target: Path, uv: Path, chosen: BasePython) -> list[str]:
            arguments = self._arguments(copy, self._limits, chosen, network=True)
            cache = self._cache / "uv"
            arguments += ["--bind", os.fspath(cache), os.fspath(cache)]
            arguments += ["--bind", os.fspath(target), os.fspath(target)]
            arguments += ["--ro-bind", os.fspath(uv), UV]
            for folder in self._environments.network.folders:
                arguments += ["--ro-bind", os.fspath(folder), os.fspath(folder)]
            if certificates := self._environments.network.certificates:
                arguments += ["--ro-bind", os.fspath(certificates), os.fspath(certificates)]
            return [*arguments, "--remount-ro", "/", "--chdir", WORK, "--", "/bin/sh", "-c", script]

        return await self._environments.make(
            self.kind, plan, python, (BASE, WORK, UV), command, progress, self._programs.path
        )

    async def launch(self, copy: Path, environment: Environment, limits: Limits) -> LocalWorker:
        python, _ = self._ready()
        self._limits = limits
        folder = environment.reference or os.fspath(await self._environments.bare(python.executable))
        chosen = await asyncio.to_thread(python_of, Path(folder))
        arguments = self._arguments(copy, limits, chosen, network=False)
        arguments += ["--ro-bind", folder, folder]
        path = (f"{folder}/bin", os.fspath(python.executable.parent), *self._programs.path)
        env = worker_env("/tmp", path)
        inner = worker_command(f"{folder}/bin/python", BASE, WORK, TOOLS)
        command = [
            *arguments,
            *("--remount-ro", "/", "--chdir", WORK, "--"),
            *limited(os.fspath(python.executable), limits, inner, own_user=_counts_by_namespace()),
        ]
        worker = await start_local(command, env, "/", limits, _end_namespace, _nothing)
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

    def _arguments(self, copy: Path, limits: Limits, chosen: BasePython, network: bool) -> list[str]:
        python, tools = self._ready()
        arguments = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
        arguments += ["--cap-drop", "ALL", "--hostname", "greenbar"]
        if network:
            arguments.append("--share-net")
        arguments += _system_binds()
        accounts = self._accounts()
        for name in ("passwd", "group", "hosts"):
            arguments += ["--ro-bind", os.fspath(accounts / name), f"/etc/{name}"]
        for name in _ETC + (_ETC_NETWORK if network else ()):
            source = os.path.realpath(f"/etc/{name}")
            if os.path.exists(source):  # noqa: PTH110
                arguments += ["--ro-bind", source, f"/etc/{name}"]
        for prefix in sorted({python.prefix, chosen.prefix}):
            if not prefix.is_relative_to("/usr"):
                arguments += ["--ro-bind", os.fspath(prefix), os.fspath(prefix)]
        for place in self._programs.outside(_SYSTEM):
            arguments += ["--ro-bind", os.fspath(place), os.fspath(place)]
        arguments += ["--proc", "/proc", "--dev", "/dev"]
        for name in _PROC_SETTINGS:
            # Root keeps root's write permission there even with no capability left.
            arguments += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
        for folder in ("/dev/shm", "/tmp", "/var/tmp", WORK):
            if self._sized:
                arguments += ["--size", str(limits.work_bytes)]
            arguments += ["--tmpfs", folder]
        arguments += ["--ro-bind", os.fspath(copy), BASE, "--ro-bind", os.fspath(tools.folder), TOOLS]
        if self._primed is not None:
            primed = os.fspath(self._primed)
            arguments += ["--ro-bind", primed, primed, "--setenv", PRIMED, primed]
        return arguments

    def _accounts(self) -> Path:
        return self._cache / "bubblewrap" / f"accounts-{os.getuid()}"

    def _write_accounts(self) -> None:
        """Account files that name nobody but the user; some libraries refuse an unknown uid."""
        folder = self._accounts()
        folder.mkdir(parents=True, exist_ok=True)
        user, group = os.getuid(), os.getgid()
        (folder / "passwd").write_text(f"user:x:{user}:{group}::/tmp:/bin/sh\n")
        (folder / "group").write_text(f"user:x:{group}:\n")
        (folder / "hosts").write_text("127.0.0.1 localhost greenbar\n::1 localhost\n")


def _system_binds() -> list[str]:
    arguments = []
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():  # merged /usr
            arguments += ["--symlink", os.fspath(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    return arguments


def _counts_by_namespace() -> bool:
    """Since Linux 5.14 RLIMIT_NPROC is counted per user namespace, which bubblewrap makes."""
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return found is not None and (int(found[1]), int(found[2])) >= (5, 14)


async def _end_namespace(process: asyncio.subprocess.Process) -> None:
    """Kill the namespace's first process: the kernel kills and reaps all others with it.

    bubblewrap's outer process lives outside, and ends when the inner one has.
    """
    if process.returncode is None:
        inner = await asyncio.to_thread(tree.children, process.pid)
        tree.kill_all(inner or [process.pid])
        try:
            async with asyncio.timeout(1.0):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)


async def _nothing() -> None:
    return


def _kernel_remedies() -> tuple[Remedy, ...]:
    """The switch that is off, found in /proc."""
    switches = (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel/unprivileged_userns_clone", "0", "1"),
        ("user/max_user_namespaces", "0", "15000"),
    )
    for name, bad, good in switches:
        with suppress(OSError):
            if (Path("/proc/sys") / name).read_text().strip() == bad:
                setting = name.replace("/", ".")
                shell = f"sudo sysctl -w {setting}={good}"
                return (Remedy("Allow user namespaces", shell=shell),)
    return (Remedy("Use Docker", action="use_docker"),)
