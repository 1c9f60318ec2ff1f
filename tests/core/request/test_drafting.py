"""Tests in the style, the folder and the file of a repository's own."""

from __future__ import annotations

from core.request.drafting import draft, ids_in, put_tests, style_for
from core.request.examples import Example
from core.request.places import Place

PLACE = Place("pkg/text.py", "slugify")
TESTS = {
    "tests/unit/test_cart.py": "from pkg.cart import Cart\n\n\ndef test_a():\n    assert Cart()\n",
    "tests/unit/test_more.py": "from pkg import more\n\n\ndef test_b():\n    assert more\n",
    "tests/test_all.py": "def test_c():\n    assert 1\n",
}


def written(example: Example, place: Place = PLACE, *, is_unittest: bool = False) -> str:
    style = style_for(place, {}, is_unittest=is_unittest)
    return draft(example, place, style, "because", ()).source


def test_a_new_file_stands_beside_most_others_and_is_named_like_them() -> None:
    assert style_for(PLACE, TESTS, is_unittest=False).path == "tests/unit/test_text.py"
    suffixed = {
        path.replace("test_", "").replace(".py", "_test.py"): text for path, text in TESTS.items()
    }
    assert style_for(PLACE, suffixed, is_unittest=False).path == "tests/unit/text_test.py"
    assert style_for(PLACE, {}, is_unittest=False).path == "tests/test_text.py"


def test_the_file_that_tests_the_module_already_is_taken() -> None:
    tests = {**TESTS, "checks/test_text.py": "def test_d():\n    assert 1\n"}
    assert style_for(PLACE, tests, is_unittest=False).path == "checks/test_text.py"


def test_each_kind_of_example_has_its_own_assertion() -> None:
    assert written(Example("slugify('A b')", "'a-b'")) == (
        "from pkg.text import slugify\n\n\ndef test_slugify_a_b():\n    assert slugify('A b') == 'a-b'\n"
    )
    assert "assert slugify('') is None\n" in written(Example("slugify('')", "None"))
    assert "== pytest.approx(0.3)\n" in written(Example("slugify(1)", "0.3"))
    assert written(Example("slugify(-1)", raises="ValueError")) == (
        "import pytest\nfrom pkg.text import slugify\n\n\n"
        "def test_slugify_minus_1_raises_value_error():\n"
        "    with pytest.raises(ValueError):\n        slugify(-1)\n"
    )


def test_unittest_has_its_own_words() -> None:
    text = written(Example("slugify('A')", "'a'"), is_unittest=True)
    assert text == (
        "import unittest\nfrom pkg.text import slugify\n\n\n"
        "class SlugifyRequestTest(unittest.TestCase):\n"
        "    def test_slugify_a(self):\n        self.assertEqual(slugify('A'), 'a')\n"
    )


def test_a_name_that_is_not_there_yet_is_imported_inside_the_test() -> None:
    text = written(Example("shout('a')", "'A'"), Place("pkg/text.py", "shout", is_missing=True))
    assert text == "def test_shout_a():\n    from pkg.text import shout\n    assert shout('a') == 'A'\n"


def test_tests_are_added_at_the_end_with_only_the_imports_that_are_missing() -> None:
    old = '"""Of texts."""\n\nimport pytest\n\n\ndef test_a():\n    assert 1\n'
    new = (
        "import pytest\nfrom a import f\n\n\n"
        "def test_f():\n    with pytest.raises(ValueError):\n        f(1)\n"
    )
    assert put_tests(old, [new]) == (
        '"""Of texts."""\n\nimport pytest\nfrom a import f\n\n\ndef test_a():\n    assert 1\n\n\n'
        "def test_f():\n    with pytest.raises(ValueError):\n        f(1)\n"
    )


def test_a_new_file_has_its_imports_first_and_ends_with_one_newline() -> None:
    new = [
        "from a import f\n\n\ndef test_f():\n    assert f(1)\n",
        "from a import f, g\n\n\ndef test_g():\n    assert g(1)\n",
    ]
    text = put_tests("", new)
    assert text == (
        "from a import f\nfrom a import g\n\n\ndef test_f():\n    assert f(1)\n\n\n"
        "def test_g():\n    assert g(1)\n"
    )


def test_the_ids_of_a_text_are_those_of_its_tests() -> None:
    text = (
        "import a\n\n\ndef helper():\n    pass\n\n\ndef test_a():\n    pass\n\n\n"
        "class T:\n    def test_b(self):\n        pass\n"
    )
    assert ids_in("t.py", text) == ("t.py::test_a", "t.py::T::test_b")
