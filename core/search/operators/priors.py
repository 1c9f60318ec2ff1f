"""How often each kind of change repairs real bugs; the figures and their sources are data, in
``resources/operators.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@lru_cache(maxsize=1)
def priors() -> Mapping[str, float]:
    """A weight in 0..1 for each operator, by its name."""
    text = files("resources").joinpath("operators.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@lru_cache(maxsize=1)
def highest() -> float:
    return max(priors().values())
