"""A container engine: Docker, or Podman through the same protocol, on this machine or another.

The docker SDK blocks, so every call goes to a small pool of threads. What it raises becomes a
SandboxError here and nowhere else. Attached streams are ours: the SDK has them only as blocking sockets,
and not over TLS or ssh.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from core.errors import SandboxError
from core.sandbox import engine_words as words
from core.sandbox.address import EngineAddress, TlsFiles, find_address
from core.sandbox.ssh_bridge import SshBridge, why_not
from core.types import Remedy, SandboxKind

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")
CALL_SECONDS = 300
PING_SECONDS = 1.5
REMOTE_PING_SECONDS = 12.0
"""Another machine may be far away, and ssh takes its time to greet."""
_THREADS = 4
_OLDEST_API = "1.24"


class Engine:
    """One engine. Made by :func:`find_engine`; ``close`` it in the end."""

    def __init__(self, kind: SandboxKind, address: EngineAddress) -> None:
        self.kind = kind
        self.address = address
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=kind.value)
        self._client: APIClient | None = None
        ssh = address.url.startswith("ssh://")
        self._bridge = SshBridge(kind, address.url) if ssh else None
        self._socket = address.socket

    @property
    def name(self) -> str:
        """``Docker``, or ``Docker on build-box`` for another machine."""
        name = words.engine_name(self.kind)
        return f"{name} on {self.address.host}" if self.address.is_remote else name

    async def check(self) -> None:
        """Raise SandboxError unless the engine answers: within PING_SECONDS, or REMOTE_PING_SECONDS."""
        if self.address.is_remote:
            await self._check_remote()
        else:
            await self._in_pool(self._check_local)

    async def call(self, work: Callable[[APIClient], T]) -> T:
        """Run ``work`` with the client in a thread. Raises SandboxError for all the SDK raises.

        ``work`` may be run in several threads at once, as the SDK's client allows.
        """
        import docker.errors
        import requests

        await self._start_bridge()
        try:
            return await self._in_pool(lambda: work(self._connected()))
        except docker.errors.ImageNotFound as error:
            raise SandboxError(
                "sandbox.image_missing", f"{self.name} no longer has the image.", details=str(error)
            ) from error
        except docker.errors.DockerException as error:
            if "bind source path does not exist" in str(error) or "ounts denied" in str(error):
                raise words.blind(self.kind, str(error)) from error
            raise SandboxError(
                "sandbox.engine", f"{self.name} refused a request.", details=str(error)
            ) from error
        except requests.exceptions.RequestException as error:
            remedies = () if self.address.is_remote else (self._start_remedy(),)
            raise SandboxError(
                "sandbox.engine_lost", f"{self.name} stopped answering.", remedies, str(error)
            ) from error

    def new_client(self, seconds: float) -> APIClient:
        """A client of its own, for work with another time limit; asks for the version, so it blocks.

        Only within :meth:`call`, which sees to the connection first.
        """
        from docker import APIClient

        address = self.address
        if self._socket is not None:
            return APIClient(base_url=f"unix://{self._socket}", version="auto", timeout=seconds)
        tls = _sdk_tls(address.tls) if address.tls else False

        def client(version: str) -> APIClient:
            made = APIClient(base_url=address.url, version=version, timeout=seconds, tls=tls)
            # Else REQUESTS_CA_BUNDLE would beat the certificates of the address, a proxy would stand
            # between, and .netrc would be sent; "auto" would ask for the version before this line.
            made.trust_env = False
            return made

        with contextlib.closing(client(_OLDEST_API)) as asking:
            newest = str(asking.version(api_version=False)["ApiVersion"])
        return client(newest)

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A raw connection to the engine. Raises SandboxError."""
        await self._start_bridge()
        try:
            if self._socket is not None:
                return await asyncio.open_unix_connection(self._socket)
            parts = urlsplit(self.address.url)
            tls = _context(self.address.tls) if self.address.tls else None
            return await asyncio.open_connection(parts.hostname, parts.port, ssl=tls)
        except OSError as error:
            raise SandboxError(
                "sandbox.engine_lost", f"{self.name} stopped answering.", details=str(error)
            ) from error

    async def close(self) -> None:
        """Close the connections and end the threads."""

        def close() -> None:
            if self._client is not None:
                self._client.close()

        await self._in_pool(close)
        self._pool.shutdown(wait=False)
        if self._bridge is not None:
            await self._bridge.close()

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _start_bridge(self) -> None:
        if self._bridge is not None:
            self._socket = await self._bridge.start()

    def _connected(self) -> APIClient:
        if self._client is None:
            self._client = self.new_client(CALL_SECONDS)
        return self._client

    def _start_remedy(self) -> Remedy:
        return words.start_remedy(self.kind, self.address.socket, words.Machine.here())

    # --- is it there? -----------------------------------------------------------------------------

    def _check_local(self) -> None:
        self._try_socket()
        import docker.errors
        import requests

        assert self._socket is not None
        try:
            self._ping(PING_SECONDS)
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            raise words.mute(self.kind, self._socket, words.Machine.here(), str(error)) from error

    def _try_socket(self) -> None:
        """Tell the plain troubles apart before the SDK folds them into one message."""
        path = self._socket
        assert path is not None
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(PING_SECONDS)
            try:
                trial.connect(os.fspath(path))
            except PermissionError as error:
                raise words.forbidden(self.kind, path, words.Machine.here(), str(error)) from error
            except OSError as error:
                raise words.stopped(self.kind, path, words.Machine.here(), str(error)) from error

    def _ping(self, seconds: float) -> None:
        client = self.new_client(seconds)
        try:
            if self.kind is SandboxKind.PODMAN:
                version = str(client.version()["Version"])
                if int(version.partition(".")[0]) < words.OLDEST_PODMAN:
                    raise words.too_old(version)
            else:
                client.ping()
        finally:
            client.close()

    async def _check_remote(self) -> None:
        import docker.errors
        import requests

        try:
            async with asyncio.timeout(REMOTE_PING_SECONDS):
                if self._bridge is None:
                    # Its errors say more than those of the SDK.
                    _, writer = await self.dial()
                    writer.close()
                await self._start_bridge()
                await self._in_pool(lambda: self._ping(REMOTE_PING_SECONDS))
        except TimeoutError as error:
            raise self._unreachable("it does not answer", "") from error
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            if self._bridge is not None:
                raise self._unreachable(why_not(self._bridge.said), self._bridge.said) from error
            raise self._unreachable(_why_not_http(str(error)), str(error)) from error
        except SandboxError as error:
            if isinstance(error.__cause__, OSError):
                why = _why_not(error.__cause__)
                raise self._unreachable(why, str(error.__cause__)) from error
            raise

    def _unreachable(self, why: str, details: str) -> SandboxError:
        address = self.address
        return words.unreachable(self.kind, address.url, address.source, address.reset, why, details)


