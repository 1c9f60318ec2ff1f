"""What tests, docstrings, documents and the ledger say of an example is found, and need not be asked."""

from __future__ import annotations

import pytest

from core.clarify.lookup import Found, LookUp, said

SOURCE = '''
def mean(values):
    """The mean.

    >>> mean([2, 4])
    3.0

    ``mean([])`` returns ``0.0``; mean([None]) should raise TypeError.
    """
'''
TEST = "from stats import mean\n\n\ndef test_one():\n    assert mean([5]) == 5.0\n"


def make() -> LookUp:
    return LookUp(
        "stats.py",
        "mean",
        SOURCE,
        {"tests/test_stats.py": TEST, "tests/test_other.py": ""},
        {"README.md": "Note that `mean([1, 2, 3])` is 2.0. Use mean([7]) often."},
        {"mean([8, 8]) gives 8.0": "your answer", "keep it fast": "the ledger"},
    )


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("mean([5])", Found("5.0", "tests/test_stats.py")),
        ("stats.mean([2, 4])", Found("3.0", "the docstring of mean")),
        ("mean([])", Found("0.0", "the docstring of mean")),
        ("mean([None])", Found("raises TypeError", "the docstring of mean")),
        ("mean([8, 8])", Found("8.0", "your answer")),
        ("mean([1, 2, 3])", Found("2.0", "README.md")),
        ("mean([7])", None),
        ("mean([0])", None),
    ],
)
def test_what_is_written_of_a_call_is_found(call: str, found: Found | None) -> None:
    assert make()(call) == found


def test_what_is_said_beside_the_tests_is_held_to() -> None:
    held = make().held()
    assert [(one.example.call, one.expected, one.by) for one in held][:3] == [
        ("mean([8, 8])", "8.0", "your answer says"),
        ("m.mean([2, 4])", "3.0", "the docstring of mean says"),
        ("mean([])", "0.0", "the docstring of mean says"),
    ]
    assert all(one.example.path == "stats.py" for one in held)
    assert "mean([5])" not in [one.example.call for one in held]


def test_it_says_what_was_read() -> None:
    places = make().places
    assert places == (
        "the tests that name mean (tests/test_stats.py)",
        "the docstring of mean",
        "README.md",
        "the ledger",
    )
    assert LookUp("a.py", "f", "def f(): ...", {}, {}, {}).places == ("f has no docstring",)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("f('a)') == 'b'.", [("f('a)')", "'b'")]),
        ("f(1) -> [1, 2], and f(2) -> [].", [("f(1)", "[1, 2]"), ("f(2)", "[]")]),
        ("f(x) returns 3", []),
        ("f(1) is not defined", []),
        ("f(1), or 2", []),
        ("rf(1) == 2", []),
        ("f(" * 50, []),
    ],
)
def test_prose_is_read_only_where_a_value_follows_the_call(
    text: str, pairs: list[tuple[str, str]]
) -> None:
    assert list(said("f", text)) == pairs
