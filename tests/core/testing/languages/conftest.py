"""One cache for all: tools are made and byte code is compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.testing.languages.suites import share_primed


@pytest.fixture(scope="session")
def languages_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("languages")
    share_primed(cache)
    return cache
