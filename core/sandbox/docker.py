"""Docker, and Podman by the same protocol: every worker in a container of its own."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import SandboxError
from core.sandbox import tree
from core.sandbox.base import PYTHON, Environment, Limits, ReportProgress, SetUpPlan, Toolchain
from core.sandbox.container import ContainerWorker, start_worker
from core.sandbox.container_setup import REPOSITORY as ENVIRONMENTS
from core.sandbox.container_setup import TARGET, is_set_up, set_up_image
from core.sandbox.engine import Engine
from core.sandbox.environments import python_sentence
from core.sandbox.image import INSIDE_TOOLS, LABEL, make_image, search_path
from core.sandbox.image_notes import ImageNotes
from core.sandbox.installer import NetworkSettings
from core.sandbox.python_image import python_image, python_inside
from core.sandbox.set_up_script import with_our_pytest
from core.sandbox.shown import BindShown, Mount, Shown, VolumeShown, remove_volume
from core.sandbox.sources.pythons import wanted_minors
from core.sandbox.tools import Tools, make_tools
from core.sandbox.words import DEFAULT_LIMITS, amount, worker_command, worker_env
from core.types import SandboxKind

if TYPE_CHECKING:
    from docker import APIClient

log = logging.getLogger("greenbar.sandbox")

_SANDBOX = "greenbar.sandbox"
LOW_SHARES = 128
"""An eighth of the usual weight; counts only while others want the processor too."""

_PID, _NAMESPACE, _BOOT = "greenbar.pid", "greenbar.namespace", "greenbar.boot"
_MACHINE, _STARTED = "greenbar.machine", "greenbar.started"
MEMORY_SHARE = 0.5
"""Of the engine's memory, for one worker at most."""


