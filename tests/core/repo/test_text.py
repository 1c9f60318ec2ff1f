"""A source file keeps its encoding, newlines and final newline through an edit."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PatchError
from core.repo.text import TextFile

_line = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8)
_styled = st.lists(st.tuples(_line, st.sampled_from(["\n", "\r\n", "\r"])), max_size=8)


def _file(data: bytes) -> TextFile:
    file = TextFile.from_bytes(data)
    assert file is not None
    return file


@given(st.binary(max_size=60).filter(lambda data: b"\0" not in data))
def test_any_file_without_nul_bytes_comes_back_byte_for_byte(data: bytes) -> None:
    file = _file(data)
    assert file.with_text(file.text) == data


@given(_styled, _line)
def test_untouched_lines_of_a_mixed_file_keep_their_own_ending(
    lines: list[tuple[str, str]], tail: str
) -> None:
    data = "".join(line + end for line, end in lines).encode() + tail.encode()
    file = _file(data)
    assert file.with_text("first\n" + file.text).endswith(data)


def test_a_file_with_a_nul_byte_is_binary() -> None:
    assert TextFile.from_bytes(b"\x89PNG\0\0") is None


def test_text_has_plain_newlines_and_no_byte_order_mark() -> None:
    file = _file(codecs.BOM_UTF8 + b"a = 1\r\nb = 2\r\n")
    assert file.text == "a = 1\nb = 2\n"
    assert file.encoding == "utf-8-sig"


def test_a_byte_order_mark_survives_an_edit() -> None:
    file = _file(codecs.BOM_UTF8 + b"a = 1\n")
    assert file.with_text("a = 2\n") == codecs.BOM_UTF8 + b"a = 2\n"


@pytest.mark.parametrize(
    "head",
    [b"# -*- coding: latin-1 -*-\n", b"#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\n"],
)
def test_a_coding_cookie_decides_the_encoding(head: bytes) -> None:
    file = _file(head + b"name = 'caf\xe9'\n")
    assert file.text.endswith("name = 'café'\n")
    assert not file.guessed
    assert file.with_text(file.text.replace("café", "Äpfel")).endswith(b"'\xc4pfel'\n")


def test_a_cookie_behind_code_is_not_a_cookie() -> None:
    assert _file(b"x = 1\n# coding: latin-1\ny = '\xc3\xa9'\n").encoding == "utf-8"


@pytest.mark.parametrize("name", [b"rot13", b"utf-16-le", b"no-such-codec", b"utf-8"])
def test_a_cookie_that_cannot_hold_python_falls_back_to_utf_8(name: bytes) -> None:
    file = _file(b"# coding: " + name + b"\nx = 1\n#\n")
    assert file.encoding == "utf-8"
    assert file.text.endswith("x = 1\n#\n")


def test_undeclared_bytes_are_read_as_latin_1_and_flagged() -> None:
    file = _file(b"name = 'caf\xe9'\n")
    assert file.guessed
    assert file.with_text(file.text + "x = 1\n") == b"name = 'caf\xe9'\nx = 1\n"


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    file = _file(b"# coding: latin-1\nx = '\xe9'\n")
    with pytest.raises(PatchError, match="does not exist in latin-1") as caught:
        file.with_text("x = '→'\n")
    assert caught.value.code == "text.encoding"


def test_new_lines_take_the_files_newline_style() -> None:
    assert _file(b"a\r\nb\r\n").with_text("a\nnew\nb\n") == b"a\r\nnew\r\nb\r\n"


def test_foreign_newlines_in_an_answer_do_not_reach_the_file() -> None:
    assert _file(b"a\nb\n").with_text("a\r\nc\r\n") == b"a\nc\n"


def test_a_replaced_line_of_a_mixed_file_takes_the_ending_of_the_line_it_replaces() -> None:
    assert _file(b"a\r\nb\nc\r\nd\r\n").with_text("a\nB\nC\nd\n") == b"a\r\nB\nC\r\nd\r\n"


@pytest.mark.parametrize(
    ("data", "new", "expected"),
    [
        (b"a\n", "b", b"b\n"),
        (b"a", "b\n", b"b"),
        (b"", "b\n", b"b\n"),
        (b"", "b", b"b"),
        (b"a\n", "", b""),
        (b"a\r\n", "b\nc", b"b\r\nc\r\n"),
    ],
)
def test_the_final_newline_stays_as_it_was(data: bytes, new: str, expected: bytes) -> None:
    assert _file(data).with_text(new) == expected
