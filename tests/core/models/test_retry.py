"""When a failed request is worth another try."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.models.retry import NEVER, Retries, asked_pause

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_tried_again_after_doubling_pauses_with_jitter(status: int) -> None:
    retries = Retries(count=3, base=1.0)
    assert [retries.pause(n, status, "", None, lambda: 0.5) for n in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert retries.pause(1, status, "", None, lambda: 0.0) == 0.75
    assert retries.pause(1, status, "", None, lambda: 1.0) == 1.25
    assert retries.pause(4, status, "", None, lambda: 0.5) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((status, "") for status in (400, 401, 402, 404)),
        (429, '{"code": "insufficient_quota"}'),
        (500, "model requires more system memory"),
    ],
)
def test_what_lasts_is_not(status: int, body: str) -> None:
    assert Retries().pause(1, status, body, None, lambda: 0.5) is None
    assert NEVER.pause(1, 429, "", None, lambda: 0.5) is None


def test_the_server_names_the_pause_unless_it_is_too_long() -> None:
    assert Retries().pause(1, 429, "", 7.0, lambda: 0.5) == 7.0
    assert Retries().pause(1, 429, "", 3600.0, lambda: 0.5) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_the_header_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, NOW) == seconds
