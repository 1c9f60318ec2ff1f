"""Install a repository's packages in a container with network, and keep the result as an image."""

from __future__ import annotations

import asyncio
import hashlib
import platform
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.sandbox.base import Environment, Limits, ReportProgress, SetUpPlan
from core.sandbox.engine import Engine
from core.sandbox.environments import installed_sentence, set_up_failed, uv_program
from core.sandbox.image import LABEL, has_image
from core.sandbox.installer import NetworkSettings, install_script

if TYPE_CHECKING:
    from docker import APIClient

REPOSITORY = "greenbar/env"
TARGET = "/opt/env"
_CERTIFICATES = "/opt/certificates.pem"
_UV = "/opt/uv"
_FETCHED_UV = "/tmp/uv/bin/uv"
_KEPT_LINES = 60


async def set_up_image(
    engine: Engine,
    image: str,
    plan: SetUpPlan,
    copy: Path,
    network: NetworkSettings,
    labels: dict[str, str],
    limits: Limits,
    progress: ReportProgress,
) -> Environment:
    """An image with ``plan`` installed at TARGET on top of ``image``; from the engine's store where
    it is there. Raises SetUpError."""
    key = hashlib.sha256(f"{plan.digest} {image}".encode()).hexdigest()[:12]
    tag = f"{REPOSITORY}:{key}"
    if await engine.call(lambda client: has_image(client, tag)):
        return Environment(tag, "Installed before.")
    uv = await asyncio.to_thread(uv_program) if _same_platform() else None
    loop = asyncio.get_running_loop()

    def on_line(line: str) -> None:
        loop.call_soon_threadsafe(progress, line, None)

    progress("Installing what the tests need", None)
    started = time.monotonic()
    settings = _settings(image, copy, uv, network, labels, limits)
    script = install_script(plan, _UV if uv else _FETCHED_UV, "python3", "/base", "/work", TARGET)
    if uv is None:
        script = f"python3 -m venv /tmp/uv\n/tmp/uv/bin/pip install --quiet uv\n{script}"
    env = _env(network)
    await engine.call(lambda client: _install(client, settings, script, env, tag, on_line))
    return Environment(tag, installed_sentence(plan, time.monotonic() - started))


def _same_platform() -> bool:
    """Whether the host's uv program runs in a container."""
    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc"


def _settings(
    image: str,
    copy: Path,
    uv: Path | None,
    network: NetworkSettings,
    labels: dict[str, str],
    limits: Limits,
) -> dict[str, Any]:
    binds = [f"{copy}:/base:ro"]
    if uv is not None:
        binds.append(f"{uv.resolve()}:{_UV}:ro")
    if network.certificates is not None:
        binds.append(f"{network.certificates}:{_CERTIFICATES}:ro")
    binds += [f"{folder}:{folder}:ro" for folder in network.folders]
    host_config = {
        "Binds": binds,
        "NetworkMode": "host" if network.needs_host_network else "bridge",
        "SecurityOpt": ["no-new-privileges:true"],
        "Memory": limits.memory_bytes,
        "PidsLimit": limits.processes,
        "Init": True,
        "Tmpfs": {"/work": "rw,exec,mode=1777", "/tmp": "rw,exec,mode=1777"},
    }
    command = ["sleep", "infinity"]
    return {"image": image, "command": command, "host_config": host_config, "labels": labels}


def _env(network: NetworkSettings) -> dict[str, str]:
    certificates = None if network.certificates is None else _CERTIFICATES
    return {
        **network.env_with(certificates),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": "/tmp/uv-cache",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def _install(
    client: APIClient,
    settings: dict[str, Any],
    script: str,
    env: dict[str, str],
    tag: str,
    on_line: Callable[[str], None],
) -> None:
    container = client.create_container(**settings)["Id"]
    try:
        client.start(container)
        # The environment goes to the exec and not to the container: a commit would keep it, and an
        # index URL may hold a password.
        command = ["/bin/sh", "-c", script]
        execution = client.exec_create(container, command, environment=env, user="0:0")["Id"]
        tail: deque[str] = deque(maxlen=_KEPT_LINES)
        rest = b""
        for chunk in client.exec_start(execution, stream=True):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in (piece.decode("utf-8", "replace").rstrip() for piece in lines):
                if line:
                    tail.append(line)
                    on_line(line)
        tail.append(rest.decode("utf-8", "replace"))
        if client.exec_inspect(execution)["ExitCode"]:
            raise set_up_failed("\n".join(tail))
        repository, _, name = tag.partition(":")
        changes = f"LABEL {LABEL}=1"
        client.commit(container, repository=repository, tag=name, changes=changes)
    finally:
        client.remove_container(container, force=True, v=True)
