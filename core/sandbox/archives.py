"""Toolchains without an image registry: their programs from the registries of npm and Go.

Both keep the programs of their language as packages, which is how ``npx node@22`` and Go's own
``GOTOOLCHAIN`` get them. Every archive is checked against the digest in the language file.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from platform import machine
from typing import IO, TYPE_CHECKING

from core.errors import SandboxError
from core.sandbox.base import Archive, ReportProgress, Toolchain
from core.sandbox.registries import go_urls, npm_url
from core.types import Remedy

if TYPE_CHECKING:
    import httpx

_CHUNK = 1024 * 1024
_TIMEOUT_SECONDS = 30.0
_LEFT_OUT = ("include/", "share/", "test/", "api/", "doc/", "docs/", "man/")
"""Headers, documentation and Go's own tests: a third of the whole."""


async def fetch_toolchain(
    toolchain: Toolchain, settings: Mapping[str, str], target: Path, progress: ReportProgress
) -> None:
    """Write the toolchain's archives for this machine as one tar file. Raises SandboxError."""
    wanted = [a for a in toolchain.archives if a.machine in ("", machine())]
    if not wanted:
        raise SandboxError(
            "sandbox.toolchain_machine",
            f"Greenbar knows no {toolchain.name} for computers of the kind {machine()}.",
            (Remedy("Fetch its image", shell=f"docker pull {toolchain.image}"),),
        )
    loop = asyncio.get_running_loop()

    def tell(text: str, fraction: float | None) -> None:
        loop.call_soon_threadsafe(progress, text, fraction)

    await asyncio.to_thread(_fetch_all, toolchain, wanted, settings, target, tell)


def _fetch_all(
    toolchain: Toolchain,
    archives: list[Archive],
    settings: Mapping[str, str],
    target: Path,
    tell: ReportProgress,
) -> None:
    with tarfile.open(target, "w") as made:
        for archive in archives:
            with tempfile.TemporaryFile(dir=target.parent) as file:
                _fetch(toolchain, archive, settings, file, tell)
                (_take_npm if archive.npm else _take_go)(archive, file, made)


def _fetch(
    toolchain: Toolchain,
    archive: Archive,
    settings: Mapping[str, str],
    file: IO[bytes],
    tell: ReportProgress,
) -> None:
    import httpx

    name = archive.npm or archive.go
    urls = (
        (npm_url(settings, archive.npm, archive.version),)
        if archive.npm
        else go_urls(settings, archive.go, archive.version)
    )
    said = "no registry is named"
    with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
        for url in urls:
            file.seek(0)
            file.truncate()
            try:
                _download(client, url, file, lambda done: tell(f"Fetching {name}", done))
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                # Not the address: it may hold a password.
                said = f"{type(error).__name__}"
                continue
            if _digest(archive, file) != archive.digest:
                raise _cannot(toolchain, f"{name} {archive.version} is not the one that it should be.")
            return
    raise _cannot(toolchain, f"{name} {archive.version}: {said}")


def _download(
    client: httpx.Client, url: str, file: IO[bytes], tell: Callable[[float | None], None]
) -> None:
    with client.stream("GET", url) as response:
        response.raise_for_status()
        total, done = int(response.headers.get("content-length", 0)), 0
        for data in response.iter_bytes(_CHUNK):
            file.write(data)
            done += len(data)
            tell(done / total if total else None)


def _digest(archive: Archive, file: IO[bytes]) -> str:
    """npm: Subresource Integrity over the archive. Go: dirhash "h1" over the files in it
    (golang.org/x/mod/sumdb/dirhash)."""
    file.seek(0)
    if archive.npm:
        digest = hashlib.file_digest(file, "sha512").digest()  # type: ignore[arg-type]
        return f"sha512-{base64.b64encode(digest).decode()}"
    lines = []
    try:
        with zipfile.ZipFile(file) as opened:
            for name in sorted(opened.namelist()):
                with opened.open(name) as entry:
                    lines.append(f"{hashlib.file_digest(entry, 'sha256').hexdigest()}  {name}\n")  # type: ignore[arg-type]
    except zipfile.BadZipFile:
        return ""
    digest = hashlib.sha256("".join(lines).encode()).digest()
    return f"h1:{base64.b64encode(digest).decode()}"


def _take_npm(archive: Archive, file: IO[bytes], made: tarfile.TarFile) -> None:
    """An npm package has one folder at its top, called ``package``."""
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:gz") as opened:
        for member in opened:
            inner = member.name.partition("/")[2]
            if member.isfile() and not inner.startswith(_LEFT_OUT):
                is_program = "/bin/" in member.name
                _add(made, archive, inner, opened.extractfile(member), member.size, is_program)


def _take_go(archive: Archive, file: IO[bytes], made: tarfile.TarFile) -> None:
    """A Go module's files are below ``module@version/``; modes are not kept, see cmd/go's toolchain."""
    prefix = f"{archive.go}@{archive.version}/"
    with zipfile.ZipFile(file) as opened:
        for entry in opened.infolist():
            inner = entry.filename.removeprefix(prefix)
            if entry.filename.startswith(prefix) and not inner.startswith(_LEFT_OUT):
                is_program = inner.startswith(("bin/", "pkg/tool/"))
                _add(made, archive, inner, opened.open(entry), entry.file_size, is_program)


def _add(
    made: tarfile.TarFile,
    archive: Archive,
    name: str,
    content: IO[bytes] | None,
    size: int,
    is_program: bool,
) -> None:
    if content is None or ".." in name.split("/"):
        return
    member = tarfile.TarInfo(f"{archive.target}/{name}" if archive.target else name)
    member.size = size
    member.mode = 0o755 if is_program else 0o644
    with content:
        made.addfile(member, content)


def _cannot(toolchain: Toolchain, details: str) -> SandboxError:
    return SandboxError(
        "sandbox.toolchain",
        f"Neither the image {toolchain.image} nor the programs of {toolchain.name} can be fetched.",
        (
            Remedy("Use this computer's own", shell="greenbar fix --sandbox bubblewrap"),
            Remedy("Fetch the image", shell=f"docker pull {toolchain.image}"),
        ),
        details,
    )
