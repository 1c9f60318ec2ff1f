"""The watch over an answer that goes in circles."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.guard import RepetitionGuard, StopReason, StopSign

ROOT = Path(__file__).parents[3]


def watch(text: str, known: str = "", size: int = 7) -> tuple[StopSign | None, int]:
    """The sign and how many characters were read until then, in pieces of ``size``."""
    guard = RepetitionGuard(known)
    for start in range(0, len(text), size):
        if sign := guard.feed(text[start : start + size]):
            return sign, start + size
    return None, len(text)


@pytest.mark.parametrize(
    "text",
    [
        "    x = x + 1\n" * 200,
        "    if x:\n        y()\n" * 100,
        "".join(f"    elif n == {n}:\n        return {n * n}\n" for n in range(200)),
        "def f():\n    return [" + "0, " * 600,
        "This is a test. This is only a test. " * 60,
        "\n" * 300,
    ],
    ids=["a line", "two lines", "a structure", "tokens", "prose on one line", "nothing at all"],
)
def test_an_answer_that_goes_in_circles_is_stopped_long_before_its_end(text: str) -> None:
    sign, read = watch("def f(x):\n" + text)
    assert sign is not None
    assert sign.reason is StopReason.REPEATS
    assert read < len(text) / 2


def test_what_repeats_in_the_function_itself_may_repeat_in_the_answer() -> None:
    table = "TABLE = {\n" + "".join(f'    "{n}": {n},\n' for n in range(60)) + "}\n"
    assert watch(table)[0] is not None
    assert watch(table, known=table)[0] is None
    assert watch(table * 30, known=table)[0] is not None


@pytest.mark.parametrize("folder", ["core", "app", "ui", "tests/core"])
def test_no_code_that_people_wrote_is_stopped(folder: str) -> None:
    chosen = random.Random(5).sample(sorted((ROOT / folder).rglob("*.py")), 12)
    for path in chosen:
        text = path.read_text("utf-8")
        sign, read = watch(text, known=text, size=40)
        assert sign is None, f"{path} at {read}: {sign}"


@given(st.text(alphabet="ab =\n", max_size=300), st.integers(1, 9))
def test_how_an_answer_is_cut_into_pieces_does_not_matter_for_its_lines(text: str, size: int) -> None:
    text += "\n"
    assert (watch(text, size=size)[0] is None) == (watch(text, size=len(text))[0] is None)