class ContainerSandbox:
    """:class:`core.sandbox.base.Sandbox` over a container engine."""

    def __init__(
        self,
        engine: Engine,
        cache: Path,
        network: NetworkSettings,
        limits: Limits = DEFAULT_LIMITS,
        tools: Tools | None = None,
        owner: tuple[int, int] | None = None,
    ) -> None:
        """``cache`` is Greenbar's cache folder; ``limits`` only word the sentence; ``owner`` is the
        uid and gid of workers, by default the user's."""
        self._engine = engine
        self._cache = cache
        self._network = network
        self._limits = limits
        self._tools = tools
        self._image = ""
        self._toolchain = PYTHON
        self._python = ""
        """The minor version of the image's; asked for where it matters."""
        self._without: set[tuple[str, ...]] = set()
        """Python versions whose images could not be had: a silent registry takes its time."""
        self._notes = ImageNotes(cache / "images")
        self._plans: dict[str, SetUpPlan] = {}
        """By the references of the environments that were made of them."""
        self._making = asyncio.Lock()
        self._path: tuple[str, ...] = ()
        self._owner = owner or (os.getuid(), os.getgid())
        self._cores = 0
        self._memory = 0
        self._security = ["no-new-privileges:true"]
        self._label = uuid.uuid4().hex
        self._workers: set[ContainerWorker] = set()
        self._shown: Shown = BindShown()
        if engine.address.is_remote:
            self._shown = VolumeShown(engine, self._labels(), lambda: self._image, lambda: self._owner)

    @property
    def kind(self) -> SandboxKind:
        return self._engine.kind

    @property
    def sentence(self) -> str:
        return self.sentence_for(self._limits)

    def sentence_for(self, limits: Limits) -> str:
        return f"{self._engine.name}: no network, private copy only, {amount(self.fitted(limits))}"

    @property
    def elsewhere(self) -> str:
        return self._engine.address.url if self._engine.address.is_remote else ""

    @property
    def cores(self) -> int:
        return self._cores or int(self._limits.cpus)

    def fitted(self, limits: Limits) -> Limits:
        """``limits`` as far as the engine's machine has them (Docker Desktop's is smaller than ours);
        of another machine, all cores."""
        cores, memory = self._cores or limits.cpus, int(self._memory * MEMORY_SHARE)
        cpus = cores if self._engine.address.is_remote else min(limits.cpus, cores)
        within = min(limits.memory_bytes, memory) if memory else limits.memory_bytes
        return replace(limits, cpus=float(cpus), memory_bytes=within)

    async def check(self) -> None:
        """Raise SandboxError unless the engine answers."""
        await self._engine.check()

    async def prepare(self, progress: ReportProgress, toolchain: Toolchain = PYTHON) -> None:
        await self.check()
        info = await self._engine.call(lambda client: client.info())
        self._cores, self._memory = int(info["NCPU"]), int(info.get("MemTotal") or 0)
        options = info.get("SecurityOptions") or ()
        if any("selinux" in option for option in options):
            # SELinux would hide the private copy, whose label is that of the user's files.
            self._security = ["no-new-privileges:true", "label=disable"]
        if any("rootless" in option for option in options):
            # Without root, the engine's uid 0 is the user outside, and other uids are strangers.
            self._owner = (0, 0)
        if self._tools is None:
            self._tools = await asyncio.to_thread(make_tools, self._cache)
        await self._engine.call(_reap)
        self._image = await make_image(
            self._engine,
            self._tools,
            self._owner,
            self._cache,
            self._network,
            toolchain,
            self._notes,
            progress,
        )
        await asyncio.to_thread(self._notes.use, self._image)
        self._toolchain, self._python = toolchain, ""
        self._path = await search_path(self._engine, self._image)

    async def find_python(self, plan: SetUpPlan, progress: ReportProgress) -> Environment | None:
        self._require_image()
        if await self._has_python_for(plan):
            return Environment()
        wanted = with_our_pytest(wanted_minors(plan))
        if (image := await self._python_image(wanted, progress)) is None:
            return None
        minor = await python_inside(self._engine, image, self._labels())
        return await self._keep(Environment(image, python_sentence(minor)), plan)

    async def set_up(self, plan: SetUpPlan, copy: Path, progress: ReportProgress) -> Environment:
        if plan.is_empty and not plan.asks_for_python:
            return Environment()
        self._require_image()
        environment = await set_up_image(
            self._engine,
            await self._image_for(plan, progress),
            plan,
            copy,
            self._network,
            self._shown,
            self._labels(),
            self.fitted(self._limits),
            self._security,
            self._notes,
            progress,
        )
        return await self._keep(environment, plan)

    async def launch(self, copy: Path, environment: Environment, limits: Limits) -> ContainerWorker:
        self._require_image()
        self._limits = limits
        try:
            worker = await self._start(copy, environment, limits)
        except SandboxError as error:
            if error.code != "sandbox.image_missing":
                raise
            # Another Greenbar on this engine, or its user, has tidied up meanwhile.
            log.info("the image %s is gone and made again", environment.reference or self._image)
            environment = await self._make_again(environment, copy, error)
            worker = await self._start(copy, environment, limits)
        self._workers = {known for known in self._workers if not known.ended} | {worker}
        return worker

    async def close(self) -> None:
        workers, self._workers = self._workers, set()
        await asyncio.gather(*(worker.kill() for worker in workers))
        with suppress(SandboxError):  # a stopped engine has no running container either
            # A launch or a set-up that was cancelled can have left one.
            await self._engine.call(lambda client: _remove_all(client, f"{_SANDBOX}={self._label}"))
        await self._shown.close()
        await self._engine.close()
        self._notes.close()

    async def _start(self, copy: Path, environment: Environment, limits: Limits) -> ContainerWorker:
        mounts = await self._shown.mounts({"/base": copy})
        return await start_worker(self._engine, self._settings(mounts, environment, self.fitted(limits)))

    async def _keep(self, environment: Environment, plan: SetUpPlan) -> Environment:
        self._plans[environment.reference] = plan
        await asyncio.to_thread(self._notes.use, environment.reference)
        return environment

    async def _make_again(self, environment: Environment, copy: Path, error: SandboxError) -> Environment:
        """The base image and ``environment``, which we have made before; else raises ``error``."""
        plan = self._plans.get(environment.reference)
        if environment.reference and plan is None:
            raise error
        async with self._making:
            await self.prepare(_unseen, self._toolchain)
            if plan is None:
                return environment
            if environment.reference.startswith(f"{ENVIRONMENTS}:"):
                return await self.set_up(plan, copy, _unseen)
            return await self.find_python(plan, _unseen) or environment

    async def _image_for(self, plan: SetUpPlan, progress: ReportProgress) -> str:
        """The image to install ``plan`` on: one with its Python, where that can be had."""
        ours = self._image
        if await self._has_python_for(plan) or await is_set_up(self._engine, ours, plan):
            return ours
        return await self._python_image(wanted_minors(plan), progress) or ours

    async def _has_python_for(self, plan: SetUpPlan) -> bool:
        wanted = wanted_minors(plan)
        if not wanted or self._toolchain != PYTHON:
            return True
        if not self._python:
            self._python = await python_inside(self._engine, self._image, self._labels())
        return self._python in wanted

    async def _python_image(self, minors: tuple[str, ...], progress: ReportProgress) -> str | None:
        if minors in self._without:
            return None
        assert self._tools is not None, "made with the image"
        image = await python_image(self._engine, self._tools, self._owner, minors, self._notes, progress)
        if image is None:
            self._without.add(minors)
        return image

    def _labels(self) -> dict[str, str]:
        return {**owner_labels(), _SANDBOX: self._label}

    def _require_image(self) -> None:
        if not self._image:
            raise SandboxError("sandbox.not_prepared", "The sandbox was not prepared before its use.")

    def _settings(self, mounts: list[Mount], environment: Environment, limits: Limits) -> dict[str, Any]:
        python, path = "python3", []
        if environment.reference.startswith(f"{ENVIRONMENTS}:"):
            python, path = f"{TARGET}/bin/python", [f"{TARGET}/bin"]
        user, group = self._owner
        return {
            "image": environment.reference or self._image,
            "command": worker_command(python, "/base", "/work", INSIDE_TOOLS),
            "name": f"greenbar-{uuid.uuid4().hex[:12]}",
            "user": f"{user}:{group}",
            "stdin_open": True,  # and closed with our connection: a worker never outlives us
            "environment": worker_env("/tmp", (*path, *self._path)),
            "working_dir": "/work",
            "labels": self._labels(),
            "host_config": {
                "Mounts": mounts,
                "NetworkMode": "none",
                "ReadonlyRootfs": True,
                "CapDrop": ["ALL"],
                "SecurityOpt": list(self._security),
                "Memory": limits.memory_bytes,
                "MemorySwap": limits.memory_bytes,
                "PidsLimit": limits.processes,
                # The model and the window come first where cores are short.
                "CpuShares": LOW_SHARES,
                "NanoCpus": int(limits.cpus * 1e9),
                # Podman's init is a package of its own; the worker adopts orphans in any case.
                "Init": self.kind is SandboxKind.DOCKER,
                "IpcMode": "private",
                "Ulimits": _ulimits(self.kind),
                "LogConfig": {"Type": "none", "Config": {}},
                "Tmpfs": {
                    "/work": f"rw,exec,nosuid,nodev,mode=1777,size={limits.work_bytes}",
                    "/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={limits.work_bytes}",
                },
            },
        }


