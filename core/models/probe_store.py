"""Probe results on disk, by what tells one model from any other. Blocks on the disk."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.atomic import write_atomic
from core.types import EditFormat, FormatScore, Grade, ProbeResult, TokenUsage

_LOG = logging.getLogger("greenbar.models")


class ProbeStore:
    """One JSON file. What cannot be read is measured again, and so is no error."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, fingerprint: str) -> ProbeResult | None:
        row = self._rows().get(fingerprint)
        if row is None:
            return None
        try:
            return _from_row(row)
        except (KeyError, TypeError, ValueError) as error:
            _LOG.warning("the probe result of %s cannot be read: %r", fingerprint, error)
            return None

    def put(self, fingerprint: str, result: ProbeResult) -> None:
        """Raises OSError."""
        rows = {**self._rows(), fingerprint: asdict(result)}
        write_atomic(self._path, json.dumps(rows, indent=1).encode())

    def _rows(self) -> dict[str, Any]:
        try:
            rows = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return rows if isinstance(rows, dict) else {}


def _from_row(row: dict[str, Any]) -> ProbeResult:
    scores = tuple(FormatScore(**{**s, "format": EditFormat(s["format"])}) for s in row["formats"])
    return ProbeResult(
        **{
            **row,
            "grade": Grade(row["grade"]),
            "edit_format": EditFormat(row["edit_format"]),
            "formats": scores,
            "tokens": TokenUsage(**row["tokens"]),
        }
    )
