"""What a source of model files is, and the web one. See also :mod:`core.models.wheel_source`."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, TypeAlias

from core.models.catalogue import CatalogueEntry

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 4.0
_STALL_SECONDS: Final = 20.0
_CHUNK: Final = 1024 * 1024
_ATTEMPTS: Final = 4
"""In a row without a single new byte."""

Received: TypeAlias = Callable[[int], None]
"""Called on the loop's thread with the size of the partial file."""


AskForKey: TypeAlias = Callable[[], Awaitable[str]]
"""Gives a key, or an empty text where there is none."""


class SourceFailed(Exception):
    """This source cannot give the file; the next one is asked. The message is one sentence."""


class Source(Protocol):
    """One place to fetch from. Keeps what it has in ``part`` when it is cancelled or fails."""

    @property
    def name(self) -> str:
        """For people, after *Downloading from*."""

    async def fetch(self, entry: CatalogueEntry, part: Path, received: Received) -> None:
        """Complete ``part``, going on from what is there. Raises SourceFailed."""


class HuggingFaceSource:
    """The file over HTTP, resumed with a Range request. ``HF_ENDPOINT`` names a mirror.

    The first answer must come within seconds: where the host cannot be reached, others can. ``key`` is
    asked only once the host refuses a request without one; public files need none.
    """

    def __init__(self, environ: Mapping[str, str], key: AskForKey | None = None) -> None:
        self._environ = environ
        self._ask_for_key = key
        self._key = ""

    @property
    def name(self) -> str:
        return "Hugging Face"

    def url(self, entry: CatalogueEntry) -> str:
        assert entry.hugging_face is not None
        host = (self._environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        place = entry.hugging_face
        return f"{host}/{place.repository}/resolve/{place.revision}/{entry.file}"

    async def fetch(self, entry: CatalogueEntry, part: Path, received: Received) -> None:
        import httpx

        if entry.hugging_face is None:
            raise SourceFailed("Hugging Face does not have this file.")
        if self._environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
            raise SourceFailed("HF_HUB_OFFLINE is set.")
        timeout = httpx.Timeout(_STALL_SECONDS, connect=_CONNECT_SECONDS)
        verify = await asyncio.to_thread(_certificates, self._environ)
        async with httpx.AsyncClient(timeout=timeout, follow_redirects=True, verify=verify) as client:
            started, fruitless = False, 0
            while (before := size_of(part)) < entry.size_bytes:
                reason: Exception | None = None
                try:
                    await self._go_on(client, entry, part, received)
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    reason = error
                grew = size_of(part) > before
                started, fruitless = started or grew, 0 if grew else fruitless + 1
                # A host that gives nothing at first gives nothing later; a broken download may be mended.
                if not grew and (not started or fruitless == _ATTEMPTS):
                    raise SourceFailed(_why(reason)) from reason
                await asyncio.sleep(0.2 * 2**fruitless)

    async def _go_on(
        self, client: httpx.AsyncClient, entry: CatalogueEntry, part: Path, received: Received
    ) -> None:
        have = size_of(part)
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        if self._key:
            # httpx takes it off where a redirect leads to another host, as to the storage itself.
            headers["Authorization"] = f"Bearer {self._key}"
        async with client.stream("GET", self.url(entry), headers=headers) as response:
            status = response.status_code
            if status not in (401, 403):
                await self._take(response, entry, part, received)
                return
        await self._find_key(status)
        await self._go_on(client, entry, part, received)

    async def _take(
        self, response: httpx.Response, entry: CatalogueEntry, part: Path, received: Received
    ) -> None:
        have = size_of(part)
        if response.status_code not in (200, 206):
            raise SourceFailed(f"Hugging Face answered with status {response.status_code}.")
        start, total = _extent(response)
        if total not in (None, entry.size_bytes):
            raise SourceFailed(f"Hugging Face has a file of {total:,} bytes, not ours.")
        if start not in (0, have):
            raise SourceFailed("Hugging Face sent another part than was asked for.")
        with part.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            await _write(response.aiter_raw(), stream, start, received)

    async def _find_key(self, status: int) -> None:
        """Raises SourceFailed where there is no key that was not yet tried."""
        if self._key or self._ask_for_key is None or not (key := await self._ask_for_key()):
            does = "refused the key" if self._key else "wants a key for this file, HF_TOKEN"
            raise SourceFailed(f"Hugging Face {does} (status {status}).")
        self._key = key


def _certificates(environ: Mapping[str, str]) -> ssl.SSLContext | bool:
    """httpx reads ``SSL_CERT_FILE`` itself; companies set the variables of requests and curl as well."""
    own = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    if not own or environ.get("SSL_CERT_FILE"):
        return True
    try:
        return ssl.create_default_context(cafile=own)
    except OSError as error:
        raise SourceFailed(f"The certificates in {own} cannot be read.") from error


def _why(reason: Exception | None) -> str:
    if reason is None:
        return "Hugging Face failed (no data)."
    if "CERTIFICATE" in str(reason).upper():
        return (
            "Hugging Face shows a certificate that this machine does not trust; "
            "SSL_CERT_FILE names your own certificate authority."
        )
    return f"Hugging Face failed ({type(reason).__name__}: {reason})."


async def _write(chunks: AsyncIterator[bytes], stream: BinaryIO, start: int, received: Received) -> None:
    """Write in large pieces off the loop; whatever ends this, everything received is written."""
    waiting, done = bytearray(), start
    try:
        async for chunk in chunks:
            waiting += chunk
            done += len(chunk)
            received(done)
            if len(waiting) >= _CHUNK:
                full, waiting = waiting, bytearray()
                # Shielded: a cancel must not close the stream under the writing thread.
                writing = asyncio.ensure_future(asyncio.to_thread(stream.write, full))
                try:
                    await asyncio.shield(writing)
                except asyncio.CancelledError:
                    await writing
                    raise
    finally:
        stream.write(waiting)


def _extent(response: httpx.Response) -> tuple[int, int | None]:
    """Where the answer's bytes start in the file, and the file's size where it is told."""
    if response.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
        if found is None:
            raise SourceFailed("Hugging Face did not say which part it sends.")
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None


def size_of(path: Path) -> int:
    """Bytes; 0 where there is no such file."""
    return path.stat().st_size if path.exists() else 0
