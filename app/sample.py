"""The bundled sample: a small git repository with failing tests."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from core.errors import RepositoryError

NAME = "parcel"


def make_sample(folder: Path) -> Path:
    """A fresh copy of the sample under ``folder``, which is made where it is missing.

    A copy that is as we made it is used again; one that a user has worked in is kept, and a new one
    made beside it. Raises RepositoryError where it cannot be written.
    """
    from git import Actor, GitError, Repo

    number = 1
    while True:
        target = folder / (NAME if number == 1 else f"{NAME}-{number}")
        if not target.exists():
            break
        if _is_untouched(target):
            return target
        number += 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with as_file(files("resources") / "sample") as source:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        author = Actor("Greenbar", "sample@greenbar.invalid")
        with Repo.init(target, initial_branch="main") as repository:
            repository.git.add(all=True)
            repository.index.commit("Price parcels and print labels", author=author, committer=author)
    except (OSError, GitError) as error:
        raise RepositoryError(
            "sample.failed", f"The sample repository cannot be made in {folder}.", details=str(error)
        ) from error
    return target


def _is_untouched(target: Path) -> bool:
    from git import GitError, Repo

    try:
        with Repo(target) as repository:
            commits = sum(1 for _ in repository.iter_commits(max_count=2))
            return commits == 1 and not repository.is_dirty(untracked_files=True)
    except (OSError, GitError, ValueError):
        return False
