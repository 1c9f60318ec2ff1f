"""The user's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import SettingValue


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Keep these values, by their keys; ``None`` is the default again."""

    values: tuple[tuple[str, SettingValue | None], ...]


@dataclass(frozen=True, slots=True)
class ResetSettings:
    """Every setting is the default again."""


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """Take over what a file says."""

    path: str


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Write every setting to a file."""

    path: str


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Read the file anew: someone may have edited it."""


Command: TypeAlias = ChangeSettings | ResetSettings | ImportSettings | ExportSettings | ReadSettings
