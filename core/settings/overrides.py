"""What an open repository says instead of the user, in ``greenbar.toml`` or ``[tool.greenbar]``.

A repository is not trusted with the user's time and money: it may lower a ceiling, never raise it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.repo.settings import OWN_FILE, PYPROJECT, RepositorySettings, SearchSettings, read_settings
from core.settings.check import shown
from core.types import Budget, SettingOverride


def overrides_of(root: Path) -> tuple[SettingOverride, ...]:
    """The words of the repository at ``root``. Blocks on the disk; raises UsageError for wrong ones."""
    said = read_settings(root)
    place = OWN_FILE if (root / OWN_FILE).is_file() else PYPROJECT
    return tuple(SettingOverride(key, text, place) for key, text in _words(said))


def lowered(budget: Budget, said: SearchSettings) -> Budget:
    """``budget`` under the repository's ceilings. Zero tokens stand for no ceiling."""
    seconds = min(budget.seconds, said.seconds) if said.seconds else budget.seconds
    tokens = min(budget.tokens or said.tokens, said.tokens) if said.tokens else budget.tokens
    return replace(budget, seconds=seconds, tokens=tokens)


def _words(said: RepositorySettings) -> list[tuple[str, str]]:
    values = (
        ("search.seconds", said.search.seconds),
        ("search.tokens", said.search.tokens),
        ("search.strategy", said.search.strategy),
        ("tests.timeout", said.tests.timeout),
    )
    return [(key, shown(value)) for key, value in values if value]
