"""The key by which candidates with equal syntax trees are verified once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.rank import normalised_key

SOURCE = '''\
"""Module."""


def f(a):
    """Doc."""
    return a + 1  # one


def g(a):
    return a


if __name__ == "__main__":
    f(1)
'''
SOURCES = {"m.py": SOURCE, "n.txt": "text\n"}


def key(text: str, path: str = "m.py") -> str:
    return normalised_key({path: text}, SOURCES)


def test_layout_comments_and_docstrings_do_not_matter() -> None:
    one = SOURCE.replace("return a + 1  # one", "return a - 1")
    other = SOURCE.replace("return a + 1  # one", "return (a -\n            1)").replace("Doc.", "Other.")
    assert key(one) == key(other)
    assert key(SOURCE.replace("# one", "# two")) == normalised_key({}, SOURCES)


def test_different_changes_differ() -> None:
    one = SOURCE.replace("a + 1", "a - 1")
    other = SOURCE.replace("    return a\n", "    return a - 1\n")
    assert len({key(SOURCE), key(one), key(other), key(SOURCE + "else:\n    g(1)\n")}) == 4


def test_a_change_is_the_same_with_and_without_a_blank_line_elsewhere() -> None:
    changed = SOURCE.replace("a + 1", "a - 1")
    assert key(changed) == key(changed.replace("def g", "\n\n\ndef g"))


def test_texts_that_do_not_parse_are_marked() -> None:
    assert key(SOURCE.replace("a + 1", "a +")).startswith("unparsed:")


def test_other_files_are_compared_by_line() -> None:
    assert key("other\n", "n.txt") != key("text 2\n", "n.txt")


@given(
    st.lists(st.sampled_from(["x = 1", "def f():\n    return 2", "y = f()", "# note", ""]), max_size=6),
    st.data(),
)
def test_the_key_of_a_change_does_not_depend_on_how_much_is_parsed(
    parts: list[str], data: st.DataObject
) -> None:
    source = "\n".join(parts) + "\n"
    place = data.draw(st.integers(0, len(parts)))
    new = data.draw(st.sampled_from(["z = 3", "# only a comment", "if x:\n    y = 1"]))
    text = "\n".join([*parts[:place], new, *parts[place:]]) + "\n"
    plain = "\n".join(p for p in [*parts[:place], new, *parts[place:]] if not p.startswith("#")) + "\n"
    assert normalised_key({"m.py": text}, {"m.py": source}) == normalised_key(
        {"m.py": plain}, {"m.py": source}
    )


CLASS = '''\
class A(Base):
    """Doc."""

    limit = 1

    @property
    def f(self):
        return self.limit + 1

    def g(self):
        return 2


class B:
    def f(self):
        return 1


x = A()
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.limit + 1", "self.limit - 1"),
        ("limit = 1", "limit = 2"),
        ("    def g(self):\n", "    def g(self):\n        print(1)\n"),
        ("return 2\n", "return 2\n\n    def h(self):\n        return 3\n"),
        ("return 2\n", "return 2\n\n\ndef h(self):\n    return 3\n"),
        ("    def g(self):\n        return 2\n", ""),
        ("(Base)", "(Other)"),
        ("class B:\n", "class B:\n    y = 1\n"),
        ("x = A()", "x = B()"),
        ("    @property\n", ""),
    ],
)
def test_inside_classes_each_change_has_its_own_key_and_layout_none(old: str, new: str) -> None:
    sources = {"m.py": CLASS}
    assert old in CLASS
    changed = CLASS.replace(old, new, 1)
    one = normalised_key({"m.py": changed}, sources)
    assert one != normalised_key({}, sources)
    assert not one.startswith("unparsed:")
    noted = changed.replace("x = ", "# a note\nx = ")
    assert normalised_key({"m.py": noted}, sources) == one


def test_the_same_change_of_two_classes_is_two_changes() -> None:
    sources = {"m.py": CLASS}
    first = CLASS.replace("def f", "def k", 1)
    second = "def k".join(CLASS.rsplit("def f", 1))
    assert normalised_key({"m.py": first}, sources) != normalised_key({"m.py": second}, sources)
