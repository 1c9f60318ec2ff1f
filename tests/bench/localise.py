"""How long ranking takes in a large project: 2,000 traced tests over 20,000 lines, some of them red."""

from __future__ import annotations

import random
import time

from core.localise.suspects import rank_suspects
from core.types import Frame, Outcome, TestResult
from tests.bench.stats import spread

TESTS = 2_000
FAILING = 20
FILES = 40
FUNCTIONS = 50
"""Of ten lines each, in every file."""
REACHED = 150
"""Functions that one test executes."""
RUNS = 5


def measure_localise() -> dict[str, object]:
    """Seconds for one ranking, and how much there was to rank."""
    chance = random.Random(5)
    sources = {f"app/part{n}.py": _source(n) for n in range(FILES)}
    functions = [(path, 1 + 10 * n) for path in sources for n in range(FUNCTIONS)]
    coverage = {}
    for test in range(TESTS):
        files: dict[str, set[int]] = {}
        for path, first in chance.sample(functions, REACHED):
            files.setdefault(path, set()).update(range(first + 1, first + 9))
        coverage[f"tests/test_app.py::test_{test}"] = {p: frozenset(s) for p, s in files.items()}
    names = list(coverage)
    failures = [
        TestResult(name, Outcome.FAILED, message="AssertionError", frames=(Frame("app/part0.py", 5, ""),))
        for name in names[:FAILING]
    ]
    seconds = []
    for _ in range(RUNS):
        began = time.monotonic()
        suspects = rank_suspects(failures, names[FAILING:], coverage, sources, lambda path: False)
        seconds.append(time.monotonic() - began)
    return {
        "tests": TESTS,
        "lines": sum(text.count("\n") for text in sources.values()),
        "lines_of_a_test": REACHED * 8,
        "suspects": len(suspects),
        "seconds": spread(seconds, 3),
    }


def _source(number: int) -> str:
    return "".join(
        f"def work_{number}_{n}(values, limit=3):\n"
        "    total = 0\n"
        "    for value in values:\n"
        "        if value > limit:\n"
        "            total += value\n"
        "        else:\n"
        f"            total -= work_{number}_{n // 2}(values[1:])\n"
        "    if total < 0:\n"
        "        return -total\n"
        "    return total\n"
        for n in range(FUNCTIONS)
    )
