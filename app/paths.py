"""Where Greenbar keeps its own files; never inside a user's repository."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "greenbar"


@dataclass(frozen=True, slots=True)
class Paths:
    """``config`` is the user's to edit, ``data`` must last, ``cache`` can be made again, ``state`` is
    disposable window state."""

    config: Path
    data: Path
    cache: Path
    state: Path
    logs: Path

    @property
    def models(self) -> Path:
        return self.data / "models"


def find_paths(home: str | None = None) -> Paths:
    """The platform's folders, or all of them under ``home`` (default: ``$GREENBAR_HOME``)."""
    home = home or os.environ.get("GREENBAR_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Paths(root / "config", root / "data", root / "cache", root / "state", root / "logs")
    return Paths(
        config=platformdirs.user_config_path(APP, appauthor=False),
        data=platformdirs.user_data_path(APP, appauthor=False),
        cache=platformdirs.user_cache_path(APP, appauthor=False),
        state=platformdirs.user_state_path(APP, appauthor=False),
        logs=platformdirs.user_log_path(APP, appauthor=False),
    )
