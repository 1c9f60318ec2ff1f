"""What is decided by the form of a text: its parts, what was pasted, what a message is for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import Say
from core.events import ReviewReady
from core.types import Attachment, AttachmentKind, Author, ChatMessage, Intent, Reference
from tests.ui import replay
from ui.conversation.export import markdown_of
from ui.conversation.intent import likely_intent
from ui.conversation.mapping import mentions_in, path_under_review, wanted_tests
from ui.conversation.pasted import attachment_of
from ui.conversation.pieces import LONGEST, pieces
from ui.conversation.prose import links_of
from ui.conversation.split import Part, Splitter, split

PYTEST = """\
============================= test session starts ==============================
FAILED tests/test_a.py::test_b - assert 1 == 2
========================= 1 failed, 3 passed in 0.12s ==========================
"""
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: no\n'
LOG = "\n".join(f"2026-11-20 10:00:0{n} INFO started" for n in range(9))
MIXED = st.text(alphabet="ab \n`~|-*1.#>", max_size=400)


def kinds(parts: list[Part]) -> list[tuple[bool, str]]:
    return [(part.is_code, part.text) for part in parts]


def test_prose_and_code_become_parts_of_their_own() -> None:
    text = "One.\n\n```python a.py\nx = 1\n```\nTwo.\n\n- three\n\n  ```\n  y\n  ```\n"
    parts = split(text)
    assert kinds(parts) == [
        (False, "One.\n\n"),
        (True, "x = 1\n"),
        (False, "Two.\n\n- three\n\n"),
        (True, "y\n"),
    ]
    assert parts[1].info == "python a.py"


def test_a_fence_within_a_longer_fence_is_code() -> None:
    assert kinds(split("````\n```\nx\n```\n````\nend\n")) == [(True, "```\nx\n```\n"), (False, "end\n")]


@given(MIXED, st.lists(st.integers(0, 400), max_size=8))
def test_however_a_text_streams_in_its_parts_are_the_same(text: str, cuts: list[int]) -> None:
    splitter = Splitter()
    start = 0
    for cut in sorted(cuts):
        splitter.feed(text[start:cut])
        start = max(start, cut)
    splitter.feed(text[start:])
    splitter.finish()
    assert splitter.parts == split(text)


@given(MIXED)
def test_no_word_is_lost(text: str) -> None:
    kept = "".join(f"{part.info}{part.text}" for part in split(text))
    assert [c for c in kept if c in "ab"] == [c for c in text if c in "ab"]


def test_a_part_without_an_end_is_cut_and_a_table_keeps_its_head() -> None:
    head = "| name | value |\n|---|---|\n"
    parts = split(head + "| some name | some value |\n" * 1000)
    assert len(parts) > 3
    assert all(len(part.text) < LONGEST + 200 for part in parts)
    assert all(part.text.startswith(head) for part in parts)
    assert len(split("word " * 20_000)) > 10


def test_only_the_open_part_changes_while_a_text_streams_in() -> None:
    splitter = Splitter()
    seen: list[tuple[int, str]] = []
    for word in ["A", "long", "answer.\n\n```\ncode\n```\n\nMore.\n\n```\nmore", "code\n```\nEnd.\n"]:
        before = [part.text for part in splitter.parts[:-1]]
        splitter.feed(f"{word} ")
        assert [part.text for part in splitter.parts[: len(before)]] == before
        seen.append((len(splitter.parts), splitter.tail))
    assert seen[-1][0] == 5


@given(st.text(max_size=20_000))
def test_pieces_of_plain_text_are_short_and_hold_all_of_it(text: str) -> None:
    found = list(pieces(text, 100))
    assert all(len(piece) <= 100 for piece in found)
    assert "".join(found).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PYTEST, AttachmentKind.TESTS),
        (TRACE, AttachmentKind.TRACEBACK),
        (LOG, AttachmentKind.TEXT),
        ("word " * 10_000, AttachmentKind.TEXT),
        ("def f(x):\n    return x\n\n\nprint(f(1))", None),
        ("please fix this\nand that", None),
        ("--- FAIL: TestX (0.00s)\n    x_test.go:9: no\nFAIL\n", AttachmentKind.TESTS),
        ("panic: no\n\ngoroutine 1 [running]:\nmain.main()\n", AttachmentKind.TRACEBACK),
    ],
)
def test_what_is_pasted_is_known_by_its_form(text: str, kind: AttachmentKind | None) -> None:
    found = attachment_of(text)
    assert (found.kind if found else None) is kind


@pytest.mark.parametrize(
    ("text", "failing", "intent"),
    [
        ("fix the parser", True, Intent.FIX),
        ("Please fix it", True, Intent.FIX),
        ("can you fix this?", True, Intent.FIX),
        ("make the tests pass", True, Intent.FIX),
        ("fix the parser", False, Intent.CHANGE),
        ("why does test_x fail?", True, Intent.ASK),
        ("How is a header parsed", True, Intent.ASK),
        ("Warum schlägt das fehl?", True, Intent.ASK),
        ("这个函数做什么？", True, Intent.ASK),
        ("add a method that drops empty headers", True, Intent.CHANGE),
        ("whatever is empty should be dropped", True, Intent.CHANGE),
        ("", True, Intent.ASK),
    ],
)
def test_what_a_message_is_for_follows_rules(text: str, failing: bool, intent: Intent) -> None:
    assert likely_intent(text, (), failing) is intent


def test_a_traceback_alone_is_a_fix_where_tests_fail_and_else_a_question() -> None:
    attached = (Attachment(AttachmentKind.TRACEBACK, "t", TRACE),)
    assert likely_intent("", attached, True) is Intent.FIX
    assert likely_intent("", attached, False) is Intent.ASK


def test_the_tests_to_fix_are_those_that_were_named_or_pasted() -> None:
    failing = ("tests/test_a.py::test_b", "tests/test_a.py::test_c", "tests/test_d.py::test_e")
    output = Attachment(AttachmentKind.TESTS, "out", PYTEST)
    assert wanted_tests(Say("fix", attachments=(output,)), failing) == failing[:1]
    assert wanted_tests(Say("fix @tests/test_d.py::test_e"), failing) == failing[2:]
    assert wanted_tests(Say("fix it all"), failing) == ()
    assert mentions_in("look at @a.py, please; me@example.org") == ("a.py",)


def test_code_belongs_to_the_file_under_review_that_it_shares_lines_with() -> None:
    review = ReviewReady(14, "t", replay.review_files(), replay.evidence(14, 6))
    code = "        if name and value.strip():\n            found[name] = value.strip()\n"
    assert path_under_review(review, "python", code) == "headers/parse.py"
    assert path_under_review(review, "python headers/parse.py", "x") == "headers/parse.py"
    assert path_under_review(review, "python", "something_else(entirely)\nand_more(of_it)\n") == ""
    assert path_under_review(None, "python", code) == ""


def test_places_are_known_by_their_path_and_by_their_name() -> None:
    links = links_of([Reference("src/a.py", 3), Reference("b.py")])
    assert links["src/a.py:3"] == links["a.py:3"] == "place:src/a.py:3"
    assert links["b.py"] == "place:b.py:0"


def test_a_conversation_is_exported_with_everything_in_it() -> None:
    log = Attachment(AttachmentKind.TEXT, "Log", "has ``` in it")
    text = markdown_of(
        "headers",
        [
            ChatMessage(1, 0.0, Author.USER, "why?", attachments=(log,), folded_by=3),
            ChatMessage(2, 0.0, Author.MODEL, "so", model="qwen"),
        ],
    )
    assert "# Conversation about headers" in text
    assert "(replaced)" in text
    assert "````\nhas ``` in it\n````" in text
    assert "## qwen, " in text