def find_engine(kind: SandboxKind, environ: Mapping[str, str] | None = None) -> Engine:
    """The engine that the user means. Raises SandboxError where none is installed."""
    return Engine(kind, find_address(kind, os.environ if environ is None else environ))


def read_only(source: Path | str, target: str) -> dict[str, object]:
    """A bind mount as the engine's API has it; the short form cannot say a path with a colon."""
    return {"Type": "bind", "Source": os.fspath(source), "Target": target, "ReadOnly": True}


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files.authority and os.fspath(files.authority))
    if not files.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files.certificate is not None and files.key is not None:
        context.load_cert_chain(files.certificate, files.key)
    return context


def _sdk_tls(files: TlsFiles) -> object:
    from docker.tls import TLSConfig

    def text(path: Path | None) -> str | None:
        return None if path is None else os.fspath(path)

    pair = (text(files.certificate), text(files.key)) if files.certificate and files.key else None
    return TLSConfig(client_cert=pair, ca_cert=text(files.authority), verify=files.verify)


def _why_not(error: OSError) -> str:
    """A failed connection as a clause."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message})"
        case ssl.SSLError():
            return "it does not speak TLS with the certificates that are set"
        case socket.gaierror():
            return "its name is unknown"
        case ConnectionRefusedError():
            return "the connection was refused"
        case FileNotFoundError():
            return "a certificate file is missing"
        case _:
            return "it cannot be reached"


def _why_not_http(text: str) -> str:
    if "HTTP request to an HTTPS server" in text:
        return "it wants TLS, and no certificates are set"
    if "certificate required" in text or "bad certificate" in text or "EOF occurred" in text:
        return "it wants a certificate of ours, and the one that is set is refused"
    return "it does not answer as an engine does"
