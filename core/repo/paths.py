"""Which relative paths a patch may name. Pure; what is on disk is :mod:`core.repo.accept`'s question."""

from __future__ import annotations

import os

from core.errors import PatchError
from core.types import RelPath


def check_path(path: RelPath) -> None:
    """Raise PatchError unless ``path`` is relative, POSIX, below the root and outside ``.git``."""
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise _refused(path, "is not a plain path inside the repository")
    if os.name == "nt" and ("\\" in path or ":" in path):
        raise _refused(path, "is not a plain path inside the repository")
    if any(is_git_folder(part) for part in parts):
        raise _refused(path, "lies in git's own folder")


def is_git_folder(part: str) -> bool:
    """True for ``.git`` in every spelling that some file system takes for it (git's verify_dotfile)."""
    bare = part.rstrip(". ").lower().partition(":")[0]
    return bare in (".git", "git~1")


def _refused(path: RelPath, reason: str) -> PatchError:
    return PatchError("patch.path", f"The path {path!r} {reason}, so it cannot be changed.")
