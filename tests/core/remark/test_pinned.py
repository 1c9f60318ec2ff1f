"""Pinned hunks are made or left alone by every candidate of a round."""

from __future__ import annotations

import pytest

from core.remark.pinned import broken_pin, pins_of
from core.types import FileChange, Patch

SOURCE = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nh = 8\nk = 0\nl = 0\ni = 9\n"
BEGUN = SOURCE.replace("b = 2", "b = 20").replace("i = 9", "i = 90")


def patch(after: str) -> Patch:
    return Patch((FileChange("m.py", SOURCE.encode(), after.encode()),))


PINS = pins_of(patch(BEGUN), ("m.py#0",))


@pytest.mark.parametrize(
    "after",
    [
        BEGUN,
        SOURCE.replace("b = 2", "b = 20"),
        SOURCE.replace("i = 9", "i = 91"),
        BEGUN.replace("c = 3", "c = 30"),
        BEGUN.replace("a = 1\n", ""),
        BEGUN.replace("i = 90", "i = 91"),
    ],
)
def test_the_pinned_change_may_be_made_or_left_out(after: str) -> None:
    assert broken_pin(patch(after), PINS) is None


@pytest.mark.parametrize(
    "after",
    [SOURCE.replace("b = 2", "b = 21"), SOURCE.replace("b = 2\n", ""), SOURCE.replace("b = 2\nc", "c")],
)
def test_another_change_of_those_lines_breaks_the_pin(after: str) -> None:
    assert broken_pin(patch(after), PINS) == PINS[0]


def test_a_new_file_is_pinned_as_it_is() -> None:
    made = Patch((FileChange("new.py", None, b"x = 1\n"),))
    pins = pins_of(made, ("new.py#0",))
    assert broken_pin(made, pins) is None
    assert broken_pin(Patch((FileChange("new.py", None, b"x = 2\n"),)), pins) is not None
