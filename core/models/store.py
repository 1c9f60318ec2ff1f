"""Where model files are, and whether they may be trusted. Blocking work runs off the loop.

A file of the catalogue is trusted once its SHA-256 has been checked; that is remembered with its size
and modification time, so that a start does not read a gigabyte again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

from core.models.catalogue import CatalogueEntry
from core.models.embedded_errors import damaged
from core.models.gguf import read_facts

_CHUNK: Final = 4 * 1024 * 1024
_RECORDS: Final = "verified.json"

OnBytes: TypeAlias = Callable[[int], None]
"""Called on the loop's thread with the bytes done so far."""


@dataclass(frozen=True, slots=True)
class _Record:
    size: int
    mtime_ns: int
    sha256: str


class ModelStore:
    """The models folder, and the places where a user may already have the file.

    ``environ`` and ``home`` say where those places are; ``GREENBAR_MODEL`` names a file outright.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], home: Path | None = None) -> None:
        self.folder = folder
        self._environ = environ
        self._home = home if home is not None else Path.home()

    def path(self, entry: CatalogueEntry) -> Path:
        """Where a download of this entry ends up."""
        return self.folder / entry.file

    def lock(self, entry: CatalogueEntry) -> Path:
        """Held by the one program that downloads or deletes this entry."""
        return self.folder / f"{entry.file}.lock"

    @property
    def named(self) -> Path | None:
        """The file that the user named by ``GREENBAR_MODEL``; it may be any GGUF file."""
        text = self._environ.get("GREENBAR_MODEL", "").strip()
        return Path(text).expanduser() if text else None

    def find(self, entry: CatalogueEntry, given: Path | None = None) -> Path | None:
        """A file of the right size in any known place, the models folder first. Not yet verified."""
        for path in self._places(entry, given):
            try:
                if path.stat().st_size == entry.size_bytes:
                    return path
            except OSError:
                continue
        return None

    def is_known_bad(self, path: Path, entry: CatalogueEntry) -> bool:
        """True where this very file was checked before, found damaged, and has not changed since."""
        record = self._records().get(str(path.resolve()))
        return (
            record is not None and record.sha256 != entry.sha256 and record == _stamp(path, record.sha256)
        )

    def is_verified(self, path: Path, entry: CatalogueEntry) -> bool:
        """True where this very file was checked before and has not changed since."""
        record = self._records().get(str(path.resolve()))
        return record is not None and record == _stamp(path, entry.sha256)

    async def verify(
        self,
        path: Path,
        entry: CatalogueEntry | None,
        on_bytes: OnBytes | None = None,
        *,
        again: bool = False,
    ) -> None:
        """Check the file, reading it whole at most once unless ``again``. ``None`` for a file that no
        catalogue knows: only its header is looked at. Raises ModelError ``model.file_damaged``, and for
        such a file those of :func:`core.models.gguf.read_facts`."""
        if entry is None:
            await asyncio.to_thread(read_facts, path)
            return
        if not again and await asyncio.to_thread(self.is_verified, path, entry):
            return
        found = await _digest(path, on_bytes)
        await asyncio.to_thread(self._remember, path, found)
        if found != entry.sha256:
            raise damaged(path, f"SHA-256 is {found}, should be {entry.sha256}")

    async def digest(self, path: Path, *, known_only: bool = False) -> str:
        """SHA-256 of a file, read at most once; with ``known_only`` empty where that has not been."""

        def known() -> str:
            record = self._records().get(str(path.resolve()))
            return record.sha256 if record and record == _stamp(path, record.sha256) else ""

        found = await asyncio.to_thread(known)
        if found or known_only:
            return found
        found = await _digest(path, None)
        await asyncio.to_thread(self._remember, path, found)
        return found

    async def trust(self, path: Path, entry: CatalogueEntry) -> None:
        """Remember that this file has just been checked, perhaps under another name."""
        await asyncio.to_thread(self._remember, path, entry.sha256)

    def forget(self, entry: CatalogueEntry) -> int:
        """Delete the file of this entry, whole or partial, and return the bytes that it took. Blocks.

        Only what is in the models folder: elsewhere, it belongs to another program. Raises OSError.
        """
        freed = 0
        part = part_of(self.path(entry))
        for path in (self.path(entry), part, part.with_name(f"{part.name}.json")):
            with contextlib.suppress(FileNotFoundError):
                freed += path.stat().st_size
                path.unlink()
        return freed

    def _places(self, entry: CatalogueEntry, given: Path | None) -> list[Path]:
        places = [path for path in (given, self.named, self.path(entry)) if path is not None]
        if entry.hugging_face is not None:
            repository = entry.hugging_face.repository
            snapshots = (
                self._hugging_face_cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
            )
            places += sorted(snapshots.glob(f"*/{entry.file}"))
            for studio in (".lmstudio/models", ".cache/lm-studio/models"):
                places.append(self._home / studio / repository / entry.file)
        return places

    def _hugging_face_cache(self) -> Path:
        if cache := self._environ.get("HF_HUB_CACHE"):
            return Path(cache)
        if home := self._environ.get("HF_HOME"):
            return Path(home) / "hub"
        cache_home = self._environ.get("XDG_CACHE_HOME") or self._home / ".cache"
        return Path(cache_home) / "huggingface" / "hub"

    def _records(self) -> dict[str, _Record]:
        try:
            rows = json.loads((self.folder / _RECORDS).read_text("utf-8"))
            return {path: _Record(**row) for path, row in rows.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}  # disposable: the worst is that a file is read once more

    def _remember(self, path: Path, sha256: str) -> None:
        stamp = _stamp(path, sha256)
        if stamp is None:
            return
        records = {known: record for known, record in self._records().items() if Path(known).exists()}
        records[str(path.resolve())] = stamp
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({known: asdict(record) for known, record in records.items()}, indent=1)
        temporary = self.folder / f".{_RECORDS}.{os.getpid()}"
        temporary.write_text(text, "utf-8")
        temporary.replace(self.folder / _RECORDS)


def part_of(path: Path) -> Path:
    """Where a download grows that will be ``path``."""
    return path.with_name(f"{path.name}.part")


def _stamp(path: Path, sha256: str) -> _Record | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Record(status.st_size, status.st_mtime_ns, sha256)


async def _digest(path: Path, on_bytes: OnBytes | None) -> str:
    """SHA-256 of a file, hex; ends soon after the task is cancelled."""
    loop = asyncio.get_running_loop()
    cancelled = threading.Event()

    def work() -> str:
        digest, done = hashlib.sha256(), 0
        with path.open("rb") as stream:
            while not cancelled.is_set() and (chunk := stream.read(_CHUNK)):
                digest.update(chunk)
                done += len(chunk)
                if on_bytes is not None and not cancelled.is_set():
                    loop.call_soon_threadsafe(on_bytes, done)
        return digest.hexdigest()

    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise damaged(path, str(error)) from error
    finally:
        cancelled.set()