def _unseen(text: str, fraction: float | None) -> None:
    """Progress of work that nobody has asked for."""


def _ulimits(kind: SandboxKind) -> list[dict[str, object]]:
    limits = [("core", 0, 0), ("nofile", 1024, 4096)]
    if kind is SandboxKind.PODMAN:
        # Where it is told nothing, Podman asks for a million, which not every host allows. Below
        # that this is no limit of ours: PidsLimit counts the container's own processes.
        limits.append(("nproc", 32_768, 32_768))
    return [{"Name": name, "Soft": soft, "Hard": hard} for name, soft, hard in limits]


def owner_labels() -> dict[str, str]:
    """Who owns a container or volume. A process id means something only in its PID namespace, on its
    machine, until that starts anew, and until another process gets the same."""
    boot = namespace = ""
    machine = socket.gethostname()
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text().strip() or machine
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.fspath(Path("/proc/self/ns/pid").readlink())
    # Hashed, because the machine's id is not to be shown to others (machine-id(5)).
    digest = hashlib.sha256(f"greenbar {machine}".encode()).hexdigest()[:16]
    pid = os.getpid()
    own = {_PID: str(pid), _STARTED: tree.started(pid), _NAMESPACE: namespace, _BOOT: boot}
    return {LABEL: "1", **own, _MACHINE: digest}


def _reap(client: APIClient) -> None:
    """Remove containers and volumes of ours whose Greenbar is dead."""
    ours = owner_labels()

    def dead(labels: dict[str, str]) -> bool:
        if labels.get(_MACHINE, "") != ours[_MACHINE]:
            return False  # somebody else's, of whom nothing can be known from here
        if labels.get(_BOOT) != ours[_BOOT]:
            return True
        pid = int(labels[_PID])
        started = tree.started(pid)
        elsewhere = labels.get(_NAMESPACE) != ours[_NAMESPACE]
        return not elsewhere and (not tree.exists(pid) or labels.get(_STARTED, started) != started)

    mine = {"label": [LABEL, _PID]}
    for container in client.containers(all=True, filters=mine):
        if dead(container["Labels"]):
            _remove(client, container["Id"])
    for volume in client.volumes(filters=mine)["Volumes"] or ():
        if dead(volume["Labels"]):
            remove_volume(client, volume["Name"])


def _remove_all(client: APIClient, label: str) -> None:
    for container in client.containers(all=True, filters={"label": label}):
        _remove(client, container["Id"])


def _remove(client: APIClient, container: str) -> None:
    import docker.errors

    with suppress(docker.errors.APIError):  # another Greenbar may remove it at the same moment
        client.remove_container(container, force=True, v=True)
