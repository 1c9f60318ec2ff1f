"""A long function, piece by piece."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.search.pieces import PIECE, Piece, PiecesProposer, pieces, put_piece
from core.types import Suspect
from tests.core.search.test_model_proposers import TASK, Answers, drafts

STEPS = "".join(f"    x{n} = {n}\n" for n in range(30))
LONG = f'def area(w, h):\n    """Long."""\n{STEPS}    return w + h\n'
LAST = "```python\nx28 = 28\nx29 = 29\nreturn w * h\n```"


def long_task(*lines: int):
    suspects = tuple(Suspect("shapes.py", line, 1 / n, "area") for n, line in enumerate(lines, 1))
    return replace(TASK, sources={"shapes.py": LONG}, suspects=suspects)


def test_only_the_suspicious_piece_is_asked_for_and_put_in_its_place() -> None:
    last = list(pieces(LONG, 1, 33))[-1]
    code = "\n".join(LONG.split("\n")[last.first - 1 : last.last]).replace("w + h", "w * h")
    answer = "```python\n" + code.replace("    ", "") + "\n```"
    ask = Answers(answer)
    (draft,) = drafts(PiecesProposer(), ask, task=long_task(33))
    assert draft.edits == {"shapes.py": LONG.replace("w + h", "w * h")}
    asked = ask.requests[0].messages[-1].content
    assert asked.rindex("return w + h") > asked.rindex("x29 = 29") > asked.index("these lines")
    assert ask.requests[0].max_tokens < 300


def test_a_short_function_is_left_to_others() -> None:
    ask = Answers(LAST)
    assert drafts(PiecesProposer(), ask) == []
    assert ask.requests == []


def test_a_long_compound_statement_is_cut_inside() -> None:
    body = "".join(f"        x{n} = {n}\n" for n in range(20))
    source = f"def f(a):\n    b = 1\n    if a:\n{body}    else:\n        y = 1\n    return b\n"
    found = list(pieces(source, 1, source.count("\n")))
    assert found[0] == Piece(2, 2)
    assert all(piece.last - piece.first <= 2 * PIECE for piece in found)
    lines = source.split("\n")
    assert all("else" not in line for piece in found for line in lines[piece.first - 1 : piece.last])


def test_what_is_no_code_or_breaks_the_file_gives_no_draft() -> None:
    piece = Piece(32, 32)
    assert put_piece(LONG, piece, "I would not know.") is None
    assert put_piece(LONG, piece, "```python\nx29 = (\n```") is None
    assert put_piece(LONG, piece, "```python\n    # ... rest unchanged\n```") is None
    assert put_piece(LONG, piece, "```python\nx29 = 29\n```") is None, "it changes nothing"


@given(st.integers(1, 31), st.integers(0, 12))
def test_a_piece_that_is_put_back_as_it_was_changes_nothing_around_it(start: int, more: int) -> None:
    first, last = start + 2, min(start + 2 + more, 33)
    code = LONG.split("\n")[first - 1 : last]
    changed = "\n".join([*code[:-1], "    return 0"])
    text = put_piece(LONG, Piece(first, last), f"```python\n{changed}\n```")
    assert text is not None
    assert text.split("\n")[: first - 1] == LONG.split("\n")[: first - 1]
    assert text.split("\n")[last:] == LONG.split("\n")[last:]
