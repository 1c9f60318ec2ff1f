"""The private copy: the working tree as it is now, in a folder of ours, without ``.git``.

Blocking; :mod:`core.repo.offloop` has the doors for the loop's thread. Everything but Accept works
on this copy, so that the user's tree never changes by accident.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.bulk import LeftOut, OnCopied, choose, copy_files
from core.repo.copying import FileStamp, ShouldStop, SourceUnreadable, stamp
from core.repo.paths import check_path
from core.repo.repository import Repository
from core.rooms import Room, reap_rooms
from core.types import FileChange, Patch, RelPath, Remedy

_PREFIX: Final = "copy-"
_RACY_NS: Final = 2_000_000_000
"""A file changed this shortly before it was copied may change again without a new time stamp (as git's
racy index entries, Documentation/technical/racy-git); its content is compared instead."""


def make_private_copy(
    repository: Repository,
    folder: Path,
    should_stop: ShouldStop = lambda: False,
    on_copied: OnCopied = lambda done, total: None,
) -> PrivateCopy:
    """Copy the working tree into a new folder below ``folder``, which must lie outside of it.

    Tracked files and untracked ones that are not ignored, with their uncommitted changes; modes and
    links are kept. Untracked files that look secret and unreadable ones are left out and listed.
    Copies that a crash has left there are removed first.
    Raises RepositoryError (no space, cannot write) and CopyStopped; both leave nothing behind.
    """
    reap_rooms(_PREFIX, folder)
    copy = PrivateCopy(repository, _new_room(folder))
    try:
        copy.refresh(should_stop, on_copied)
    except BaseException:
        copy.close()
        raise
    return copy


class PrivateCopy:
    """A copy of a working tree. Calls that change it wait for each other, whatever their thread.

    ``root`` is what sandboxes mount; it stays the same folder until :meth:`close`. Files are
    replaced whole, so a reader never sees half of one.
    """

    def __init__(self, repository: Repository, room: Room) -> None:
        """``room`` is the folder to work in."""
        self._repository = repository
        self._room = room
        self._manifest: dict[RelPath, FileStamp] = {}
        self._left_out: tuple[LeftOut, ...] = ()
        self._copied_ns = 0
        self._added: dict[RelPath, bytes] = {}
        self._beneath: dict[RelPath, bytes | None] = {}
        self._changing = threading.RLock()
        self.root = room.path / "tree"
        self.root.mkdir()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return self._left_out

    @property
    def added(self) -> Patch:
        """What :meth:`add` made of the user's files, as a patch of the user's tree."""
        changes = (FileChange(p, self._beneath.get(p), data) for p, data in sorted(self._added.items()))
        return Patch(tuple(change for change in changes if change.before != change.after))

    def files(self) -> tuple[RelPath, ...]:
        """Every file and link, sorted."""
        return tuple(sorted(self._manifest.keys() | self._added.keys()))

    def exists(self, path: RelPath) -> bool:
        return path in self._manifest or path in self._added

    def add(self, files: Mapping[RelPath, bytes]) -> None:
        """Have these files, and only these, in the place of the user's own from the next :meth:`refresh`
        on; none of them: the copy is as the user's tree again."""
        for path in files:
            check_path(path)
        with self._changing:
            self._added = dict(files)

    def read(self, path: RelPath) -> bytes:
        """The content of a file; links are followed inside the copy only.

        Raises RepositoryError where there is no such file, or a link leads out.
        """
        real = self._resolve(path)
        try:
            return real.read_bytes()
        except OSError as error:
            raise RepositoryError(
                "copy.no_file", f"There is no file {path} in the private copy."
            ) from error

    def find(self, path: RelPath) -> bytes | None:
        """As :meth:`read`, with ``None`` for what the copy does not hold, were it behind a link."""
        try:
            return self.read(path) if self.exists(path) else None
        except RepositoryError:
            return None

    def own(self, path: RelPath) -> bytes | None:
        """As :meth:`find`, of the user's file where another was added in its place."""
        return self._beneath[path] if path in self._beneath else self.find(path)

    def refresh(
        self, should_stop: ShouldStop = lambda: False, on_copied: OnCopied = lambda done, total: None
    ) -> tuple[RelPath, ...]:
        """Bring the copy up to date with the user's tree; returns the paths that differed, sorted.

        Raises as :func:`make_private_copy`; after an error the copy is empty, and the next refresh
        fills it anew.
        """
        with self._changing:
            try:
                return self._refresh(should_stop, on_copied)
            except OSError as error:
                self._clear()
                raise _not_copied(self._room.path, error) from error
            except BaseException:
                self._clear()
                raise

    def close(self) -> None:
        """Remove the copy. Idempotent; what cannot be removed is left to the reaper."""
        with self._changing:
            self._room.remove()

    def _refresh(self, should_stop: ShouldStop, on_copied: OnCopied) -> tuple[RelPath, ...]:
        source = self._repository.root
        started = time.time_ns()
        self._take_off()
        paths, secrets = choose(source, self._repository.list_files())
        stale = [path for path in paths if not self._is_current(path)]
        gone = self._manifest.keys() - set(paths)
        known = [path for path in (*stale, *gone) if path in self._manifest]
        for path in known:
            self._remove(path)
        copied = copy_files(source, self.root, stale, should_stop, on_copied)
        self._manifest |= copied.stamps
        self._left_out = (*secrets, *copied.left_out)
        self._copied_ns = started
        self._lay_on()
        return tuple(sorted({*known, *copied.stamps}))

    def _take_off(self) -> None:
        """Remove what was added, so that the user's own is copied anew."""
        for path in self._beneath:
            self._remove(path)
        self._beneath.clear()

    def _lay_on(self) -> None:
        for path, data in self._added.items():
            target = self.root / path
            self._beneath[path] = self.read(path) if path in self._manifest else None
            target.parent.mkdir(parents=True, exist_ok=True)
            # A new file in the old one's place: a link that stood there would lead somewhere else.
            target.unlink(missing_ok=True)
            target.write_bytes(data)

    def _clear(self) -> None:
        """Empty the folder but keep it: sandboxes may have it mounted."""
        self._manifest.clear()
        self._beneath.clear()
        for child in self.root.iterdir():
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()

    def _resolve(self, path: RelPath) -> Path:
        check_path(path)
        base = self.root.resolve()
        try:
            real = (base / path).resolve()
        except (OSError, RuntimeError) as error:  # links in a circle; a RuntimeError before Python 3.13
            raise RepositoryError("copy.no_file", f"{path} is a link that leads nowhere.") from error
        if not real.is_relative_to(base):
            raise RepositoryError("copy.outside", f"{path} is a link that leads out of the repository.")
        return real

    def _is_current(self, path: RelPath) -> bool:
        known = self._manifest.get(path)
        if known is None:
            return False
        source, target = self._repository.root / path, self.root / path
        try:
            now = stamp(source)
            if now == known and (now.is_link or now.ctime_ns < self._copied_ns - _RACY_NS):
                return True
            same = (
                now.mode == known.mode and not now.is_link and filecmp.cmp(source, target, shallow=False)
            )
        except (SourceUnreadable, OSError):
            return False
        if same:
            self._manifest[path] = now
        return same

    def _remove(self, path: RelPath) -> None:
        self._manifest.pop(path, None)
        target = self.root / path
        target.unlink(missing_ok=True)
        for parent in target.parents:
            if parent == self.root or any(parent.iterdir()):
                break
            parent.rmdir()


def _new_room(folder: Path) -> Room:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Room(_PREFIX, folder)
    except OSError as error:
        raise _not_copied(folder, error) from error


def _not_copied(folder: Path, error: OSError) -> RepositoryError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RepositoryError(
            "copy.no_space",
            f"There is no space left for the private copy in {folder}.",
            (Remedy("Show free space", shell="df -h"),),
            str(error),
        )
    return RepositoryError(
        "copy.failed",
        f"The private copy in {folder} cannot be written.",
        details=os.strerror(error.errno or 0),
    )
