"""The version of the installed distribution, and the commit of a checkout."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path


def version() -> str:
    """Of ``greenbar-desktop`` as installed; ``unknown`` in a bare checkout."""
    try:
        return metadata.version("greenbar-desktop")
    except metadata.PackageNotFoundError:
        return "unknown"


def exact_version() -> str:
    """In a checkout with its commit, and ``changed`` where files differ from it; figures mean nothing
    without. Blocking."""
    from core.errors import RepositoryError
    from core.repo.git import Git

    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return version()
    try:
        commit = Git(root).run("rev-parse", "--short=10", "HEAD").decode().strip()
        changed = Git(root).run(
            "status", "--porcelain", "--untracked-files=no", "app", "core", "resources"
        )
    except RepositoryError:
        return version()
    return f"{version()} at {commit}{', changed' if changed else ''}"
