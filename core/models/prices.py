"""What a model's answers cost: money for usage, from the dated ``resources/models/prices.toml``.

Where a price is not known, neither is the cost: ``None``, never a guess.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from core.types import TokenUsage

_MILLION: Final = 1_000_000
_ON_THIS_MACHINE: Final = ("embedded", "ollama", "scripted", "none")
_SNAPSHOT: Final = re.compile(r"-20\d{6}$")
"""The date that some names carry: ``claude-haiku-4-5-20251001``."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. ``written`` is for prompt tokens that the server keeps."""

    prompt: float
    written: float
    cached: float
    completion: float


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by kind of server and model, as they were on ``date``; ``sources`` are addresses."""

    date: date
    prices: Mapping[tuple[str, str], Price]
    sources: tuple[str, ...] = ()

    def price_of(self, spec: str) -> Price | None:
        """``spec`` is what ``--model`` takes; ``None`` where the price is not known."""
        kind, _, model = spec.partition(":")
        return self.prices.get((kind, _SNAPSHOT.sub("", model)))

    def cost(self, spec: str, usage: TokenUsage) -> float | None:
        """US dollars at most; 0 for a model that runs on this machine, ``None`` where not known.

        At most, because usage does not tell which prompt tokens the server kept: all of those that it
        had not seen are counted at the dearer of the two prices, so that no budget is overdrawn.
        """
        kind, _, model = spec.partition(":")
        if kind in _ON_THIS_MACHINE:
            # What Ollama passes on to its makers' machines is paid for by subscription.
            return None if kind == "ollama" and model.endswith("-cloud") else 0.0
        price = self.price_of(spec)
        if price is None:
            return None
        new = max(0, usage.prompt - usage.cached)
        dollars = new * max(price.prompt, price.written)
        dollars += usage.cached * price.cached + usage.completion * price.completion
        return dollars / _MILLION


@cache
def load_prices() -> PriceList:
    text = resources.files("resources").joinpath("models", "prices.toml").read_text("utf-8")
    return parse_prices(tomllib.loads(text))


def parse_prices(data: Mapping[str, Any]) -> PriceList:
    """Raises KeyError, TypeError for what is no list of prices."""
    prices = {
        (source["kind"], row["model"]): Price(
            row["prompt"], row["written"], row["cached"], row["completion"]
        )
        for source in data["source"]
        for row in source["price"]
    }
    return PriceList(data["date"], prices, tuple(source["url"] for source in data["source"]))
