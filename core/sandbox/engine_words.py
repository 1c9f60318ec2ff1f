"""What can be wrong with a container engine, each trouble in its own words and with its own remedy. Pure
but for :meth:`Machine.here`."""

from __future__ import annotations

import grp
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import SandboxError
from core.types import Remedy, SandboxKind

OLDEST_PODMAN = 4
"""Version 3 has no cgroup limits without root and answers an attach differently."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What of this machine decides which command helps."""

    mac: bool = False
    wsl: bool = False
    systemd: bool = True
    in_docker_group: bool = False
    """By the account files; a session that is older than that does not know of it."""

    @classmethod
    def here(cls) -> Machine:
        """Blocks on a few small files."""
        try:
            wsl = "microsoft" in Path("/proc/version").read_text("utf-8").lower()
        except OSError:
            wsl = False
        return cls(
            mac=sys.platform == "darwin",
            wsl=wsl,
            systemd=Path("/run/systemd/system").is_dir(),
            in_docker_group=_in_docker_group(),
        )


def _in_docker_group() -> bool:
    try:
        return os.environ.get("USER", "") in grp.getgrnam("docker").gr_mem
    except KeyError:
        return False


def engine_name(kind: SandboxKind) -> str:
    return "Podman" if kind is SandboxKind.PODMAN else "Docker"


def missing(kind: SandboxKind, machine: Machine) -> SandboxError:
    name = engine_name(kind)
    package = "podman" if kind is SandboxKind.PODMAN else "docker.io"
    sentence, details = f"{name} is not installed.", ""
    shell = f"sudo apt install {package}"
    if machine.mac:
        shell = "brew install --cask docker" if package == "docker.io" else "brew install podman"
    elif machine.wsl and kind is SandboxKind.DOCKER:
        sentence = "Docker is not installed in this Linux of WSL."
        details = "Docker Desktop lends its own: Settings, Resources, WSL integration."
    return SandboxError(
        f"sandbox.{kind}_missing", sentence, (Remedy(f"Install {name}", shell=shell),), details
    )


def start_remedy(kind: SandboxKind, socket: Path | None, machine: Machine) -> Remedy:
    """How an installed engine is started."""
    if kind is SandboxKind.PODMAN:
        return Remedy("Start Podman", shell="systemctl --user start podman.socket")
    desktop = is_desktop(socket)
    if machine.mac:
        shell = "open -a Docker"
    elif desktop:
        shell = "systemctl --user start docker-desktop"
    elif is_rootless(socket):
        shell = "systemctl --user start docker"
    elif machine.wsl and not machine.systemd:
        shell = "sudo service docker start"
    else:
        shell = "sudo systemctl start docker"
    return Remedy("Start Docker Desktop" if desktop else "Start Docker", "start_docker", shell)


def stopped(kind: SandboxKind, socket: Path, machine: Machine, details: str) -> SandboxError:
    """Nobody listens on the socket, or there is none."""
    if kind is SandboxKind.PODMAN:
        sentence = "Podman is installed, but its service is not running."
    elif is_desktop(socket):
        sentence = "Docker Desktop is installed but not running."
    else:
        sentence = "Docker is installed but not running."
    remedy = start_remedy(kind, socket, machine)
    return SandboxError(f"sandbox.{kind}_stopped", sentence, (remedy,), details)


def mute(kind: SandboxKind, socket: Path, machine: Machine, details: str) -> SandboxError:
    """Somebody listens and does not answer."""
    sentence = f"{engine_name(kind)} is installed but does not answer."
    remedy = start_remedy(kind, socket, machine)
    return SandboxError(f"sandbox.{kind}_stopped", sentence, (remedy,), details)


def forbidden(kind: SandboxKind, socket: Path, machine: Machine, details: str) -> SandboxError:
    """No permission on the socket."""
    name = engine_name(kind)
    sentence = f"You may not use {name}: no permission on {socket}."
    if kind is SandboxKind.PODMAN:
        remedy = start_remedy(kind, socket, machine)
    elif machine.in_docker_group:
        sentence = "You may use Docker only after logging in anew: your session is older than that right."
        remedy = Remedy("Log out and in again, or start Greenbar by this", shell="sg docker -c greenbar")
    else:
        remedy = Remedy("Join the docker group, then log in again", shell=_JOIN)
    return SandboxError(f"sandbox.{kind}_permission", sentence, (remedy,), details)


def running(
    kind: SandboxKind, info: Mapping[str, object], version: str, url: str, source: str, has_image: bool
) -> str:
    """What the doctor says of an engine that answers; ``info`` is the engine's own report."""
    name, system = engine_name(kind), str(info.get("OperatingSystem", ""))
    if "Docker Desktop" in system:
        name = "Docker Desktop with Docker"
    options = info.get("SecurityOptions")
    facts = ["rootless"] if isinstance(options, list) and any("rootless" in o for o in options) else []
    cores, memory = info.get("NCPU"), info.get("MemTotal")
    if isinstance(cores, int) and isinstance(memory, int) and memory:
        facts.append(f"{cores} cores, {memory / 1024**3:.0f} GB")
    about = f" ({'; '.join(facts)})" if facts else ""
    where = f" at {url}, which {source} names" if source and not url.startswith("unix://") else ""
    line = f"{name} {version} is running{where}{about}."
    if has_image:
        return line
    return f"{line} The sandbox image is fetched or built before the first run, in about a minute."


def too_old(version: str) -> SandboxError:
    return SandboxError(
        "sandbox.podman_old",
        f"Podman {version} is too old; version {OLDEST_PODMAN} or newer works.",
        (Remedy("Install a newer Podman", shell="sudo apt install podman"),),
    )


def unreachable(
    kind: SandboxKind, url: str, source: str, reset: str, why: str, details: str
) -> SandboxError:
    """A remote engine that cannot be used; ``why`` is a clause: ``the connection was refused``."""
    return SandboxError(
        f"sandbox.{kind}_unreachable",
        f"{engine_name(kind)} at {url} ({source}) cannot be used: {why}.",
        (Remedy("Use the engine of this machine", shell=reset),),
        details,
    )


def blind(kind: SandboxKind, details: str) -> SandboxError:
    """The socket is of this machine, the engine behind it is not, or sees other folders."""
    return SandboxError(
        f"sandbox.{kind}_blind",
        f"{engine_name(kind)} does not see Greenbar's folders, so it cannot be given the private copy.",
        (Remedy("Use bubblewrap", action="use_bubblewrap"),),
        f"{details}\nThis is so where Greenbar itself runs in a container, or where Docker Desktop does "
        "not share the folder (Settings, Resources, File sharing).",
    )


_JOIN = "sudo usermod -aG docker $USER"


def is_desktop(socket: Path | None) -> bool:
    return socket is not None and socket.parent.parent.name == ".docker"


def is_rootless(socket: Path | None) -> bool:
    return socket is not None and socket.is_relative_to("/run/user")
