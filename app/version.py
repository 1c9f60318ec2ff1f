"""The version of the installed distribution."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Of ``greenbar-desktop`` as installed; ``unknown`` in a bare checkout."""
    try:
        return metadata.version("greenbar-desktop")
    except metadata.PackageNotFoundError:
        return "unknown"
