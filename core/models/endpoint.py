"""Where an HTTP model server is, and a client for it: addresses, keys, proxies, certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from core.errors import ModelError
from core.models import http_errors

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 300.0
"""Between two pieces; a slow machine may think for minutes about a long prompt."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
DIRECT: Final[Mapping[str, None]] = {
    "all://127.0.0.1": None,
    "all://localhost": None,
    "all://[::1]": None,
}
"""For httpx's ``mounts``: this machine is never asked through a proxy, whatever the environment says."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is. ``base_url`` ends in the version (``.../v1``); the key never shows in a repr."""

    base_url: str
    key: str = field(default="", repr=False)
    key_source: str = ""
    """For people, e.g. ``environment variable OPENAI_API_KEY``."""

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK

    @property
    def root(self) -> str:
        """The address without the version, where llama.cpp has what is not OpenAI's."""
        return self.base_url.rstrip("/").removesuffix("/v1")


def normalise_base_url(text: str) -> str:
    """``host:1234`` -> ``http://host:1234/v1``; an address that has a path keeps it.

    Without a scheme, this machine gets ``http`` and any other ``https``.
    """
    text = text.strip().rstrip("/")
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname or ""
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    return text if urlsplit(text).path else f"{text}/v1"


def http_client(endpoint: Endpoint, read_seconds: float = READ_SECONDS) -> httpx.AsyncClient:
    """A client for this endpoint. HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY hold for other
    machines, SSL_CERT_FILE and SSL_CERT_DIR for all."""
    import httpx

    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    return httpx.AsyncClient(
        base_url=endpoint.base_url.rstrip("/") + "/",
        headers=headers,
        timeout=httpx.Timeout(read_seconds, connect=min(_CONNECT_SECONDS, read_seconds)),
        mounts=DIRECT,
        follow_redirects=True,
    )


def describe(endpoint: Endpoint, model: str) -> http_errors.Server:
    """How sentences name this server."""
    return http_errors.Server(
        f"The server at {without_password(endpoint.base_url)}", model or "this model"
    )


def without_password(url: str) -> str:
    scheme, _, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme or 'http'}://{authority.rpartition('@')[2]}{slash}{path}"


def bad_address(endpoint: Endpoint) -> ModelError:
    sentence = f"{without_password(endpoint.base_url)} is not the address of a server."
    return ModelError("model.bad_address", sentence, (http_errors.LOOK_AGAIN,))
