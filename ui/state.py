"""Disposable interface state: recent repositories, sizes. Losing it loses nothing.

One JSON file whose path the caller chooses, written atomically. A file that cannot be read or
understood is ignored.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MAX_RECENT: Final = 12


@dataclass(slots=True)
class RecentRepository:
    """``opened`` is seconds since the epoch; the counts are those of the last finished run."""

    path: str
    name: str
    opened: float = 0.0
    passed: int = 0
    failed: int = 0
    other: int = 0


@dataclass(slots=True)
class UiState:
    """What the window remembers. ``path`` ``None`` keeps it in memory only."""

    path: Path | None = None
    recent: list[RecentRepository] = field(default_factory=list)
    side_by_side: bool = True
    geometry: str = ""
    """Base64 of the window's own geometry."""
    sizes: dict[str, list[int]] = field(default_factory=dict)
    """Splitter sizes in pixels, by the splitter's name."""
    hidden: list[str] = field(default_factory=list)
    """Names of panels that the user has hidden."""

    @classmethod
    def load(cls, path: Path) -> UiState:
        """Read ``path``; unknown or broken content falls back to defaults."""
        state = cls(path=path)
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return state
        if isinstance(data, dict):
            state._take(data)
        return state

    def save(self) -> None:
        """Write atomically. A disk that refuses is ignored: this state is disposable."""
        if self.path is None:
            return
        data = {
            "version": 1,
            "recent": [
                {name: getattr(entry, name) for name in RecentRepository.__slots__}
                for entry in self.recent
            ],
            "side_by_side": self.side_by_side,
            "geometry": self.geometry,
            "sizes": self.sizes,
            "hidden": self.hidden,
        }
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
            fresh.write_text(json.dumps(data, indent=1), encoding="utf-8")
            fresh.replace(self.path)

    def remember(self, path: str, name: str, now: float) -> RecentRepository:
        """Move a repository to the head of the recent ones; returns its entry."""
        entry = next((known for known in self.recent if known.path == path), None)
        if entry is None:
            entry = RecentRepository(path, name)
        else:
            self.recent.remove(entry)
        entry.name, entry.opened = name, now
        self.recent.insert(0, entry)
        del self.recent[MAX_RECENT:]
        return entry

    def forget(self, path: str) -> None:
        self.recent = [entry for entry in self.recent if entry.path != path]

    def _take(self, data: dict[str, Any]) -> None:
        if isinstance(data.get("side_by_side"), bool):
            self.side_by_side = data["side_by_side"]
        if isinstance(data.get("geometry"), str):
            self.geometry = data["geometry"]
        sizes = data.get("sizes")
        if isinstance(sizes, dict):
            self.sizes = {
                str(key): value
                for key, value in sizes.items()
                if isinstance(value, list) and all(type(size) is int for size in value)
            }
        hidden = data.get("hidden")
        if isinstance(hidden, list):
            self.hidden = [name for name in hidden if isinstance(name, str)]
        recent = data.get("recent")
        for item in recent[:MAX_RECENT] if isinstance(recent, list) else ():
            with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
                self.recent.append(
                    RecentRepository(
                        str(item["path"]),
                        str(item["name"]),
                        float(item.get("opened", 0)),
                        int(item.get("passed", 0)),
                        int(item.get("failed", 0)),
                        int(item.get("other", 0)),
                    )
                )
