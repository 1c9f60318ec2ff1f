"""What can be mentioned, in the order in which it is meant most likely."""

from __future__ import annotations

import pytest

from core.chat.names import file_name, find_names, meant_tests, mentions_in

PATHS = ("src/parse.py", "src/sparse.py", "tests/test_parse.py", "docs/parser.md", "src/deep/parse.py")


def test_names_that_begin_so_come_before_names_that_hold_it() -> None:
    found = [name.mention for name in find_names("parse", map(file_name, PATHS))]
    assert found == [
        "src/parse.py",
        "src/deep/parse.py",
        "docs/parser.md",
        "tests/test_parse.py",
        "src/sparse.py",
    ]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("why does @src/a.py::f fail?", ("src/a.py::f",)),
        ("see @a.py, @b.py. (@c.py)", ("a.py", "b.py", "c.py")),
        ("mail me@example.org", ()),
        ("@t.py::test_b[x-1] and again (@t.py::test_b[x-1]).", ("t.py::test_b[x-1]",)),
        ("nothing @", ()),
    ],
)  # fmt: skip
def test_mentions_end_where_the_sentence_does(text: str, mentions: tuple[str, ...]) -> None:
    assert mentions_in(text) == mentions


def test_a_test_is_meant_by_its_id_its_file_or_its_bare_name() -> None:
    tests = ("tests/test_a.py::test_x[1]", "tests/test_a.py::test_x[2]", "tests/test_b.py::test_y")
    assert meant_tests("tests/test_a.py", tests) == tests[:2]
    assert meant_tests("test_x", tests) == tests[:2]
    assert meant_tests("tests/test_b.py::test_y", tests) == tests[2:]
    assert meant_tests("test_z", tests) == ()
