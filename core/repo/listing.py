"""Which files belong to a working tree: tracked ones, and untracked ones that are not ignored.

Blocking. Checked-out submodules and repositories inside the repository are listed with it, since
tests may need their files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.repo.git import Git
from core.types import RelPath

_GITLINK = b"160000 "


@dataclass(frozen=True, slots=True)
class Listing:
    """Sorted names; some tracked ones may be missing on disk."""

    tracked: tuple[RelPath, ...]
    untracked: tuple[RelPath, ...]

    def __len__(self) -> int:
        return len(self.tracked) + len(self.untracked)


def list_files(root: Path) -> Listing:
    """List the working tree at ``root``. Raises RepositoryError where git cannot."""
    tracked: set[RelPath] = set()
    untracked: set[RelPath] = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        git = Git(root / prefix)
        for entry in _split(git.run("ls-files", "-z", "--stage")):
            head, _, name = entry.partition(b"\t")
            path = prefix + os.fsdecode(name)
            if not head.startswith(_GITLINK):
                tracked.add(path)
            elif _is_checked_out(root / path):
                waiting.append(f"{path}/")
        for name in _split(git.run("ls-files", "-z", "--others", "--exclude-standard")):
            path = prefix + os.fsdecode(name)
            if not path.endswith("/"):
                untracked.add(path)
            elif _is_checked_out(root / path):
                waiting.append(path)
    return Listing(tuple(sorted(tracked)), tuple(sorted(untracked - tracked)))


def _split(output: bytes) -> Iterator[bytes]:
    return (entry for entry in output.split(b"\0") if entry)


def _is_checked_out(folder: Path) -> bool:
    try:
        return stat.S_ISDIR(folder.lstat().st_mode) and (folder / ".git").exists()
    except OSError:
        return False
