"""Holes, what fills them, and what a model sees around them."""

from __future__ import annotations

import ast
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.prompt import estimate_tokens
from core.search.frame import AFTER, around, frame_of, plain_frame
from core.search.holes import (
    Hole,
    Shape,
    block_holes,
    expression_holes,
    fill,
    gap_holes,
    line_holes,
    plain_holes,
)
from core.search.splice import SourceTree
from core.testing.languages import PYTEST

SOURCE = '''\
import math


def half(values, total):
    """Half of them."""
    found = []
    for value in values:
        if value < total / 2:
            found.append(value)
    return found


"""
Half: the values below half of the total.
"""
'''
TREE = SourceTree(SOURCE)
CODE = [s for s in TREE.statements() if s.lineno >= 6 and not isinstance(s, ast.Expr)] + [
    s for s in TREE.statements() if s.lineno == 9
]
CODE.sort(key=lambda statement: statement.lineno)


def olds(holes: list[Hole]) -> list[str]:
    return [hole.old for hole in holes]


def test_a_line_hole_is_the_line_without_its_indentation_and_a_header_without_its_body() -> None:
    assert olds(list(line_holes(TREE, CODE))) == [
        "found = []",
        "for value in values:",
        "if value < total / 2:",
        "found.append(value)",
        "return found",
    ]


def test_gaps_are_before_statements_and_at_the_end_of_blocks() -> None:
    gaps = list(gap_holes(TREE, CODE))
    assert [(gap.line, len(gap.indent)) for gap in gaps] == [
        (6, 4),
        (7, 4),
        (8, 8),
        (9, 12),
        (10, 4),
        (10, 8),
        (10, 12),
    ]
    assert all(SOURCE[gap.start - 1] == "\n" and gap.start == gap.end for gap in gaps)


def test_expressions_are_those_that_mutation_has_no_operator_for() -> None:
    assert olds(list(expression_holes(TREE, CODE))) == [
        "[]",
        "value < total / 2",
        "total / 2",
        "found.append(value)",
        "found.append",
    ]


def test_blocks_are_small_compound_statements_and_pairs_of_simple_ones() -> None:
    source = "def f(a):\n    b = a\n    c = b\n    if c:\n        return b\n    return c\n"
    tree = SourceTree(source)
    statements = [s for s in tree.statements() if not isinstance(s, ast.FunctionDef)]
    assert set(olds(list(block_holes(tree, statements)))) == {
        "b = a\n    c = b",
        "if c:\n        return b",
    }


def test_filling_a_line_changes_nothing_else() -> None:
    hole = next(h for h in line_holes(TREE, CODE) if h.line == 8)
    text = fill(SOURCE, hole, "if value <= total / 2:  \n            pass")
    assert text == SOURCE.replace("value < total", "value <= total")


@pytest.mark.parametrize(
    ("answer", "inserted"),
    [
        ("total = abs(total)", "    total = abs(total)\n"),
        ("if not total:\n        return []\n    more = 1", "    if not total:\n        return []\n"),
        ("for value in values:", None),
        ("found = []", None),
        ("  \n", None),
    ],
)
def test_a_gap_takes_one_statement_that_is_not_its_neighbour(answer: str, inserted: str | None) -> None:
    gap = next(h for h in gap_holes(TREE, CODE) if h.line == 7)
    text = fill(SOURCE, gap, answer)
    if inserted is None:
        assert text is None
    else:
        assert text == SOURCE.replace("    for value", f"{inserted}    for value")


def test_a_gap_after_a_last_line_without_newline_begins_a_new_line() -> None:
    source = "def f(a):\n    a += 1"
    tree = SourceTree(source)
    gap = list(gap_holes(tree, [s for s in tree.statements() if s.lineno == 2]))[-1]
    assert fill(source, gap, "return a") == "def f(a):\n    a += 1\n    return a"


def test_a_block_ends_where_the_code_after_it_begins() -> None:
    hole = next(h for h in block_holes(TREE, CODE) if h.line == 8)
    text = fill(SOURCE, hole, "if value:\n            found += [value]\n    return 3\nprint()")
    assert text is not None
    assert "        if value:\n            found += [value]\n    return found\n" in text


def test_what_stands_there_already_is_no_filling() -> None:
    hole = next(iter(line_holes(TREE, CODE)))
    assert fill(SOURCE, hole, "found = []") is None
    assert fill(SOURCE, hole, "") is None


def test_descriptions_come_first_and_the_code_follows_as_it_is() -> None:
    hole = next(h for h in line_holes(TREE, CODE) if h.line == 8)
    before, after = around(SOURCE, frame_of(TREE, 8), hole)
    assert before.startswith('"""\nHalf: the values')
    assert before.endswith("    for value in values:\n        ")
    assert after.startswith("\n            found.append(value)\n    return found\n")
    assert "Half: the values" not in after


def test_neighbouring_holes_share_all_that_comes_before_the_first_of_them() -> None:
    holes = list(line_holes(TREE, CODE))
    prompts = [around(SOURCE, frame_of(TREE, hole.line), hole)[0] for hole in holes]
    for one, other in pairwise(prompts):
        assert other.startswith(one.rstrip(" "))


LONG = "\n\n".join(
    f'class C{n}:\n    """About {n}."""\n\n    def m(self, a):\n        b = a + {n}\n        return b\n'
    for n in range(80)
)


def test_of_a_long_file_the_function_is_shown_with_its_class_and_the_imports() -> None:
    source = f"import math\n\n\n{LONG}"
    tree = SourceTree(source)
    line = source[: source.index("b = a + 33")].count("\n") + 1
    hole = next(line_holes(tree, [s for s in tree.statements() if s.lineno == line]))
    before, after = around(source, frame_of(tree, line), hole)
    assert before == ('import math\n\n\nclass C33:\n    """About 33."""\n    def m(self, a):\n        ')
    assert after == "\n        return b\n"


def test_a_prompt_stays_small_however_long_the_function_is() -> None:
    source = "def f(a):\n" + "".join(f"    a{n} = a + {n} * len(str(a))\n" for n in range(4000))
    tree = SourceTree(source)
    hole = next(line_holes(tree, [s for s in tree.statements() if s.lineno == 2000]))
    before, after = around(source, frame_of(tree, 2000), hole)
    assert before.count("\n") >= 29
    assert after.count("\n") == AFTER + 1, "it is read anew for every hole"
    assert estimate_tokens(before + after) < 1000
    text = "\n".join(f"x{n} := call({n})" for n in range(4000))
    hole = next(plain_holes(text, [3999]))
    before, after = around(text, plain_frame(text, 3999, PYTEST), hole)
    assert before.endswith("x3997 := call(3997)\n")
    assert estimate_tokens(before + after) < 1200


@given(st.sampled_from(list(line_holes(TREE, CODE)) + list(gap_holes(TREE, CODE))), st.text(max_size=40))
def test_whatever_a_model_writes_the_lines_around_the_hole_stay(hole: Hole, answer: str) -> None:
    text = fill(SOURCE, hole, answer)
    if text is not None:
        above = SOURCE[: hole.start].rpartition("\n")[0]
        assert text.startswith(above)
        assert text.endswith(SOURCE[hole.end :])


def test_shapes_say_where_an_answer_ends() -> None:
    assert {hole.stop for hole in line_holes(TREE, CODE)} == {("\n",)}
    assert {hole.stop for hole in gap_holes(TREE, CODE)} == {("\n\n",)}
    assert {hole.shape for hole in gap_holes(TREE, CODE)} == {Shape.GAP}
