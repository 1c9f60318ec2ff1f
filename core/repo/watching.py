"""Waits for changes of the user's tree that git would see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.git import Git
from core.types import RelPath

QUIET_MS: Final = 400
"""A change is told once nothing has changed for so long: editors write in several steps."""
_MOST: Final = 200
"""Of changed paths are looked at; where there are more, one of them counts."""


async def changes(root: Path) -> AsyncGenerator[tuple[RelPath, ...], None]:
    """Paths that changed, each time that some did; never those that git ignores, nor its own.

    Ends when it is closed or cancelled. Raises RepositoryError where the system cannot watch.
    """
    from watchfiles import DefaultFilter, awatch

    try:
        async for found in awatch(
            root, watch_filter=DefaultFilter(), debounce=4 * QUIET_MS, step=QUIET_MS
        ):
            paths = tuple(sorted({Path(path).relative_to(root).as_posix() for _, path in found}))
            if seen := await asyncio.to_thread(not_ignored, root, paths):
                yield seen
    except OSError as error:
        raise RepositoryError(
            "watch.refused",
            f"The files of {root.name} cannot be watched.",
            details=str(error),
        ) from error


def not_ignored(root: Path, paths: Iterable[RelPath]) -> tuple[RelPath, ...]:
    """Those that git does not ignore. Blocking."""
    some = tuple(paths)[:_MOST]
    if not some:
        return ()
    told = Git(root).ask("check-ignore", "--", *some).output.decode("utf-8", "surrogateescape")
    ignored = set(told.split("\n"))
    return tuple(path for path in some if path not in ignored)
