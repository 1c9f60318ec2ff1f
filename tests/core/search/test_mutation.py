"""The mutation proposer as the controller sees it."""

from __future__ import annotations

import ast
import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.search.base import Draft, FixTask, Tried
from core.search.mutation import EARLY, EARLY_PAIRS, MutationProposer, suspicions
from core.search.splice import SourceTree
from core.types import Comparison, Evidence, Patch, Rung, Suspect, TestReport, Verdict

CASES = Path(__file__).parents[3].parent / "shared" / "cases" / "quixbugs-dev.jsonl"

SOURCE = """\
def first(a, b):
    return a + b


def clamp(value, low, high):
    # keep this
    if value < low:
        return high
    return value
"""


def task_for(source: str, *suspects: tuple[int, float], path: str = "m.py") -> FixTask:
    found = tuple(Suspect(path, line, score) for line, score in suspects)
    return FixTask((), TestReport((), (), 0.0), found, {path: source}, {}, ())


async def take(task: FixTask, count: int, tried: tuple[Tried, ...] = ()) -> list[Draft]:
    drafts: list[Draft] = []
    stream = MutationProposer().propose(task, lambda: tried, None)
    async for draft in stream:
        drafts.append(draft)
        if len(drafts) == count:
            break
    return drafts


def test_drafts_parse_and_are_different() -> None:
    drafts = asyncio.run(take(task_for(SOURCE, (7, 1.0), (8, 0.8)), 400))
    trees = [ast.dump(ast.parse(d.edits["m.py"])) for d in drafts]
    assert len(set(trees)) == len(trees) > 100
    assert ast.dump(ast.parse(SOURCE)) not in trees


def test_the_most_suspicious_line_is_mutated_first_and_unsuspected_functions_never() -> None:
    drafts = asyncio.run(take(task_for(SOURCE, (8, 1.0), (7, 0.2)), 60))
    assert drafts[0].title.startswith("m.py:8 ")
    assert all("def first(a, b):\n    return a + b\n" in d.edits["m.py"] for d in drafts)
    assert all("# keep this" in d.edits["m.py"] for d in drafts)


def test_a_title_says_in_words_what_changes() -> None:
    source = "def gcd(a, b):\n    return gcd(a % b, b)\n"
    drafts = asyncio.run(take(task_for(source, (2, 1.0), path="pkg/gcd.py"), 10))
    assert "gcd.py:2 swap the arguments a % b and b of gcd(…)" in [d.title for d in drafts]


def test_pairs_come_after_every_single_mutation() -> None:
    source = "def f(a):\n    b = 1\n    return a\n"
    drafts = asyncio.run(take(task_for(source, (2, 1.0), (3, 1.0)), 2_000))
    double = ["; " in d.title for d in drafts]
    assert any(double)
    assert double == sorted(double)


def test_a_mutation_that_helped_is_paired_first() -> None:
    source = "def f(a, c):\n    b = a < 1\n    return b + c\n"
    task = task_for(source, (2, 0.2), (3, 1.0))
    every = asyncio.run(take(task, 3_000))
    helped = next(d for d in every if d.title == "m.py:2 change < to > in a < 1")
    evidence = Evidence(1, Rung.TARGET, Comparison(Verdict.IMPROVED, fixed=("t",)), 0.1, 1)
    tried = (Tried(1, Patch(()), helped.edits, evidence),)
    drafts = asyncio.run(take(task, 3_000, tried))
    pairs = [d for d in drafts if "; " in d.title]
    assert "a > 1" in pairs[0].edits["m.py"]


def test_the_same_slip_in_two_neighbouring_lines_is_among_the_early_pairs() -> None:
    source = """\
def opposite(self, a, b, c):
    months = f(years=-a, months=b)
    months.rest = c
    return months
"""
    drafts = asyncio.run(take(task_for(source, (2, 1.0), (3, 1.0), (4, 0.2)), 700))
    wanted = source.replace("months=b", "months=-b").replace("rest = c", "rest = -c")
    place = [d.edits["m.py"] for d in drafts].index(wanted)
    assert place < EARLY + EARLY_PAIRS


