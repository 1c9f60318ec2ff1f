"""Breaking a repository on purpose: which mistakes are drawn, which past fixes are taken back."""

from __future__ import annotations

import ast
import random
import subprocess
from pathlib import Path

import pytest

from core.bench.jsonl import own_entry, own_task
from core.bench.layout import lay_out
from core.bench.mutants import draw_mutants
from core.bench.past_fixes import PastFix, past_fixes, taken_back
from core.bench.values import BenchTask
from tests.repositories import commit_repository

SHOP = (
    "LIMIT = 10\n\n\ndef total(prices, discount=0):\n    result = 0\n    for price in prices:\n"
    "        result += price\n    return result * (100 - discount) / 100\n\n\n"
    "def unused(x):\n    return x + 1\n"
)
RUN = {"shop.py": {4, 5, 6, 7, 8}}


def drawn(seed: int, most: int = 40) -> list[str]:
    mutants = draw_mutants({"shop.py": SHOP}, RUN, random.Random(seed))
    return [mutant.text for mutant, _ in zip(mutants, range(most), strict=False)]


def test_mistakes_are_different_programs_that_parse_on_lines_that_are_run() -> None:
    mutants = list(draw_mutants({"shop.py": SHOP}, RUN, random.Random(1)))
    assert mutants
    for mutant in mutants:
        ast.parse(mutant.text)
        assert mutant.line in RUN["shop.py"]
        assert mutant.text.endswith("def unused(x):\n    return x + 1\n")
    assert len(
        {ast.dump(ast.parse(mutant.text)) for mutant in mutants} | {ast.dump(ast.parse(SHOP))}
    ) == (len(mutants) + 1)


def test_mistakes_confuse_or_leave_out_and_seldom_add() -> None:
    def size(text: str) -> int:
        return sum(1 for _ in ast.walk(ast.parse(text)))

    mutants = list(draw_mutants({"shop.py": SHOP}, RUN, random.Random(1)))
    grown = {mutant.operator for mutant in mutants if size(mutant.text) > size(SHOP)}
    assert grown <= {"off_by_one", "negation", "bound"}
    assert any(size(mutant.text) < size(SHOP) for mutant in mutants)


def test_the_same_seed_makes_the_same_mistakes() -> None:
    assert drawn(1) == drawn(1)
    assert any(drawn(1) != drawn(seed) for seed in range(2, 6))


def test_every_function_gets_its_first_mistake_before_one_gets_its_second() -> None:
    sources = {"a.py": SHOP, "b.py": SHOP.replace("total", "sum_up")}
    mutants = draw_mutants(sources, {"a.py": {7, 8, 12}, "b.py": {7, 8}}, random.Random(3))
    first = [next(mutants) for _ in range(3)]
    assert len({(mutant.path, mutant.line == 12) for mutant in first}) == 3


def test_what_cannot_be_read_or_parsed_is_passed_over() -> None:
    assert list(draw_mutants({"m.py": "def f(:\n"}, {"m.py": {1}, "n.py": {1}}, random.Random(0))) == []


@pytest.fixture
def history(tmp_path) -> Path:
    """A project with four small commits after its first; one is a past fix that still applies."""
    root = commit_repository(
        tmp_path / "project", {"m.py": "a = 1\nb = 2\n" + "c = 3\n" * 9, "t/test_m.py": ""}
    )
    change(root, "only source", {"m.py": "a = 1\nb = 5\n" + "c = 3\n" * 9})
    change(root, "the fix", {"m.py": "a = 1\nb = 7\n" + "c = 3\n" * 9, "t/test_m.py": "# more\n"})
    change(root, "only tests", {"t/test_m.py": "# even more\n"})
    change(root, "a feature", {"m.py": "a = 1\nb = 7\n" + "c = 3\n" * 99, "t/test_m.py": "# most\n"})
    return root


def change(root: Path, message: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).write_text(text)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, "commit", "-qam", message], cwd=root, check=True)


def is_test(path: str) -> bool:
    return path.startswith("t/")


def test_small_commits_of_source_with_tests_are_past_fixes(history) -> None:
    found = past_fixes(history, is_test, (".py",))
    assert [(fix.subject, fix.paths) for fix in found] == [("the fix", ("m.py",)), ("start", ("m.py",))]


def test_a_past_fix_is_taken_back_on_todays_tree_which_stays_as_it_is(history, tmp_path) -> None:
    fix, start = past_fixes(history, is_test, (".py",))
    tree = lay_out(BenchTask("t", repository=str(history)), tmp_path / "room").root
    (history / "m.py").write_text("uncommitted\n")
    assert taken_back(history, fix, tree) == {"m.py": "a = 1\nb = 5\n" + "c = 3\n" * 99}
    assert taken_back(history, start, tree) == {}, "the file would be gone"
    assert taken_back(history, PastFix("0" * 40, "", ("m.py",)), tree) == {}
    assert (tree / "m.py").read_text() == "a = 1\nb = 7\n" + "c = 3\n" * 99


def test_a_task_that_was_made_is_read_as_it_was_written() -> None:
    task = BenchTask(
        "project/fix-1",
        "past fix",
        repository="/r",
        commit="c",
        changes={"m.py": "x\n"},
        truth={"m.py": (1,)},
        right={"m.py": "y\n"},
    )
    assert own_task(own_entry(task)) == task
