"""Fixtures of core: the embedded model's file."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from core.models.catalogue import default_entry


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The embedded model's file, or a skip."""
    folder = Path(platformdirs.user_data_dir("greenbar")) / "models"
    path = Path(os.environ.get("GREENBAR_MODEL") or folder / default_entry().file)
    if not path.is_file():
        pytest.skip(f"the embedded model is not at {path}; `greenbar models pull` fetches it")
    return path
