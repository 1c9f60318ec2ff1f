"""The user's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import SettingOverride, Settings


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The settings as they now are; ``overrides`` are the open repository's own words."""

    settings: Settings
    overrides: tuple[SettingOverride, ...] = ()


Body: TypeAlias = SettingsChanged