def test_what_a_function_never_uses_is_tried_first() -> None:
    source = "def part(items, step, limit):\n    return items[step:step]\n"
    drafts = asyncio.run(take(task_for(source, (2, 1.0)), 60))
    swaps = [d.edits["m.py"] for d in drafts if d.title.startswith("m.py:2 replace step with ")]
    assert "limit" in swaps[0].split("return")[1]


def test_first_drafts_of_a_long_file_come_at_once_and_the_loop_stays_free() -> None:
    filler = "\n\n".join(f"def f{n}(a, b):\n    c = a + b * {n}\n    return c" for n in range(2_500))
    source = f"{filler}\n\n\n{SOURCE}"
    line = source[: source.index("value < low")].count("\n") + 1
    suspects = [(line, 1.0), *((n, 0.3) for n in range(2, 9_000, 2))]

    async def run() -> tuple[list[Draft], int]:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0)
                beats += 1

        heart = asyncio.create_task(beat())
        drafts = await take(task_for(source, *suspects), 40)
        heart.cancel()
        return drafts, beats

    drafts, beats = asyncio.run(run())
    assert drafts[0].title.startswith(f"m.py:{line} ")
    assert beats >= 4


def test_files_that_do_not_parse_or_are_not_python_are_passed_over() -> None:
    assert asyncio.run(take(task_for("def f(:\n", (1, 1.0)), 5)) == []
    assert asyncio.run(take(task_for("a = 1\n", (1, 1.0), path="m.js"), 5)) == []


@pytest.mark.skipif(not CASES.exists(), reason="shared/cases is not there")
@pytest.mark.parametrize("name", ["bitcount", "gcd", "flatten", "bucketsort"])
def test_real_tasks_are_repaired_within_the_first_drafts(name: str, tmp_path: Path) -> None:
    case = next(
        c for c in map(json.loads, CASES.read_text().splitlines()) if c["id"].endswith(f"/{name}")
    )
    target = case["target"][0]
    source = case["files"][target]
    for path, text in case["files"].items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    code = [s for s in ast.walk(ast.parse(source)) if isinstance(s, ast.stmt)]
    suspects = [
        (s.lineno, 1.0) for s in code if not isinstance(s, (ast.FunctionDef, ast.Expr)) or is_yield(s)
    ]
    for draft in asyncio.run(take(task_for(source, *suspects, path=target), 8)):
        (tmp_path / target).write_text(draft.edits[target], encoding="utf-8")
        if passes(tmp_path):
            return
    pytest.fail("none of the first drafts passes")


def is_yield(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Yield, ast.YieldFrom))


def passes(folder: Path) -> bool:
    """Processor time bounds a mutant that loops; time by the clock would fail on a busy machine."""
    command = f"ulimit -t 4; exec '{sys.executable}' -B -m pytest -x -q -p no:cacheprovider ."
    return (
        subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, check=False).returncode
        == 0
    )


WAYS = """\
LIMIT = 3
TABLE = {
    1: 2,
    2: 3,
    3: 4,
    4: 5,
    5: 6,
}


class Shelf:
    depth = 7

    def fits(self, book, spare=1):
        try:
            return book.size + spare < LIMIT * self.depth
        except KeyError:
            return TABLE[book]


def other(a=8):
    return a
"""


def test_defaults_and_small_constants_that_a_suspect_function_reads_are_mutated_too() -> None:
    texts = [d.edits["m.py"] for d in asyncio.run(take(task_for(WAYS, (16, 1.0)), 3_000))]
    for change in ("LIMIT = 4\n", "    depth = 8\n", "book, spare=2)"):
        assert any(change in text for text in texts), change
    assert all("    1: 2,\n    2: 3,\n" in text for text in texts)
    assert all("def other(a=8):" in text for text in texts)


def test_a_suspect_line_that_catches_makes_its_try_a_suspect() -> None:
    tree = SourceTree(WAYS)
    found = {type(s): score for s, score in suspicions(tree, task_for(WAYS, (17, 1.0)).suspects)}
    assert found[ast.Try] == 1.0


def test_functions_that_nobody_has_written_yet_are_left_to_others() -> None:
    stub = 'def later(a, b):\n    """The sum."""\n    raise NotImplementedError\n'
    drafts = asyncio.run(take(task_for(stub + "\n\n" + SOURCE, (3, 1.0), (12, 0.2)), 60))
    assert drafts
    assert all(d.edits["m.py"].startswith(stub) for d in drafts)
