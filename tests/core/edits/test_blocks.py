"""Functions of languages without a parser: where they end, and how an answer takes their place."""

from __future__ import annotations

import pytest

from core.edits.apply import apply_answer
from core.edits.blocks import Block, block_at, find_blocks
from core.edits.values import AppliedEdits, EditFailure
from core.testing.languages import shipped

HEADERS = {language.name: language.functions for language in shipped()}
JS = """\
'use strict';
function a(x) {
  return '}' + x; // }
}

const b = (x) => x + 1;

export const c = async (x) => {
  if (x) { return `${x} {`; }
};

class D {
  e(x) {
    for (const y of x) { this.f(y); }
  }
}
"""
GO = """\
package m

func (s *Stack) Push(v int) {
\ts.items = append(s.items, v)
}

func Sum(values []int) (sum int) {
\tfor _, v := range values {
\t\tsum += v
\t}
\treturn sum
}
"""


@pytest.mark.parametrize(
    ("language", "source", "found"),
    [
        ("javascript-node", JS, (("a", 2, 4), ("b", 6, 6), ("c", 8, 10), ("e", 13, 15))),
        ("go", GO, (("Push", 3, 5), ("Sum", 7, 12))),
    ],
)
def test_functions_end_where_their_braces_do(
    language: str, source: str, found: tuple[tuple[str, int, int], ...]
) -> None:
    assert find_blocks(source, HEADERS[language]) == tuple(Block(*entry) for entry in found)


def test_a_line_belongs_to_the_innermost_block() -> None:
    assert block_at(find_blocks(GO, HEADERS["go"]), 9) == Block("Sum", 7, 12)
    assert block_at(find_blocks(GO, HEADERS["go"]), 1) is None


def apply(answer: str, function: str) -> AppliedEdits | EditFailure:
    return apply_answer(answer, {"m.go": GO}, "m.go", function, HEADERS["go"])


def test_the_function_asked_for_is_replaced_alone() -> None:
    answer = "Here:\n```go\nfunc Sum(values []int) (sum int) {\n\treturn 0\n}\n```\n"
    applied = apply(answer, "Sum")
    assert isinstance(applied, AppliedEdits)
    assert applied.edits["m.go"] == GO[: GO.index("func Sum")] + (
        "func Sum(values []int) (sum int) {\n\treturn 0\n}\n"
    )


def test_a_whole_file_is_taken_as_one() -> None:
    applied = apply(f"```go\n{GO.replace('+=', '-=')}```\n", "Sum")
    assert isinstance(applied, AppliedEdits)
    assert applied.edits["m.go"] == GO.replace("+=", "-=")


@pytest.mark.parametrize(
    "code", ["func Other() {\n}", "sum -= v", "func Sum() {\n\t// ... rest of the code\n}"]
)
def test_what_is_not_the_function_is_refused(code: str) -> None:
    assert isinstance(apply(f"```go\n{code}\n```\n", "Sum"), EditFailure)
