"""An Ollama server as such: where it is, what it has, what its troubles mean, fetching a model.

All through the ``ollama`` package, which is imported on first use (0.2 s).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from core.errors import ModelError
from core.models import http_errors
from core.models.endpoint import DIRECT
from core.models.progress import DownloadProgress, SpeedMeter
from core.types import Remedy

if TYPE_CHECKING:
    import ollama

_DEFAULT_PORT: Final = 11434
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_CONNECT_SECONDS: Final = 5.0
_STALLED_SECONDS: Final = 120.0
_UPDATE: Final = Remedy("Update Ollama", shell="curl -fsSL https://ollama.com/install.sh | sh")
_TOO_OLD: Final = re.compile(r"newer version of ollama|unknown model architecture", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OllamaModelRecord:
    """One model of Ollama's list."""

    name: str
    size_bytes: int


def normalise_host(text: str | None) -> str:
    """The URL that ``OLLAMA_HOST`` means to a client, whichever way it is spelt.

    The same variable tells the server where to listen, so it may hold ``0.0.0.0``, which a client
    cannot connect to everywhere; that becomes this machine. The port is 11434 unless a scheme is given,
    as in Ollama's own ``envconfig.Host``.
    """
    text = (text or "").strip().strip("\"'").strip()
    scheme, found, rest = text.rpartition("://")
    if not found:
        scheme = "http"
    port = {"http": 80, "https": 443}.get(scheme, _DEFAULT_PORT) if found else _DEFAULT_PORT
    if rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"  # a bare IPv6 address
    parts = urlsplit(f"{scheme}://{rest}")
    host = _ANY_ADDRESS.get(parts.hostname or "", parts.hostname or "")
    with contextlib.suppress(ValueError):  # not a number: the default, as Ollama does
        port = parts.port or port
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port}{parts.path.rstrip('/')}"


async def is_listening(host: str, seconds: float = 0.5) -> bool:
    """True where something accepts connections at ``host`` (a normalised URL); costs no import."""
    parts = urlsplit(host)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, parts.port), seconds)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def list_models(host: str, seconds: float = 5.0) -> tuple[OllamaModelRecord, ...]:
    """What ``ollama list`` shows. Raises ModelError after ``seconds`` at most."""
    client = connect(host, seconds)
    try:
        answer = await client.list()
    except package_errors() as error:
        raise translate(error, describe(host, "")) from error
    finally:
        await client.close()  # type: ignore[no-untyped-call]
    return tuple(OllamaModelRecord(row.model, int(row.size or 0)) for row in answer.models if row.model)


async def digest(host: str, model: str, seconds: float = 5.0) -> str:
    """What tells this very model from any other of its name; empty where it is not there. Raises
    ModelError."""
    client = connect(host, seconds)
    try:
        answer = await client.list()
    except package_errors() as error:
        raise translate(error, describe(host, model)) from error
    finally:
        await client.close()  # type: ignore[no-untyped-call]
    names = (model, f"{model}:latest")
    return next((row.digest or "" for row in answer.models if row.model in names), "")


async def version(host: str, seconds: float = 5.0) -> tuple[int, ...]:
    """The server's version, e.g. ``(0, 17, 4)``; empty where it does not tell. Raises ModelError."""
    import httpx

    server = describe(host, "")
    try:
        async with httpx.AsyncClient(timeout=seconds, mounts=DIRECT) as client:
            response = await client.get(f"{host}/api/version")
    except httpx.HTTPError as error:
        raise http_errors.from_transport(server, error) from error
    if response.status_code == 404:
        return ()
    text = str(http_errors.read_json(server, response).get("version", ""))
    return tuple(int(number) for number in re.findall(r"\d+", text.partition("-")[0]))


async def pull(
    host: str, model: str, *, insecure: bool = False
) -> AsyncGenerator[DownloadProgress, None]:
    """Have Ollama fetch a model; raises ModelError. Closing the generator stops the download, and
    Ollama keeps what it has for the next time. ``insecure`` allows a registry without a certificate."""
    client = connect(host, _STALLED_SECONDS)
    layers: dict[str, tuple[int, int]] = {}
    meter: SpeedMeter | None = None
    known = 0
    try:
        stream: AsyncIterator[ollama.ProgressResponse] = await client.pull(
            model, insecure=insecure, stream=True
        )
        parts = cast("AsyncGenerator[ollama.ProgressResponse, None]", stream)
        async with aclosing(parts):
            async for part in parts:
                if not part.digest or not part.total:
                    continue
                layers[part.digest] = (part.completed or 0, part.total)
                total = sum(whole for _, whole in layers.values())
                if meter is None or total != known:
                    meter, known = SpeedMeter("Fetching with Ollama", total, time.monotonic), total
                yield meter.at(sum(done for done, _ in layers.values()))
    except package_errors() as error:
        raise translate(error, describe(host, model)) from error
    finally:
        await client.close()  # type: ignore[no-untyped-call]


async def delete(host: str, model: str) -> None:
    """What ``ollama rm`` does. Raises ModelError."""
    client = connect(host, _STALLED_SECONDS)
    try:
        await client.delete(model)
    except package_errors() as error:
        raise translate(error, describe(host, model)) from error
    finally:
        await client.close()  # type: ignore[no-untyped-call]


def connect(host: str, seconds: float) -> ollama.AsyncClient:
    """A client for ``host`` (normalised); ``seconds`` between two pieces of an answer."""
    import httpx
    import ollama

    return ollama.AsyncClient(
        host=host,
        timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
        mounts=DIRECT,
    )


def describe(host: str, model: str) -> http_errors.Server:
    """How sentences name the server, and what mends it."""
    return http_errors.Server(
        title="Ollama" if urlsplit(host).hostname in _LOOPBACK else f"Ollama at {host}",
        model=model or "this model",
        absent=Remedy("Start Ollama", shell="ollama serve"),
        model_missing=Remedy("Fetch it with Ollama", shell=f"ollama pull {model}".strip()),
    )


def package_errors() -> tuple[type[Exception], ...]:
    """What the package raises: its own, httpx's where a stream begins, and those of bad JSON."""
    import httpx
    import ollama

    return (ollama.ResponseError, httpx.HTTPError, httpx.InvalidURL, ConnectionError, ValueError)


def translate(error: Exception, server: http_errors.Server) -> ModelError:
    """One of :func:`package_errors` in our words."""
    import httpx
    import ollama

    match error:
        case ollama.ResponseError() if _TOO_OLD.search(error.error):
            sentence = f"{server.title} is too old for {server.model}."
            return ModelError("model.server_old", sentence, (_UPDATE,), error.error)
        case ollama.ResponseError() if "file does not exist" in error.error:
            return http_errors.from_status(server, 404, error.error)
        case ollama.ResponseError() if error.status_code < 0:
            return http_errors.from_status(server, 500, error.error)
        case ollama.ResponseError():
            return http_errors.from_status(server, error.status_code, error.error)
        case httpx.HTTPError():
            return http_errors.from_transport(server, error)
        case ConnectionError():
            sentence = f"{server.title} is not running."
            return ModelError("model.unreachable", sentence, (server.absent,), str(error))
        case json.JSONDecodeError() if http_errors.looks_like_html("", error.doc):
            return http_errors.not_an_api(server, error.doc, 200)
        case json.JSONDecodeError():
            return http_errors.bad_stream(server, error.doc)
        case _:  # pydantic's ValidationError: JSON of another shape
            return http_errors.bad_stream(server, str(error))
