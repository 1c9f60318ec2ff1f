"""A container engine behind a local socket: Docker, or Podman through the same protocol.

The docker SDK blocks, so every call goes to a small pool of threads. What it raises becomes a
SandboxError here and nowhere else.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.errors import SandboxError
from core.types import Remedy, SandboxKind

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")
CALL_SECONDS = 300
PING_SECONDS = 1.5
_THREADS = 4


class Engine:
    """One engine. Made by :func:`find_engine`; ``close`` it in the end."""

    def __init__(self, kind: SandboxKind, path: Path) -> None:
        """``path`` is the engine's UNIX socket."""
        self.kind = kind
        self.path = path
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=kind.value)
        self._client: APIClient | None = None

    @property
    def name(self) -> str:
        return "Podman" if self.kind is SandboxKind.PODMAN else "Docker"

    async def check(self) -> None:
        """Raise SandboxError unless the engine answers within PING_SECONDS."""
        await self._in_pool(self._check)

    async def call(self, work: Callable[[APIClient], T]) -> T:
        """Run ``work`` with the client in a thread. Raises SandboxError for all the SDK raises.

        ``work`` may be run in several threads at once, as the SDK's client allows.
        """
        import docker.errors
        import requests

        try:
            return await self._in_pool(lambda: work(self._connected()))
        except docker.errors.ImageNotFound as error:
            raise SandboxError(
                "sandbox.image_missing", f"{self.name} no longer has the image.", details=str(error)
            ) from error
        except docker.errors.DockerException as error:
            raise SandboxError(
                "sandbox.engine", f"{self.name} refused a request.", details=str(error)
            ) from error
        except requests.exceptions.RequestException as error:
            raise SandboxError(
                "sandbox.engine_lost", f"{self.name} stopped answering.", _start(self.kind), str(error)
            ) from error

    async def close(self) -> None:
        """Close the connections and end the threads."""

        def close() -> None:
            if self._client is not None:
                self._client.close()

        await self._in_pool(close)
        self._pool.shutdown(wait=False)

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _connected(self) -> APIClient:
        if self._client is None:
            self._client = new_client(self.path, CALL_SECONDS)
        return self._client

    def _check(self) -> None:
        self._try_socket()
        import docker.errors
        import requests

        try:
            client = new_client(self.path, PING_SECONDS)
            try:
                client.ping()
            finally:
                client.close()
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            raise SandboxError(
                f"sandbox.{self.kind}_stopped",
                f"{self.name} is installed but does not answer.",
                _start(self.kind),
                str(error),
            ) from error

    def _try_socket(self) -> None:
        """Tell the plain troubles apart before the SDK folds them into one message."""
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(PING_SECONDS)
            try:
                trial.connect(os.fspath(self.path))
            except PermissionError as error:
                raise SandboxError(
                    f"sandbox.{self.kind}_permission",
                    f"You may not use {self.name}: no permission on {self.path}.",
                    (Remedy("Join the docker group, then log in again", shell=_JOIN),),
                    str(error),
                ) from error
            except OSError as error:
                raise SandboxError(
                    f"sandbox.{self.kind}_stopped",
                    f"{self.name} is installed but not running.",
                    _start(self.kind),
                    str(error),
                ) from error


def new_client(path: Path, seconds: float) -> APIClient:
    """A client of the SDK; asks the engine for its version, so it blocks."""
    from docker import APIClient

    return APIClient(base_url=f"unix://{path}", version="auto", timeout=seconds)


def find_engine(kind: SandboxKind, environ: dict[str, str] | None = None) -> Engine:
    """The engine of this machine. Raises SandboxError where none is installed."""
    env = dict(os.environ) if environ is None else environ
    podman = kind is SandboxKind.PODMAN
    variable = "CONTAINER_HOST" if podman else "DOCKER_HOST"
    programs = ["podman"] if podman else ["docker", "dockerd"]
    if host := env.get(variable):
        if not host.startswith("unix://"):
            raise SandboxError(
                f"sandbox.{kind}_remote",
                f"{variable} names another machine, which cannot see the private copy.",
                (Remedy("Use the engine of this machine", shell=f"unset {variable}"),),
            )
        return Engine(kind, Path(host.removeprefix("unix://")))
    sockets = _sockets(kind, env)
    for path in sockets:
        if path.exists():
            return Engine(kind, path)
    if any(shutil.which(program, path=env.get("PATH")) for program in programs):
        return Engine(kind, sockets[0])
    name, package = ("Podman", "podman") if podman else ("Docker", "docker.io")
    raise SandboxError(
        f"sandbox.{kind}_missing",
        f"{name} is not installed.",
        (Remedy(f"Install {name}", shell=f"sudo apt install {package}"),),
    )


def read_only(source: Path | str, target: str) -> dict[str, object]:
    """A bind mount as the engine's API has it; the short form cannot say a path with a colon."""
    return {"Type": "bind", "Source": os.fspath(source), "Target": target, "ReadOnly": True}


_JOIN = "sudo usermod -aG docker $USER"


def _sockets(kind: SandboxKind, env: dict[str, str]) -> list[Path]:
    runtime = env.get("XDG_RUNTIME_DIR")
    home = Path(env.get("HOME") or Path.home())
    if kind is SandboxKind.PODMAN:
        own = [Path(runtime) / "podman/podman.sock"] if runtime else []
        return [*own, Path("/run/podman/podman.sock")]
    rootless = [Path(runtime) / "docker.sock"] if runtime else []
    desktop = [home / ".docker/run/docker.sock", home / ".docker/desktop/docker.sock"]
    return [Path("/var/run/docker.sock"), *rootless, *desktop]


def _start(kind: SandboxKind) -> tuple[Remedy, ...]:
    if kind is SandboxKind.PODMAN:
        return (Remedy("Start Podman", shell="systemctl --user start podman.socket"),)
    shell = "open -a Docker" if sys.platform == "darwin" else "sudo systemctl start docker"
    return (Remedy("Start Docker", action="start_docker", shell=shell),)
