"""How much context a machine's memory allows, and how large a model."""

from __future__ import annotations

import pytest

from core.models.memory import choose_context, largest_file, memory_needed

GB = 1024**3
CACHE = 28 * 1024


@pytest.mark.parametrize(
    ("wanted", "trained", "free", "context"),
    [
        (8192, 32768, 16 * GB, 8192),
        (16384, 4096, 16 * GB, 4096),  # more than it was trained for helps nobody
        (32768, 0, None, 32768),  # a machine that does not tell
        (32768, 32768, int(2.6 * GB), 8192),
        (8192, 32768, int(0.5 * GB), 2048),  # the least, though even that does not fit
        (1000, 32768, int(0.5 * GB), 1000),
    ],
)
def test_the_context_is_the_largest_that_fits(
    wanted: int, trained: int, free: int | None, context: int
) -> None:
    assert choose_context(GB, CACHE, wanted, trained, free) == context


def test_the_largest_file_that_fits_really_fits() -> None:
    for free in (GB, 3 * GB, 64 * GB):
        assert memory_needed(largest_file(free), 2048) <= free
        assert memory_needed(largest_file(free) + GB // 10, 2048) > free
    assert largest_file(100 * 1024**2) == 0
