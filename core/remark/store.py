"""Refused hunks on disk: one JSON file for each repository, in Greenbar's own data. Blocking."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.atomic import write_atomic
from core.types import Refusal

log = logging.getLogger("greenbar.remarks")


class RefusalStore:
    """Below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, repository: str) -> tuple[Refusal, ...]:
        """What was refused, oldest first; a file that cannot be read counts as none."""
        try:
            kept = json.loads(self._path(repository).read_text("utf-8"))
            return tuple(map(_refusal, kept["refusals"]))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("the refused hunks cannot be read: %r", error)
            return ()

    def save(self, repository: str, refusals: Iterable[Refusal]) -> None:
        """Raises OSError."""
        rows = [
            {
                "id": one.id,
                "path": one.path,
                "lines": list(one.lines),
                "reason": one.reason,
                "targets": list(one.targets),
                "marks": list(one.marks),
            }
            for one in refusals
        ]
        kept = {"repository": repository, "refusals": rows}
        write_atomic(self._path(repository), json.dumps(kept, indent=2).encode())

    def _path(self, repository: str) -> Path:
        name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self._folder / f"{name}.json"


def _refusal(row: dict[str, Any]) -> Refusal:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(map(str, row[name]))

    return Refusal(
        int(row["id"]),
        str(row["path"]),
        texts("lines"),
        str(row["reason"]),
        texts("targets"),
        texts("marks"),
    )
