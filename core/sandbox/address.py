"""Where a container engine listens: the user's environment and docker's contexts, read as docker does.

The order is docker's own: ``DOCKER_HOST``, then ``DOCKER_CONTEXT``, then the current context of
``config.json``, then the sockets of this machine. Contexts are two small files each; read here and
not by the SDK, which takes a second to import and looks at no environment but the process's own.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import SandboxError
from core.sandbox.engine_words import Machine, missing
from core.types import Remedy, SandboxKind

_PORT, _TLS_PORT = 2375, 2376
_JOINED = {"tcp": "tcp", "http": "tcp", "https": "tcp", "unix": "unix", "ssh": "ssh"}


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of a connection by TLS; ``None`` is the system's authorities, or no certificate."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """``url`` is ``unix:///PATH``, ``tcp://HOST:PORT`` or ``ssh://[USER@]HOST[:PORT][/SOCKET]``."""

    url: str
    tls: TlsFiles | None = None
    source: str = ""
    """Who named it, for people: ``DOCKER_HOST``, ``the context build-box``; empty where it was found."""
    reset: str = ""
    """The command that takes the naming back."""

    @property
    def socket(self) -> Path | None:
        """The path of a UNIX socket, ``None`` for another kind."""
        scheme, _, path = self.url.partition("://")
        return Path(path) if scheme == "unix" else None

    @property
    def is_remote(self) -> bool:
        """Whether the engine may run where it does not see our files.

        A loopback port can be the end of a tunnel, so only a socket file counts as this machine.
        """
        return self.socket is None

    @property
    def host(self) -> str:
        """The host's name, empty for a socket of this machine."""
        return "" if self.socket is not None else urlsplit(self.url).hostname or ""


def find_address(kind: SandboxKind, env: Mapping[str, str]) -> EngineAddress:
    """The engine that the user means. Raises SandboxError where none is installed or named.

    Blocks on a few small files.
    """
    if kind is SandboxKind.PODMAN:
        if host := env.get("CONTAINER_HOST"):
            return _address(kind, host, None, "CONTAINER_HOST", "unset CONTAINER_HOST")
        return _of_this_machine(kind, env)
    if host := env.get("DOCKER_HOST"):
        return _address(kind, host, _tls_of(env), "DOCKER_HOST", "unset DOCKER_HOST")
    if name := env.get("DOCKER_CONTEXT"):
        return _of_context(name, env, "unset DOCKER_CONTEXT")
    return _of_context(_current_context(env), env, "docker context use default")


def _address(
    kind: SandboxKind, host: str, tls: TlsFiles | None, source: str, reset: str
) -> EngineAddress:
    scheme, separator, rest = host.partition("://")
    joined = _JOINED.get(scheme.lower()) if separator else "tcp"
    if scheme.lower() == "https" and tls is None:
        tls = TlsFiles()
    try:
        parts = urlsplit(f"{joined}://{rest if separator else host}")
        named = parts.path.startswith("/") if joined == "unix" else bool(parts.hostname)
        port = parts.port
    except ValueError:
        joined = None
    if joined is None or not named:
        raise SandboxError(
            f"sandbox.{kind}_address",
            f"{source[0].upper()}{source[1:]} is {host}, which is no address that Greenbar knows.",
            (Remedy("Use the engine of this machine", shell=reset),),
            "Known are unix:///PATH, tcp://HOST:PORT and ssh://USER@HOST.",
        )
    if joined == "tcp":
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = port or (_PORT if tls is None else _TLS_PORT)
        return EngineAddress(f"tcp://{name}:{port}", tls, source, reset)
    return EngineAddress(f"{joined}://{rest}", None, source, reset)


def _tls_of(env: Mapping[str, str]) -> TlsFiles | None:
    """As docker's clients read it: a folder of certificates asks for TLS, a second variable for
    the server's own certificate to be checked."""
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    folder = env.get("DOCKER_CERT_PATH") or ""
    if not folder and not verify:
        return None
    return _tls_in(Path(folder) if folder else _config(env), verify)


def _tls_in(folder: Path, verify: bool) -> TlsFiles:
    def there(name: str) -> Path | None:
        path = folder / name
        return path if path.is_file() else None

    return TlsFiles(there("ca.pem"), there("cert.pem"), there("key.pem"), verify)


def _config(env: Mapping[str, str]) -> Path:
    return Path(env.get("DOCKER_CONFIG") or _home(env) / ".docker")


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or Path.home())


def _current_context(env: Mapping[str, str]) -> str:
    try:
        settings = json.loads((_config(env) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "default"
    name = settings.get("currentContext") if isinstance(settings, dict) else None
    return name if isinstance(name, str) and name else "default"


def _of_context(name: str, env: Mapping[str, str], reset: str) -> EngineAddress:
    if name == "default":
        return _of_this_machine(SandboxKind.DOCKER, env)
    folder, digest = _config(env) / "contexts", hashlib.sha256(name.encode()).hexdigest()
    source = f"the context {name}"
    try:
        meta = json.loads((folder / "meta" / digest / "meta.json").read_text("utf-8"))
        endpoint = meta["Endpoints"]["docker"]
        host, skip = str(endpoint["Host"]), bool(endpoint.get("SkipTLSVerify", False))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SandboxError(
            "sandbox.docker_context",
            f"Docker's context {name} does not exist or cannot be read.",
            (Remedy("Use the engine of this machine", shell=reset),),
            repr(error),
        ) from error
    material = folder / "tls" / digest / "docker"
    tls = _tls_in(material, not skip) if material.is_dir() else None
    return _address(SandboxKind.DOCKER, host, tls, source, reset)


def _of_this_machine(kind: SandboxKind, env: Mapping[str, str]) -> EngineAddress:
    podman = kind is SandboxKind.PODMAN
    sockets = _sockets(kind, env)
    for path in sockets:
        if _exists(path):
            return EngineAddress(f"unix://{path}")
    programs = ["podman"] if podman else ["docker", "dockerd"]
    if any(shutil.which(program, path=env.get("PATH")) for program in programs):
        return EngineAddress(f"unix://{sockets[0]}")
    raise missing(kind, Machine.here())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # it is there, in a folder that we may not look into
        return True


def _sockets(kind: SandboxKind, env: Mapping[str, str]) -> list[Path]:
    runtime = env.get("XDG_RUNTIME_DIR")
    if kind is SandboxKind.PODMAN:
        own = [Path(runtime) / "podman/podman.sock"] if runtime else []
        return [*own, Path("/run/podman/podman.sock")]
    rootless = [Path(runtime) / "docker.sock"] if runtime else []
    home = _home(env)
    desktop = [home / ".docker/run/docker.sock", home / ".docker/desktop/docker.sock"]
    return [Path("/var/run/docker.sock"), *rootless, *desktop]
