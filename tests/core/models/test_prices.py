"""Money for tokens: what is published, at most; nothing on this machine; unknown is unknown."""

from __future__ import annotations

from datetime import date

import pytest

from core.models.prices import Price, PriceList, load_prices
from core.types import TokenUsage

PRICES = PriceList(date(2026, 1, 1), {("anthropic", "m"): Price(3.0, 3.75, 0.3, 15.0)})
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (TokenUsage(), 0.0),
        (TokenUsage(prompt=MILLION), 3.75),
        (TokenUsage(completion=MILLION), 15.0),
        (TokenUsage(prompt=MILLION, cached=MILLION), 0.3),
        (
            TokenUsage(prompt=1000, completion=200, cached=800),
            (200 * 3.75 + 800 * 0.3 + 200 * 15) / MILLION,
        ),
    ],
)
def test_usage_costs_what_the_list_says_at_most(usage: TokenUsage, dollars: float) -> None:
    assert PRICES.cost("anthropic:m", usage) == pytest.approx(dollars)
    assert PRICES.cost("anthropic:m-20260101", usage) == pytest.approx(dollars)


@pytest.mark.parametrize("spec", ["embedded", "embedded:/a/b.gguf", "ollama:qwen3:8b", "none"])
def test_what_runs_on_this_machine_costs_no_money(spec: str) -> None:
    assert PRICES.cost(spec, TokenUsage(1000, 1000)) == 0.0


@pytest.mark.parametrize(
    "spec", ["anthropic:unheard-of", "openai:gpt-5", "endpoint:lab", "ollama:gpt-oss:120b-cloud", ""]
)
def test_what_is_not_known_is_not_guessed(spec: str) -> None:
    assert PRICES.cost(spec, TokenUsage(1000, 1000)) is None


def test_the_list_that_we_ship_is_dated_sourced_and_sensible() -> None:
    prices = load_prices()
    assert date(2026, 11, 1) <= prices.date
    assert all(source.startswith("https://") for source in prices.sources)
    assert prices.price_of("anthropic:claude-haiku-4-5-20251001") == Price(1.0, 1.25, 0.1, 5.0)
    for price in prices.prices.values():
        assert 0 < price.cached < price.prompt < price.written < price.completion
