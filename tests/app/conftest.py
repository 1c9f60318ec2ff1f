"""The program as a user runs it: a real process, its own home, repositories of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from tests.conftest import NO_CASES
from tests.repositories import commit_repository

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "quixbugs-dev.jsonl"
MODEL_FILE = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        return json.loads(self.out)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of the program: its own home, the machine's model file."""
    model = Path(platformdirs.user_data_dir("greenbar")) / "models" / MODEL_FILE
    named = {} if "GREENBAR_MODEL" in os.environ else {"GREENBAR_MODEL": str(model)}
    return {**os.environ, **named, "GREENBAR_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}


@pytest.fixture
def greenbar(environment: dict[str, str]) -> Callable[..., Ran]:
    """``greenbar("fix", path, ...)`` as a process of its own."""

    def run(*arguments: str | Path, timeout: float = 180.0, **extra: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "app.main", *map(str, arguments)],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def commit(tmp_path: Path) -> Callable[..., Path]:
    """Make a git repository with one commit, at a path with a space and letters beyond ASCII."""

    def make(files: Mapping[str, str], name: str = "ein Projekt ü") -> Path:
        return commit_repository(tmp_path / name, files)

    return make


@pytest.fixture
def case(commit: Callable[..., Path]) -> Callable[[str], Path]:
    """A task of the shared cases, laid out as a git repository."""

    def lay_out(name: str) -> Path:
        if not CASES.is_file():
            pytest.skip(NO_CASES)
        for line in CASES.read_text().splitlines():
            task = json.loads(line)
            if task["id"].endswith(f"/{name}"):
                return commit(task["files"], name)
        raise AssertionError(f"there is no case {name}")

    return lay_out
