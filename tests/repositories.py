"""Real git repositories for tests."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def commit_repository(root: Path, files: Mapping[str, str]) -> Path:
    """Lay out ``files`` below ``root`` and commit them as a new repository's first commit."""
    root.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*identity, "commit", "-q", "--allow-empty", "-m", "start"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root
