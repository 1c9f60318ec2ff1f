"""Suspect lines, told by function and by file."""

from __future__ import annotations

from core.localise.levels import by_file, by_function
from core.types import Suspect

SUSPECTS = (
    Suspect("a.py", 3, 1.0, "f", ("on the traceback",)),
    Suspect("b.py", 1, 0.8, "g"),
    Suspect("a.py", 4, 0.5, "f"),
    Suspect("a.py", 9, 0.8, "h"),
    Suspect("b.py", 2, 0.7, "g"),
)


def test_a_function_is_as_suspicious_as_its_first_line_and_then_by_the_others() -> None:
    areas = by_function(SUSPECTS)
    assert [(a.path, a.function, a.lines) for a in areas] == [
        ("a.py", "f", (3, 4)),
        ("b.py", "g", (1, 2)),
        ("a.py", "h", (9,)),
    ]
    assert areas[0].reasons == ("on the traceback",)


def test_files_come_in_the_order_of_their_worst_line() -> None:
    assert [(a.path, a.score) for a in by_file(SUSPECTS)] == [("a.py", 1.0), ("b.py", 0.8)]
