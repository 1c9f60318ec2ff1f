"""The *tools* folder that every sandbox shows to its worker: the worker, its plugin, and pytest.

pytest and what it needs are pure Python and are copied from the distributions that Greenbar itself
runs on, so that a sandbox without network has them. The repository's own pytest still wins: the
worker puts ``site`` at the end of its path.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.errors import SandboxError
from core.rooms import Room, reap_rooms
from core.types import Remedy

INSIDE = Path(__file__).parent / "inside"
DISTRIBUTIONS = ("pytest", "pluggy", "iniconfig", "packaging", "Pygments")
OLD_PYTHON_DISTRIBUTIONS = ("exceptiongroup", "tomli", "typing_extensions")
"""What pytest needs besides on a Python older than ours; copied where they are installed."""

_LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


@dataclass(frozen=True, slots=True)
class Tools:
    """``folder`` is absolute; ``digest`` is a hash (hex) over all that the folder was made of."""

    folder: Path
    digest: str


def make_tools(cache: Path, inside: Path = INSIDE) -> Tools:
    """The tools folder in ``cache``, made where it is not there yet. Blocks on files.

    ``inside`` is the folder of worker modules. Raises SandboxError where Greenbar's own pytest
    cannot be found, or the folder not be written.
    """
    packages = _packages()
    digest = hashlib.sha256()
    sources = sorted([*inside.glob("*.py"), *inside.glob("*.mjs")])
    for source in sources:
        digest.update(f"{source.name}\n".encode() + source.read_bytes())
    for distribution in packages:
        digest.update(f"{distribution.name}=={distribution.version}\n".encode())
    name = digest.hexdigest()
    folder = cache / "tools" / name[:12]
    if not folder.is_dir():
        try:
            _make(folder, sources, packages)
        except OSError as error:
            raise _not_made(cache, error) from error
    return Tools(folder, name)


async def compile_tools(tools: Tools, python: Path) -> None:
    """Write byte code for ``python`` beside the sources, once; saves half a second of each launch."""
    mark = tools.folder / f".compiled-{hashlib.sha256(os.fsencode(python)).hexdigest()[:12]}"
    if await asyncio.to_thread(mark.exists):
        return
    command = [os.fspath(python), "-I", "-m", "compileall", "-q", os.fspath(tools.folder)]
    await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    await asyncio.to_thread(mark.touch)


def _make(folder: Path, sources: list[Path], packages: list[importlib.metadata.Distribution]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    reap_rooms(".making-", folder.parent)
    room = Room(".making-", folder.parent)
    try:
        for source in sources:
            shutil.copyfile(source, room.path / source.name)
        for distribution in packages:
            _copy_distribution(distribution, room.path / "site")
        room.path.chmod(0o755)
        _move_into_place(room.path, folder)
    finally:
        room.remove()


def _not_made(cache: Path, error: OSError) -> SandboxError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        sentence = f"There is no space left for Greenbar's tools in {cache}."
        remedies = (Remedy("Show free space", shell="df -h"),)
        return SandboxError("sandbox.no_space", sentence, remedies, str(error))
    sentence = f"Greenbar's tools cannot be written to {cache}."
    return SandboxError("sandbox.unwritable", sentence, details=str(error))


def _packages() -> list[importlib.metadata.Distribution]:
    found = []
    for name in DISTRIBUTIONS + OLD_PYTHON_DISTRIBUTIONS:
        try:
            found.append(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError as error:
            if name in DISTRIBUTIONS:
                raise SandboxError(
                    "sandbox.tools",
                    f"Greenbar's own copy of {name} is missing.",
                    (Remedy("Install Greenbar again", shell="pip install --force-reinstall pytest"),),
                ) from error
    return found


def _copy_distribution(distribution: importlib.metadata.Distribution, target: Path) -> None:
    for entry in distribution.files or ():
        if ".." in entry.parts or "__pycache__" in entry.parts or entry.name in _LEFT_OUT:
            continue
        source = Path(str(distribution.locate_file(entry)))
        if source.is_file():
            place = target / entry
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)


def _move_into_place(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another Greenbar was quicker, with the same contents
            raise
