"""Which file and function a request is about."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.repo.locked import is_locked
from core.request.places import Place, definitions, find_places, module_of

SOURCES = {
    "shop/cart.py": "class Cart:\n    def total(self):\n        return 0\n\n\ndef empty():\n    pass\n",
    "shop/text.py": "def slugify(text):\n    return text\n\n\ndef words(text):\n    return []\n",
    "tests/test_text.py": "from shop.text import slugify\n\n\ndef test_a():\n    assert slugify('a')\n",
}


def places(text: str, *called: str, mentions: tuple[str, ...] = ()) -> list[str]:
    found = find_places(text, mentions, called, SOURCES, is_locked)
    return [f"{place}{' (missing)' if place.is_missing else ''}" for place in found]


def test_definitions_are_functions_classes_and_methods() -> None:
    assert definitions(SOURCES["shop/cart.py"]) == ("Cart", "Cart.total", "empty")


@pytest.mark.parametrize(
    ("text", "called", "expected"),
    [
        ("slugify should keep digits", (), ["shop/text.py::slugify"]),
        ("x", ("slugify",), ["shop/text.py::slugify"]),
        ("x", ("text.slugify",), ["shop/text.py::slugify"]),
        ("make `Cart.total` a sum", (), ["shop/cart.py::Cart.total"]),
        ("@shop/text.py should be quicker", (), ["shop/text.py"]),
        ("@text.py::words must drop commas", (), ["shop/text.py::words"]),
        ("add a function shout(text) to text.py", (), ["shop/text.py::shout (missing)"]),
        ("@shop/cart.py", ("discount",), ["shop/cart.py::discount (missing)"]),
        ("make it nicer", (), []),
        ("x", ("discount",), []),
    ],
)
def test_mentions_names_and_examples_lead_to_places(
    text: str, called: tuple[str, ...], expected: list[str]
) -> None:
    assert places(text, *called) == expected


def test_a_test_that_is_mentioned_says_what_is_wanted_and_not_where() -> None:
    assert places("see @tests/test_text.py, slugify is wrong") == ["shop/text.py::slugify"]


def test_a_mention_of_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"There is no file nowhere\.py"):
        places("@nowhere.py should be better")


@pytest.mark.parametrize(
    ("path", "imported", "module"),
    [
        ("src/pkg/a.py", (), "pkg.a"),
        ("src/pkg/a.py", ("pkg",), "pkg.a"),
        ("pkg/a.py", ("pkg.a",), "pkg.a"),
        ("code/pkg/a.py", ("pkg.b",), "pkg.a"),
        ("pkg/__init__.py", (), "pkg"),
        ("a.py", ("os",), "a"),
    ],
)
def test_a_file_is_imported_as_the_tests_import_it(
    path: str, imported: tuple[str, ...], module: str
) -> None:
    assert module_of(path, imported) == module


def test_a_place_reads_like_a_test_id() -> None:
    assert str(Place("a.py", "f")) == "a.py::f"
