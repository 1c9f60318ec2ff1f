"""What is read out of source files of several languages, and out of files that are odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context.symbols import FileSymbols, readers
from core.context.words import words_of

PYTHON = '''
import os.path as p
from pkg.tools import clean, wash as w


def report(rows: list[str],
           width=80) -> str:
    """Say what is in rows.

    At length.
    """
    def line(row): return clean(row)
    return "".join(map(line, rows)).strip()


class Table(Base):
    # How wide it is.
    # In characters.
    @property
    def width(self): return report(self.rows)


report([])
'''
JAVASCRIPT = """
import { plus } from "./lib/sums.js"
const fs = require("fs")
// Adds two numbers.
export function add(a, b) { return plus(a, b) }
/** Takes b from a.
 * Really. */
const sub = (a, b) => { return minus(a, b) }
class Till { ring(x) { return new Bell(x) } }
"""
GO = """package m
import "example.com/m/sums"
// Add adds.
func Add(a, b int) int { return sums.Plus(a, b) }
func (t *Till) Ring() { Add(1, 2) }
type Till struct { x int }
"""


def read(text: str, extension: str) -> FileSymbols:
    return readers()[extension].read(text.encode())


def outline(found: FileSymbols) -> list[tuple[str, str, str, str]]:
    return [(s.kind, s.dotted, s.signature, s.doc) for s in found.symbols]


def test_python_definitions_calls_and_imports_are_read() -> None:
    found = read(PYTHON, ".py")
    assert outline(found) == [
        ("function", "report", "def report(rows: list[str], width=80) -> str", "Say what is in rows."),
        ("function", "report.line", "def line(row)", ""),
        ("class", "Table", "class Table(Base)", ""),
        ("method", "Table.width", "def width(self)", ""),
    ]
    assert (found.symbols[0].first, found.symbols[0].last) == (6, 13)
    calls = {
        (call.name, found.symbols[call.caller].dotted if call.caller >= 0 else "") for call in found.calls
    }
    assert {
        ("clean", "report.line"),
        ("map", "report"),
        ("report", "Table.width"),
        ("report", ""),
    } <= calls
    assert {"path", "tools", "clean", "wash"} <= found.imports


def test_javascript_and_typescript_functions_have_their_comments() -> None:
    found = read(JAVASCRIPT, ".js")
    assert outline(found) == [
        ("function", "add", "function add(a, b)", "Adds two numbers."),
        ("function", "sub", "sub = (a, b)", "Takes b from a."),
        ("class", "Till", "class Till", ""),
        ("method", "Till.ring", "ring(x)", ""),
    ]
    assert {"sums", "fs"} <= found.imports
    assert ("Bell", 3) in {(call.name, call.caller) for call in found.calls}
    typed = read("// Says hi.\nexport const hi = async (a: string): Promise<void> => { say(a) }\n", ".ts")
    signature = "hi = async (a: string): Promise<void>"
    assert outline(typed) == [("function", "hi", signature, "Says hi.")]


def test_a_method_in_go_belongs_to_its_receiver() -> None:
    found = read(GO, ".go")
    assert [s.dotted for s in found.symbols] == ["Add", "Till.Ring", "Till"]
    assert found.symbols[0].doc == "Add adds."
    assert "sums" in found.imports


def test_a_file_that_does_not_parse_still_has_its_other_functions() -> None:
    found = read(
        "def whole(a):\n    return a\n\ndef broken(:\n\ndef after(b):\n    return whole(b)\n", ".py"
    )
    assert {"whole", "after"} <= {s.name for s in found.symbols}


@pytest.mark.parametrize("extension", sorted(readers()))
@given(content=st.binary(max_size=400))
def test_any_bytes_can_be_read(extension: str, content: bytes) -> None:
    for symbol in readers()[extension].read(content).symbols:
        assert 1 <= symbol.first <= symbol.last


@given(st.text(alphabet="def class():\n \"'aé,.=#[]", max_size=300))
def test_calls_point_at_definitions_around_them(text: str) -> None:
    found = read(text, ".py")
    for call in found.calls:
        if call.caller >= 0:
            around = found.symbols[call.caller]
            assert around.first <= call.line <= around.last


def test_names_are_the_same_words_in_camel_and_snake_case() -> None:
    assert words_of("parseHTTPHeader") == words_of("parse_http_header") == ["parse", "http", "header"]
    assert words_of("x = n2 + total42") == ["total", "42"]
