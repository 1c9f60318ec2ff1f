"""Install a repository's packages in a container with network, and keep the result as an image."""

from __future__ import annotations

import asyncio
import hashlib
import platform
import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.sandbox.base import Environment, Limits, ReportProgress, SetUpPlan
from core.sandbox.container import ContainerWorker, start_worker
from core.sandbox.engine import Engine
from core.sandbox.environments import installed_sentence, uv_program
from core.sandbox.image import LABEL, prune
from core.sandbox.image_notes import ImageNotes
from core.sandbox.installer import NetworkSettings
from core.sandbox.set_up_errors import set_up_failed
from core.sandbox.set_up_script import Transcript, install_script
from core.sandbox.shown import Mount, Shown

if TYPE_CHECKING:
    from docker import APIClient

REPOSITORY = "greenbar/env"
TARGET = "/opt/env"
_CERTIFICATES = "/opt/set-up/certificates.pem"
_UV = "/opt/set-up/uv"
_FETCHED_UV = "/tmp/uv/bin/uv"
KEPT_IMAGES = 10
"""Those not used for longest are removed, unless somebody uses them."""
_SENTENCE = "greenbar.sentence"


async def set_up_image(
    engine: Engine,
    image: str,
    plan: SetUpPlan,
    copy: Path,
    network: NetworkSettings,
    shown: Shown,
    labels: dict[str, str],
    limits: Limits,
    security: list[str],
    notes: ImageNotes,
    progress: ReportProgress,
) -> Environment:
    """An image with ``plan`` installed at TARGET on top of ``image``; from the engine's store where
    it is there. Raises SetUpError."""
    tag = _tag(image, plan)
    if (sentence := await engine.call(lambda client: _sentence(client, tag))) is not None:
        return Environment(tag, sentence)
    # Another machine may have another processor, and fetches uv faster than we send it.
    ours = _same_platform() and not engine.address.is_remote
    uv = await asyncio.to_thread(uv_program) if ours else None
    progress("Installing what the tests need", None)
    started = time.monotonic()
    uv_inside = _UV if uv else _FETCHED_UV
    script = install_script(plan, uv_inside, "python3", "/base", "/work", TARGET, container=True)
    if uv is None:
        script = f"python3 -m venv /tmp/uv\n/tmp/uv/bin/pip install --quiet uv\n{script}"
    script = _exports(network) + script
    mounts = await shown.mounts(_files(copy, uv, network))
    settings = _settings(image, mounts, network, labels, limits, security, len(script.encode()))
    worker = await start_worker(engine, settings, keep=True)
    try:
        said = (*plan.notes, *await _install(worker, script, progress))
        sentence = installed_sentence(plan, time.monotonic() - started, said)
        await engine.call(lambda client: _commit(client, worker.container, tag, sentence))
        await engine.call(lambda client: prune(client, tag, notes, KEPT_IMAGES))
    finally:
        await worker.kill()
        await engine.call(lambda client: _remove(client, worker.container))
    return Environment(tag, sentence)


async def is_set_up(engine: Engine, image: str, plan: SetUpPlan) -> bool:
    """Whether the engine has the environment of ``plan`` on top of ``image``."""
    tag = _tag(image, plan)
    return await engine.call(lambda client: _sentence(client, tag)) is not None


def _tag(image: str, plan: SetUpPlan) -> str:
    return f"{REPOSITORY}:{hashlib.sha256(f'{plan.digest} {image}'.encode()).hexdigest()[:12]}"


def _sentence(client: APIClient, tag: str) -> str | None:
    """What the image of ``tag`` says was installed; ``None`` where there is no such image."""
    import docker.errors

    try:
        labels = client.inspect_image(tag)["Config"]["Labels"]
    except docker.errors.ImageNotFound:
        return None
    return str((labels or {}).get(_SENTENCE, ""))


def _same_platform() -> bool:
    """Whether the host's uv program runs in a container."""
    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc"


def _files(copy: Path, uv: Path | None, network: NetworkSettings) -> dict[str, Path]:
    """What the installer sees of this machine, by the place where it sees it."""
    files = {"/base": copy, **{str(folder): folder for folder in network.folders}}
    if uv is not None:
        files[_UV] = uv.resolve()
    if network.certificates is not None:
        files[_CERTIFICATES] = network.certificates
    return files


def _settings(
    image: str,
    mounts: list[Mount],
    network: NetworkSettings,
    labels: dict[str, str],
    limits: Limits,
    security: list[str],
    script_bytes: int,
) -> dict[str, Any]:
    host_config = {
        "Mounts": mounts,
        "NetworkMode": "host" if network.needs_host_network else "bridge",
        "SecurityOpt": security,
        "Memory": limits.memory_bytes,
        "PidsLimit": limits.processes,
        "Tmpfs": {"/work": "rw,exec,mode=1777", "/tmp": "rw,exec,mode=1777"},
    }
    # The script comes over standard input, because it names the index, perhaps with a password,
    # and a commit keeps the command and the environment of its container.
    command = f"head -c {script_bytes} > /tmp/set_up.sh; exec /bin/sh /tmp/set_up.sh </dev/null 2>&1"
    return {
        "image": image,
        "command": ["/bin/sh", "-c", command],
        "user": "0:0",
        "stdin_open": True,
        "host_config": host_config,
        "labels": labels,
    }


def _exports(network: NetworkSettings) -> str:
    certificates = None if network.certificates is None else _CERTIFICATES
    env = {
        **network.env_with(certificates),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": "/tmp/uv-cache",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())


async def _install(worker: ContainerWorker, script: str, progress: ReportProgress) -> list[str]:
    """Send the script and report its lines; returns its notes. Raises SetUpError."""
    said = Transcript(progress)
    with suppress(BrokenPipeError):
        await worker.send(script.encode())
    while (line := await worker.receive()) is not None:
        if text := line.decode("utf-8", "replace").rstrip():
            said(text)
    end = await worker.wait()
    if end.status:
        if end.out_of_memory:
            said("The installer ran out of memory.")
        raise set_up_failed(said.tail or end.stderr)
    return said.notes


def _commit(client: APIClient, container: str, tag: str, sentence: str) -> None:
    repository, _, name = tag.partition(":")
    config = {"Labels": {LABEL: "1", _SENTENCE: sentence}}
    client.commit(container, repository=repository, tag=name, conf=config)


def _remove(client: APIClient, container: str) -> None:
    import docker.errors

    with suppress(docker.errors.NotFound):
        client.remove_container(container, force=True, v=True)
