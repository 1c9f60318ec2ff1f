"""A task laid out as a git repository in a folder of its own, without what only the judge may know.

Blocking. There is no history in it: the last commit would tell where the fault is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from core.bench.values import BenchTask
from core.errors import RepositoryError
from core.repo.paths import check_path
from core.types import RelPath

SET_FILE: Final = "bench.toml"
"""What a set says of its repositories; no concern of the engine."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A task's repository, and the files that were kept back."""

    root: Path
    kept_back: Mapping[RelPath, bytes]

    def put_back(self) -> None:
        """Lay the judge's files over the repository as it is now."""
        for path, data in self.kept_back.items():
            _write(self.root, path, data)


def lay_out(task: BenchTask, folder: Path) -> LaidOut:
    """Make the task's repository below ``folder``. Raises RepositoryError."""
    root = folder / (re.sub(r"[^\w.-]+", "-", task.id.rsplit("/", 1)[-1]).strip(".-") or "task")
    kept_back = {path: text.encode("utf-8", "surrogateescape") for path, text in task.held_out.items()}
    try:
        version = ""
        if task.repository:
            version = _clone(task.repository, task.commit, root)
            kept_back |= _keep_back(root, task.hidden)
        for path, text in {**task.files, **task.changes}.items():
            _write(root, path, text.encode("utf-8", "surrogateescape"))
        _commit(root, version)
    except OSError as error:
        raise RepositoryError(
            "bench.layout", f"The task {task.id} cannot be laid out in {folder}.", details=str(error)
        ) from error
    return LaidOut(root, kept_back)


def _clone(source: str, commit: str, root: Path) -> str:
    """The files of a commit (empty: the last one); returns the newest tag, by which some builds know
    their version."""
    from git import GitError, Repo

    try:
        with Repo.clone_from(source, root) as clone:
            if commit:
                clone.git.checkout("--quiet", "--detach", commit)
            names = clone.git.describe(tags=True, always=True, abbrev=0)
            version = names if names in {tag.name for tag in clone.tags} else ""
    except GitError as error:
        raise RepositoryError(
            "bench.clone", f"The repository {source} cannot be cloned.", details=str(error)
        ) from error
    return version


def _keep_back(root: Path, patterns: tuple[str, ...]) -> dict[RelPath, bytes]:
    """Take away what the patterns name; the bytes of it, but for what the set says of itself."""
    taken: dict[RelPath, bytes] = {}
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        if name == SET_FILE:
            path.unlink()
        elif any(fnmatchcase(name, pattern) for pattern in patterns):
            taken[name] = path.read_bytes()
            path.unlink()
    return taken


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(root).parts:
            yield path


def _write(root: Path, path: RelPath, data: bytes) -> None:
    check_path(path)
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _commit(root: Path, version: str) -> None:
    """Everything as the only commit, tagged with ``version``."""
    import shutil

    from git import Actor, GitError, Repo

    shutil.rmtree(root / ".git", ignore_errors=True)
    author = Actor("Greenbar bench", "bench@greenbar.invalid")
    try:
        with Repo.init(root, initial_branch="main") as repository:
            repository.git.add(all=True, force=True)
            repository.index.commit("Start", author=author, committer=author, skip_hooks=True)
            if version:
                repository.create_tag(version)
    except GitError as error:
        raise RepositoryError(
            "bench.commit", f"Git could not make a repository in {root}.", details=str(error)
        ) from error
