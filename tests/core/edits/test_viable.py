"""Half-written answers: stopped where they can become no edit, never where they can."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.edits.apply import apply_answer
from core.edits.functions import function_source
from core.edits.values import AppliedEdits
from core.edits.viable import EditGuard
from core.models.guard import RepetitionGuard, StopReason, StopSign, StreamGuard
from core.types import EditFormat

TRANSCRIPTS = Path(__file__).parent / "transcripts" / "qwen2.5-coder-1.5b.jsonl"
SOURCE = "def area(w, h):\n    return w + h\n\n\ndef other():\n    return 1\n"
SOURCES = {"shapes.py": SOURCE}
FIXED = "```python\ndef area(w, h):\n    return w * h\n```\n"
SEARCH = "<<<<<<< SEARCH\n    return w + h\n=======\n    return w * h\n>>>>>>> REPLACE\n"


def guard(form: EditFormat = EditFormat.FUNCTION, max_tokens: int = 400) -> EditGuard:
    return EditGuard(form, SOURCES, "shapes.py", "area", max_tokens=max_tokens, size=35)


def watch(guards: tuple[StreamGuard, ...], pieces: list[str]) -> tuple[StopSign | None, str]:
    """The first sign, and the answer up to it."""
    text = ""
    for piece in pieces:
        text += piece
        for each in guards:
            if sign := each.feed(piece):
                return sign, text
    return None, text


def look(answer: str, form: EditFormat = EditFormat.FUNCTION) -> tuple[StopSign | None, str]:
    return watch((guard(form),), [answer[i : i + 3] for i in range(0, len(answer), 3)])


def test_a_search_that_is_not_in_the_file_is_stopped_before_its_replacement() -> None:
    answer = SEARCH.replace("w + h", "length_of_the_side ** 2 / 3.14")
    sign, read = look(answer, EditFormat.SEARCH)
    assert sign is not None
    assert sign.reason is StopReason.HOPELESS
    assert "w * h" not in read


def test_code_that_is_left_out_is_stopped_at_once() -> None:
    sign, read = look(
        "```python\ndef area(w, h):\n    # ... rest of the code unchanged\n" + "    x = 1\n" * 9
    )
    assert sign is not None
    assert sign.reason is StopReason.HOPELESS
    assert "x = 1" not in read.split("unchanged\n")[1][3:]


def test_code_that_a_replacement_leaves_out_is_stopped_at_once() -> None:
    answer = SEARCH.replace("    return w * h", "    # ... existing code ...\n" + "    x = 1\n" * 9)
    sign, read = look(answer, EditFormat.SEARCH)
    assert sign is not None
    assert sign.reason is StopReason.HOPELESS
    assert read.count("x = 1") <= 1
    assert not isinstance(apply_answer(answer, SOURCES, "shapes.py", "area"), AppliedEdits)


def test_talk_where_code_must_come_is_stopped_when_no_room_is_left() -> None:
    sign, _ = look("The function is wrong because of many things. " * 60)
    assert sign is not None
    assert sign.reason is StopReason.HOPELESS


@pytest.mark.parametrize(("form", "edit"), [(EditFormat.FUNCTION, FIXED), (EditFormat.SEARCH, SEARCH)])
def test_talk_after_a_whole_edit_is_cut_off_and_the_edit_is_kept(form: EditFormat, edit: str) -> None:
    answer = edit + "I changed the plus to a times, since an area is a product. " * 40
    sign, read = look(answer, form)
    assert sign is not None
    assert sign.reason is StopReason.COMPLETE
    assert len(read) < len(answer) / 2
    whole = apply_answer(answer, SOURCES, "shapes.py", "area")
    assert apply_answer(read, SOURCES, "shapes.py", "area") == whole


def test_old_code_that_is_shown_first_does_not_end_the_answer() -> None:
    answer = f"It was:\n```python\n{function_source(SOURCE, 'area')}```\nIt should be:\n{FIXED}"
    sign, read = look(answer)
    assert sign is None or sign.reason is StopReason.COMPLETE
    assert isinstance(apply_answer(read, SOURCES, "shapes.py", "area"), AppliedEdits)


@dataclass(frozen=True)
class Recorded:
    """One answer of a real model, in the pieces in which it came."""

    function: str
    path: str
    source: str
    max_tokens: int
    temperature: float
    pieces: list[str]


RECORDED = [Recorded(**json.loads(line)) for line in TRANSCRIPTS.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("record", RECORDED, ids=lambda r: f"{r.path} at {r.temperature}")
def test_no_valid_answer_of_a_real_model_is_harmed(record: Recorded) -> None:
    sources = {record.path: record.source}
    size = len(function_source(record.source, record.function) or record.source)
    guards = (
        RepetitionGuard(record.source),
        EditGuard(
            EditFormat.FUNCTION,
            sources,
            record.path,
            record.function,
            max_tokens=record.max_tokens,
            size=size,
        ),
    )
    _, read = watch(guards, record.pieces)
    whole = apply_answer("".join(record.pieces), sources, record.path, record.function)
    if isinstance(whole, AppliedEdits):
        assert apply_answer(read, sources, record.path, record.function) == whole


LINES = ["    w = w + 0", "    if w > h:\n        w, h = h, w", "    # why", "    del h", "    h = 2"]


@given(
    st.text(alphabet="abc .,\n", max_size=150),
    st.lists(st.sampled_from(LINES), max_size=5, unique=True),
    st.sampled_from(["```python\n", "```py\n", "```\n"]),
    st.integers(1, 40),
)
def test_no_valid_answer_is_harmed(prose: str, body: list[str], fence: str, size: int) -> None:
    code = "\n".join(["def area(w, h):", *body, "    return w * h"])
    answer = f"{prose}\n{fence}{code}\n```\n"
    expected = apply_answer(answer, SOURCES, "shapes.py", "area")
    assert isinstance(expected, AppliedEdits)
    pieces = [answer[i : i + size] for i in range(0, len(answer), size)]
    _, read = watch((guard(), RepetitionGuard(SOURCE)), pieces)
    assert apply_answer(read, SOURCES, "shapes.py", "area") == expected
