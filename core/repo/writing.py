"""Writes single files of the user's tree: where a path really leads, atomic replacement, deletion.

Blocking. The only module of core that changes the user's files; :mod:`core.repo.accept` says when.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from core.errors import RepositoryError
from core.repo.journal import sync_folder
from core.repo.paths import check_path, is_git_folder
from core.types import RelPath, Remedy


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: ``real`` has no link in it and lies inside the repository."""

    path: RelPath
    real: Path


@dataclass(frozen=True, slots=True)
class Found:
    """What is on disk: content and permission bits, both ``None`` where there is no file."""

    data: bytes | None = None
    mode: int | None = None


def locate(root: Path, path: RelPath) -> Place:
    """Follow the links of ``path``. Raises RepositoryError where they leave the repository."""
    check_path(path)
    base = root.resolve()
    real = (base / path).resolve()
    if not real.is_relative_to(base) or real == base:
        raise RepositoryError("accept.outside", f"{path} is a link that leads out of the repository.")
    if any(is_git_folder(part) for part in real.relative_to(base).parts):
        raise RepositoryError("accept.outside", f"{path} is a link into git's own folder.")
    if (base / path).is_symlink() and not real.exists():
        raise RepositoryError("accept.outside", f"{path} is a link that leads nowhere.")
    return Place(path, real)


def look(place: Place) -> Found:
    """Read what is there. Raises RepositoryError for a folder, pipe or device; OSError."""
    try:
        status = place.real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return Found()
    if not stat.S_ISREG(status.st_mode):
        raise RepositoryError("accept.not_a_file", f"{place.path} is not a regular file.")
    return Found(place.real.read_bytes(), stat.S_IMODE(status.st_mode))


def check_replaceable(root: Path, path: RelPath, found: Found, *, deletes: bool) -> None:
    """Raise RepositoryError for a file that its owner has made read-only, or a link to be deleted."""
    if found.mode is not None and not found.mode & 0o222:
        raise RepositoryError(
            "accept.read_only",
            f"{path} is read-only. Nothing was written.",
            (Remedy("Make it writable", shell=f"chmod u+w {shlex.quote(str(root / path))}"),),
        )
    if deletes and (root / path).is_symlink():
        raise RepositoryError("accept.link", f"{path} is a link and will not be deleted.")


def stage(place: Place, temporary: Path, data: bytes, mode: int | None) -> None:
    """Write ``data`` durably to ``temporary``, dressed as the file that it will replace.

    Owner, permission bits and extended attributes come from that file; where there is none,
    ``mode`` or the user's umask decides. Raises OSError.
    """
    temporary.unlink(missing_ok=True)
    flags = (
        os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    exists = place.real.exists()
    adopt_owner(temporary, place.real if exists else place.real.parent)
    if exists:
        shutil.copystat(place.real, temporary)
        os.utime(temporary)  # a build tool must see that the file is new
    elif mode is not None:
        temporary.chmod(mode)


def adopt_owner(path: Path, model: Path) -> None:
    """Give ``path`` the owner of ``model`` where we may: root leaves none of its own in a tree."""
    wanted, has = model.stat(), path.stat()
    if (wanted.st_uid, wanted.st_gid) != (has.st_uid, has.st_gid) and hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(path, wanted.st_uid, wanted.st_gid)


def put(place: Place, temporary: Path) -> None:
    """Let the staged file take its place, at once. Raises OSError."""
    temporary.replace(place.real)
    sync_folder(place.real.parent)


def delete(place: Place) -> None:
    """Raises OSError."""
    place.real.unlink(missing_ok=True)
    sync_folder(place.real.parent)


def missing_folders(root: Path, path: RelPath) -> list[RelPath]:
    """The folders above ``path`` that do not exist, outermost first."""
    parts = path.split("/")[:-1]
    folders = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return [folder for folder in folders if not (root / folder).exists()]


def make_folder(folder: Path) -> None:
    """Raises OSError; a folder that is there already is fine."""
    if not folder.is_dir():
        folder.mkdir()
        adopt_owner(folder, folder.parent)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder; one that holds something or is gone stays as it is."""
    with contextlib.suppress(OSError):
        folder.rmdir()
