"""Parsing in threads."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.parsing import literal, parse, parse_expression

SOURCE = "\n".join(
    f"def f{n}(a, b):\n    return [x + {n} for x in a if x > b] or {{'k': (a, b)}}\n" for n in range(150)
)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns whenever memory is collected, and memory that is collected all the time."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()

    def give_way(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    gc.callbacks.append(give_way)
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50, 1, 1)
    gc.enable()
    yield
    gc.callbacks.remove(give_way)
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


def test_threads_that_parse_at_once_do_not_end_each_other(hasty: None) -> None:
    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(parse, [SOURCE] * 40))
    assert {len(tree.body) for tree in trees} == {150}


@pytest.mark.filterwarnings("error")
def test_odd_literals_raise_no_warning() -> None:
    assert len(parse("x = '\\d'\n1 is 1\n").body) == 2
    assert parse_expression("'\\d'").body


def test_a_literal_is_its_value_and_a_call_is_none() -> None:
    assert literal(" [1, {'a': None}]") == [1, {"a": None}]
    with pytest.raises(ValueError, match="malformed"):
        literal("open('x')")
