"""Whole-function replacement."""

from __future__ import annotations

import ast
import keyword

from hypothesis import given
from hypothesis import strategies as st

from core.edits.functions import function_names, function_source, replace_function
from core.edits.values import EditFailure

SOURCE = '''\
import os


class Stack:
    """A stack."""

    @property
    def top(self):
        return self.items[0]

    def push(self, item):
        """Put on top."""
        self.items.insert(0, item)  # slow
    # after push

    def size(self):
        return 0


class Queue:
    def size(self):
        return 1


def helper():
    return 1
"""
About the helper.
"""
'''


def replaced(name: str, code: str) -> str:
    outcome = replace_function(SOURCE, name, code)
    assert isinstance(outcome, str), outcome.sentence
    ast.parse(outcome)
    return outcome


def test_a_function_is_replaced_and_the_text_after_it_stays() -> None:
    assert replaced("helper", "def helper():\n    return 2\n") == SOURCE.replace(
        "def helper():\n    return 1", "def helper():\n    return 2"
    )


def test_a_method_given_without_its_class_gets_its_indentation_and_keeps_what_follows() -> None:
    text = replaced("Stack.push", "def push(self, item):\n    self.items.append(item)\n")
    assert "    def push(self, item):\n        self.items.append(item)\n    # after push\n" in text


def test_a_method_given_within_its_class_is_found_there() -> None:
    text = replaced("Queue.size", "class Queue:\n    def size(self):\n        return 7\n")
    assert "class Queue:\n    def size(self):\n        return 7\n" in text
    assert "return 0" in text


def test_decorators_stay_where_the_answer_gives_none() -> None:
    text = replaced("top", "def top(self):\n    return self.items[-1]")
    assert "    @property\n    def top(self):\n        return self.items[-1]\n" in text


def test_decorators_of_the_answer_replace_the_old_ones() -> None:
    text = replaced("top", "@property\ndef top(self):\n    return self.items[-1]")
    assert text.count("@property") == 1


def test_a_bare_name_that_two_classes_have_is_refused() -> None:
    outcome = replace_function(SOURCE, "size", "def size(self):\n    return 2")
    assert isinstance(outcome, EditFailure)
    assert "More than one" in outcome.sentence


def test_an_answer_that_does_not_parse_is_refused_with_the_lines_around_the_error() -> None:
    outcome = replace_function(SOURCE, "helper", "def helper():\n    return (1\n")
    assert isinstance(outcome, EditFailure)
    assert any("return (1" in line for line in outcome.nearest)


def test_missing_imports_of_the_answer_are_added_once() -> None:
    text = replaced("helper", "import os\nimport math\n\ndef helper():\n    return math.pi\n")
    assert text.startswith("import os\nimport math\n\n\nclass Stack")


def test_text_inside_a_multi_line_string_is_not_shifted() -> None:
    code = 'def push(self, item):\n    query = """\nselect\n  1\n"""\n    return query\n'
    text = replaced("Stack.push", code)
    assert '        query = """\nselect\n  1\n"""\n        return query\n' in text


def test_names_are_dotted() -> None:
    assert function_names(SOURCE) == ("Stack.top", "Stack.push", "Stack.size", "Queue.size", "helper")


def test_the_source_of_a_method_comes_without_indentation() -> None:
    assert function_source(SOURCE, "Queue.size") == "def size(self):\n    return 1\n"


NAMES = st.from_regex(r"[a-z]{2,6}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))


@given(
    st.lists(NAMES, min_size=1, max_size=5, unique=True),
    st.integers(0, 99),
    st.integers(0, 4),
    st.booleans(),
)
def test_only_the_named_function_changes(names: list[str], value: int, pick: int, nested: bool) -> None:
    indent = "    " if nested else ""
    head = "class Home:\n" if nested else ""
    parts = [f"{indent}def {n}():\n{indent}    return {n!r}  # {n}\n{indent}# after {n}\n" for n in names]
    name = names[pick % len(names)]
    new = replace_function(head + "\n".join(parts), name, f"def {name}():\n    return {value}\n")
    expected = list(parts)
    expected[names.index(name)] = (
        f"{indent}def {name}():\n{indent}    return {value}\n{indent}# after {name}\n"
    )
    assert new == head + "\n".join(expected)
