"""What a toolchain makes once, before any repository is seen: such as a compiled standard library.

For the sandboxes that use this computer's programs; an image has its own part made when it is built.
No code of a repository runs here, and workers get the folder to read only.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
from pathlib import Path

from core.rooms import Room, reap_rooms
from core.sandbox import external
from core.sandbox.base import PRIMED, ReportProgress, Toolchain
from core.sandbox.host_programs import HostPrograms
from core.sandbox.words import worker_env

log = logging.getLogger("greenbar.sandbox")

KEPT_FOLDERS = 2
"""Of one toolchain: what is made by a version that is gone is of no use."""
_MOST_SECONDS = 600.0


async def primed_folder(
    cache: Path, toolchain: Toolchain, programs: HostPrograms, progress: ReportProgress
) -> Path | None:
    """The folder that the toolchain's ``prime`` filled, now or before; ``None`` where there is none.

    ``cache`` is Greenbar's cache folder. A failure only makes the first runs slower, so it is logged
    and no more.
    """
    if not toolchain.prime:
        return None
    parent = cache / "primed"
    key = await asyncio.to_thread(_key, toolchain, programs)
    folder = parent / f"{toolchain.name}-{key}"
    if await asyncio.to_thread(folder.is_dir):
        os.utime(folder)
        return folder
    progress(f"Compiling what comes with {toolchain.name}, once", None)
    await asyncio.to_thread(parent.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(reap_rooms, ".", parent)
    room = await asyncio.to_thread(Room, f".{toolchain.name}-", parent)
    try:
        made, home = room.path / "made", room.path / "home"
        made.mkdir()
        home.mkdir()
        env = {**worker_env(os.fspath(home), programs.path), PRIMED: os.fspath(made)}
        command = ["/bin/sh", "-c", toolchain.prime]
        finished = await external.run(command, env=env, seconds=_MOST_SECONDS)
        if finished.status:
            log.warning("%s could not be primed: %s", toolchain.name, finished.tail)
            return None
        await asyncio.to_thread(_publish, made, folder)
    finally:
        await asyncio.to_thread(room.remove)
    await asyncio.to_thread(_prune, parent, toolchain)
    return folder


def _key(toolchain: Toolchain, programs: HostPrograms) -> str:
    """Another for a program that was replaced by another version."""
    digest = hashlib.sha256(repr(toolchain.prime).encode())
    for name in toolchain.programs:
        found = shutil.which(name, path=os.pathsep.join(programs.path))
        if found is not None:
            program = Path(found).resolve()
            status = program.stat()
            digest.update(f"\n{program} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def _publish(made: Path, folder: Path) -> None:
    """Under its name, and read-only: workers have links to these files."""
    for parent, _, names in os.walk(made):
        for name in names:
            Path(parent, name).chmod(0o444)
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another Greenbar was quicker
            raise


def _prune(parent: Path, toolchain: Toolchain) -> None:
    folders = [path for path in parent.glob(f"{toolchain.name}-*") if path.is_dir()]
    folders.sort(key=lambda path: -path.stat().st_mtime)
    for folder in folders[KEPT_FOLDERS:]:
        shutil.rmtree(folder, ignore_errors=True)
