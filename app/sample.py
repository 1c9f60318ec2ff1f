"""The bundled sample: a small git repository with failing tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

from core.errors import RepositoryError

NAME = "parcel"
_IDENTITY = ("-c", "user.name=Greenbar", "-c", "user.email=sample@greenbar.invalid")


def make_sample(folder: Path) -> Path:
    """A fresh copy of the sample under ``folder``, which a user may have worked in before.

    A copy that is as we made it is used again; one with changes is kept and a new one made beside
    it. Raises RepositoryError where it cannot be written.
    """
    number = 1
    while True:
        target = folder / (NAME if number == 1 else f"{NAME}-{number}")
        if not target.exists():
            break
        if _is_untouched(target):
            return target
        number += 1
    try:
        with as_file(files("resources") / "sample") as source:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        _git(target, "init", "-q", "-b", "main")
        _git(target, "add", "-A")
        _git(target, *_IDENTITY, "commit", "-q", "-m", "Price parcels and print labels")
    except (OSError, subprocess.CalledProcessError) as error:
        raise RepositoryError(
            "sample.failed", f"The sample repository cannot be made in {folder}.", details=str(error)
        ) from error
    return target


def _is_untouched(target: Path) -> bool:
    try:
        changes = _git(target, "status", "--porcelain")
        commits = _git(target, "rev-list", "--count", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return False
    return not changes.strip() and commits.strip() == "1"


def _git(folder: Path, *arguments: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, env=env
    )
    return done.stdout
