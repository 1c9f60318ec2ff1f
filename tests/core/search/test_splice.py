"""Positions and splicing: what lies outside a change stays as it is."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search.operators.base import Site
from core.search.operators.catalogue import mutations_of
from core.search.operators.scope import ScopeFinder
from core.search.splice import SourceTree, Splice, apply_splices, overlap

NAMES = st.sampled_from(["a", "b", "größe", "items", "n"])
ATOMS = st.one_of(
    NAMES, st.sampled_from(["0", "1", "'é'", "None", "[]", "len(items)", "items[0]", "items[1:n]"])
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "and", "<", "=="]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda e: f"f({e}, n)"),
        inner.map(lambda e: f"not {e}").map(lambda e: f"({e})"),
    ),
    max_leaves=5,
)
SIMPLE = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: f"{t[0]} = {t[1]}  # ß"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: f"{t[0]} += {t[1]}"),
    EXPRESSIONS.map(lambda e: f"return {e}"),
    EXPRESSIONS.map(lambda e: f"items.append({e})"),
)


@st.composite
def functions(draw: st.DrawFn) -> str:
    lines = ["# über allem", "def f(a, n, items, größe=1):"]
    for _ in range(draw(st.integers(1, 4))):
        statement = draw(SIMPLE)
        header = draw(st.sampled_from(["", "if", "while", "for"]))
        if header == "for":
            lines += [f"    for b in items:  # {header}", f"        {statement}"]
        elif header:
            lines += [f"    {header} {draw(EXPRESSIONS)}:", f"        {statement}"]
        else:
            lines.append(f"    {statement}")
    return "\n".join([*lines, "", "# unter allem", "LIMIT = 1", ""])


@settings(max_examples=40, deadline=None)
@given(functions())
def test_text_outside_the_spliced_spans_is_unchanged_and_most_mutants_parse(source: str) -> None:
    tree = SourceTree(source)
    scopes = ScopeFinder(tree)
    made = parsed = 0
    for statement in tree.statements():
        function = statement if isinstance(statement, ast.FunctionDef) else tree.function_of(statement)
        for mutation in mutations_of(Site(tree, scopes.of(function), statement)):
            text = apply_splices(source, mutation.splices)
            first = min(s.start for s in mutation.splices)
            last = max(s.end for s in mutation.splices)
            assert text.startswith(source[:first])
            assert text.endswith(source[last:])
            made += 1
            try:
                ast.parse(text)
                parsed += 1
            except SyntaxError:
                pass
    assert parsed >= 0.97 * made


@given(st.text(st.characters(exclude_characters="\r\0\f", exclude_categories=["Cs"]), max_size=30), NAMES)
def test_offsets_count_characters_not_bytes(text: str, name: str) -> None:
    source = f"x = {text!r}; {name} = 2\n"
    tree = SourceTree(source)
    second = tree.tree.body[1]
    assert tree.code(second) == f"{name} = 2"


def test_splices_are_applied_together_by_their_places_in_the_original() -> None:
    assert apply_splices("abcdef", [Splice(4, 5, "E"), Splice(0, 1, ""), Splice(2, 2, "--")]) == "b--cdEf"
    with pytest.raises(ValueError, match="overlap"):
        apply_splices("abcdef", [Splice(0, 3, ""), Splice(2, 4, "")])
    assert overlap([Splice(0, 3, "")], [Splice(2, 4, "")])
    assert not overlap([Splice(0, 1, "")], [Splice(2, 4, "")])


def test_a_carriage_return_is_refused() -> None:
    with pytest.raises(SyntaxError):
        SourceTree("x = 1\ry = 2\n")
