"""Chooses what goes into a private copy and copies it with several threads.

Blocking. Copying small files is nearly all system calls, which release the interpreter lock, so
threads pay even on two cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from core.repo.copying import CopyStopped, FileStamp, ShouldStop, SourceGone, SourceUnreadable, copy_entry
from core.repo.listing import Listing
from core.repo.secret_files import looks_secret
from core.types import RelPath

_BATCH: Final = 256
_THREADS: Final = min(8, (os.cpu_count() or 2) + 2)

OnCopied: TypeAlias = Callable[[int, int], None]
"""Called with files done and files in all, on the thread that asked for the copy."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the copy. ``reason`` is a short phrase, such as ``looks like a secret``."""

    path: RelPath
    reason: str


@dataclass(slots=True)
class Copied:
    """What a round of copying brought."""

    stamps: dict[RelPath, FileStamp] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


def choose(root: Path, listing: Listing) -> tuple[list[RelPath], list[LeftOut]]:
    """The listed files to copy; and what is left out of the untracked ones: those that look secret, and
    virtual environments, which belong to this computer and are made anew in the sandbox.

    A file behind a linked folder is not chosen: it lies elsewhere, and the link itself is listed.
    """
    environments = {
        str(PurePosixPath(path).parent)
        for path in listing.untracked
        if PurePosixPath(path).name == "pyvenv.cfg"
    } - {"."}
    untracked = [path for path in listing.untracked if environments.isdisjoint(_ancestors(path))]
    secret = [LeftOut(path, "looks like a secret") for path in untracked if looks_secret(path)]
    refused = {left.path for left in secret}
    paths = [*listing.tracked, *(path for path in untracked if path not in refused)]
    linked = {parent for parent in _parents(paths) if (root / parent).is_symlink()}
    if linked:
        paths = [path for path in paths if linked.isdisjoint(_ancestors(path))]
    return paths, [*secret, *(LeftOut(path, "is a virtual environment") for path in sorted(environments))]


def copy_files(
    root: Path, target: Path, paths: Sequence[RelPath], should_stop: ShouldStop, on_copied: OnCopied
) -> Copied:
    """Copy ``paths`` from ``root`` to ``target``, where none of them exists.

    Raises CopyStopped, or OSError for a trouble on the copy's side.
    """
    for parent in sorted(_parents(paths)):
        (target / parent).mkdir(parents=True, exist_ok=True)
    copied = Copied()
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="greenbar-copy")
    try:
        running = [pool.submit(_copy_batch, root, target, batch, should_stop) for batch in batches]
        for done in as_completed(running):
            batch = done.result()
            copied.stamps |= batch.stamps
            copied.left_out += batch.left_out
            on_copied(len(copied.stamps) + len(copied.left_out), len(paths))
    finally:
        pool.shutdown(cancel_futures=True)
    return copied


def _copy_batch(root: Path, target: Path, paths: Sequence[RelPath], should_stop: ShouldStop) -> Copied:
    copied = Copied()
    for path in paths:
        if should_stop():
            raise CopyStopped
        try:
            copied.stamps[path] = copy_entry(root / path, target / path, root, should_stop)
        except SourceGone:
            continue
        except SourceUnreadable as error:
            copied.left_out.append(LeftOut(path, str(error)))
    return copied


def _parents(paths: Iterable[RelPath]) -> set[RelPath]:
    """Every folder above any of the paths."""
    found: set[RelPath] = set()
    for path in paths:
        for parent in _ancestors(path):
            if parent in found:
                break
            found.add(parent)
    return found


def _ancestors(path: RelPath) -> list[RelPath]:
    """The folders above a path, nearest first, without the root."""
    ancestors: list[RelPath] = []
    while "/" in path:
        path = path.rpartition("/")[0]
        ancestors.append(path)
    return ancestors
