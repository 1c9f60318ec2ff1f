"""How files of this machine get into containers: bound where the engine sees them, else sent in volumes.

A container reads them and never writes them. What the two ways have in common is :class:`Shown`.
"""

from __future__ import annotations

import asyncio
import os
import stat
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias

from core.errors import SandboxError
from core.sandbox.engine import Engine, read_only

if TYPE_CHECKING:
    from docker import APIClient

Mount: TypeAlias = dict[str, object]
"""One mount, as the engine's API has it."""
_Manifest: TypeAlias = dict[str, tuple[int, ...]]
"""What tells a changed file, by its path from the volume's root."""
_IN_MEMORY = 16 * 1024**2
_FILLING = "/shown"


class Shown(Protocol):
    """One for each sandbox; safe to call from several tasks."""

    async def mounts(self, files: Mapping[str, Path]) -> list[Mount]:
        """Mounts that show, read-only, each file or folder at its target (an absolute path inside).

        Files are put together by their targets' folder, of which nothing else can be seen then.
        Raises SandboxError.
        """

    async def close(self) -> None:
        """Take back what was sent."""


class BindShown:
    """For an engine on this machine: what changes here is changed there at once."""

    async def mounts(self, files: Mapping[str, Path]) -> list[Mount]:
        return [read_only(source, target) for target, source in files.items()]

    async def close(self) -> None:
        return


@dataclass(slots=True)
class _Volume:
    name: str
    sent: _Manifest = field(default_factory=dict)


class VolumeShown:
    """For an engine elsewhere: everything is sent into volumes of ours, and anew what has changed.

    A file that is gone makes a new volume, because an engine can only add files to one.
    """

    def __init__(
        self,
        engine: Engine,
        labels: Mapping[str, str],
        image: Callable[[], str],
        owner: Callable[[], tuple[int, int]],
    ) -> None:
        """``image`` is any that the engine has; ``owner`` the uid and gid that files get there."""
        self._engine = engine
        self._labels = dict(labels)
        self._image = image
        self._owner = owner
        self._volumes: dict[str, _Volume] = {}
        self._old: list[str] = []
        self._lock = asyncio.Lock()

    async def mounts(self, files: Mapping[str, Path]) -> list[Mount]:
        roots: dict[str, dict[str, Path]] = {}
        for target, source in files.items():
            place = PurePosixPath(target)
            if await asyncio.to_thread(source.is_dir):
                roots[target] = {"": source}
            else:
                roots.setdefault(str(place.parent), {})[place.name] = source
        async with self._lock:
            return [_volume_mount(await self._sent(root), target) for target, root in roots.items()]

    async def close(self) -> None:
        async with self._lock:
            names = [*self._old, *(volume.name for volume in self._volumes.values())]
            self._volumes, self._old = {}, []
            for name in names:
                with suppress(SandboxError):
                    await self._engine.call(partial(remove_volume, name=name))

    async def _sent(self, root: Mapping[str, Path]) -> str:
        """The volume that holds ``root`` as it is now."""
        key = repr(sorted((name, os.fspath(path)) for name, path in root.items()))
        wanted = await asyncio.to_thread(_manifest, root)
        volume = self._volumes.get(key)
        if volume is not None and not _fits(volume.sent, wanted):
            # Workers that still use it read it to their end; it goes with the sandbox.
            self._old.append(volume.name)
            volume = None
        if volume is None:
            volume = _Volume(f"greenbar-{uuid.uuid4().hex[:12]}")
            self._volumes[key] = volume
            made = volume.name
            await self._engine.call(lambda client: client.create_volume(made, labels=self._labels))
        changed = {name for name, state in wanted.items() if volume.sent.get(name) != state}
        if changed:
            await self._fill(volume.name, root, changed)
            volume.sent = wanted
        return volume.name

    async def _fill(self, volume: str, root: Mapping[str, Path], changed: set[str]) -> None:
        """Put files into a volume, through a container that is never started."""

        def work(client: APIClient) -> None:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as archive:
                _write_archive(archive, root, changed, self._owner())
                archive.seek(0)
                mount = {"Type": "volume", "Source": volume, "Target": _FILLING}
                made = client.create_container(
                    self._image(), ["true"], labels=self._labels, host_config={"Mounts": [mount]}
                )["Id"]
                try:
                    client.put_archive(made, _FILLING, archive)
                finally:
                    client.remove_container(made, force=True)

        await self._engine.call(work)


def remove_volume(client: APIClient, name: str) -> None:
    """Remove a volume, unless another Greenbar was quicker or a container still has it."""
    import docker.errors

    with suppress(docker.errors.APIError):
        client.remove_volume(name, force=True)


def _volume_mount(name: str, target: str) -> Mount:
    options = {"NoCopy": True}
    return {
        "Type": "volume",
        "Source": name,
        "Target": target,
        "ReadOnly": True,
        "VolumeOptions": options,
    }


def _fits(sent: _Manifest, wanted: _Manifest) -> bool:
    """Whether files can be added to what was sent and give what is wanted."""
    return all(
        name in wanted and stat.S_IFMT(wanted[name][0]) == stat.S_IFMT(state[0])
        for name, state in sent.items()
    )


def _manifest(root: Mapping[str, Path]) -> _Manifest:
    found: _Manifest = {}
    for name, path in _entries(root):
        with suppress(FileNotFoundError):
            # A file that is named itself may be a link; inside a folder, links stay links.
            found[name] = _state(path.stat() if name in root else path.lstat())
    return found


def _state(status: os.stat_result) -> tuple[int, ...]:
    if stat.S_ISDIR(status.st_mode):
        return (status.st_mode,)
    return (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _entries(root: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Folders, files and links with their names in the volume; folders before what is in them."""
    for name, path in root.items():
        if name:
            yield name, path
        else:
            yield from _below(path, "")


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name, path = f"{prefix}{entry.name}", folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield name, path
            yield from _below(path, f"{name}/")
        elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
            yield name, path


def _write_archive(
    target: IO[bytes], root: Mapping[str, Path], chosen: set[str], owner: tuple[int, int]
) -> None:
    # Packed lightly: most links are slower than that.
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        for name, path in _entries(root):
            if name not in chosen:
                continue
            real = path.resolve() if name in root else path
            member = archive.gettarinfo(os.fspath(real), name)
            if member.islnk():  # a name that shares its file with another one
                member.type, member.linkname = tarfile.REGTYPE, ""
                member.size = real.stat().st_size
            member.uid, member.gid = owner
            member.uname = member.gname = ""
            if member.isreg():
                with real.open("rb") as data:
                    archive.addfile(member, data)
            else:
                archive.addfile(member)
