"""A change that mends the targets and breaks others is made under a condition, and comes out right."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Mapping, Sequence

import pytest

from core.repo.patch import patch_from_edits
from core.search.base import Draft, FixTask, Tried
from core.search.changed_run import changed_run
from core.search.controller import Search
from core.search.meter import Meter
from core.search.narrow import NarrowProposer, narrowed, negated
from core.search.rank import normalised_key
from core.search.splice import SourceTree
from core.search.verifier import Verifier
from core.testing.base import RunLimits
from core.types import (
    Budget,
    Comparison,
    Evidence,
    NodeId,
    Outcome,
    Patch,
    Rung,
    TestReport,
    Verdict,
)
from tests.core.search.memory import GREEN, RED, Ideas, Runner, report

SOURCE = '''
def unpack(values, start=None):
    """Take values, from behind where there is a start."""
    found = []
    for value in values:
        if value is None:
            continue
        found.append(value)
    return tuple(found)


def other(flag):
    if flag == 1:
        return 2
    elif flag:
        return 3
    return 4
'''.lstrip()
REVERSED = SOURCE.replace("return tuple(found)", "return tuple(found[::-1])")
INSERTED = SOURCE.replace("    return tuple", "    found.reverse()\n    return tuple")
DELETED = SOURCE.replace("        found.append(value)\n", "        pass\n")


def tried(number: int, text: str, fixed: int = 1, broken: int = 1) -> Tried:
    comparison = Comparison(
        Verdict.WORSE,
        fixed=tuple(f"t.py::fixed{n}" for n in range(fixed)),
        broken=tuple(f"t.py::broken{n}" for n in range(broken)),
    )
    return Tried(number, Patch(()), {"m.py": text}, Evidence(number, Rung.SUITE, comparison, 0.1, 2))


def drafts(*entries: Tried, source: str = SOURCE) -> list[Draft]:
    task = FixTask(("t.py::fixed0",), TestReport((), (), 0.0), (), {"m.py": source}, {}, ())

    async def all_of_them() -> list[Draft]:
        return [draft async for draft in NarrowProposer().propose(task, lambda: entries, None)]

    return asyncio.run(all_of_them())


def results(text: str, calls: Sequence[str]) -> list[object]:
    names: dict[str, object] = {}
    exec(text, names)
    return [eval(call, names) for call in calls]


CASES: Mapping[str, tuple[str, str, tuple[object, ...]]] = {
    "a statement in the place of another": (REVERSED, "start is not None", ((1, 2), (2, 1))),
    "a statement more": (INSERTED, "start is not None", ((1, 2), (2, 1))),
    "a statement less": (DELETED, "start is None", ((), (1, 2))),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_made_where_a_condition_holds_and_not_elsewhere(case: str) -> None:
    text, condition, wanted = CASES[case]
    found = {d.title.partition(" only if ")[2]: d for d in drafts(tried(7, text))}
    calls = ("unpack([1, 2])", "unpack([1, 2], 0)")
    assert tuple(results(found[condition].edits["m.py"], calls)) == wanted
    assert all(d.parent == 7 and "candidate 7" in d.title for d in found.values())


def test_every_draft_parses_and_none_is_made_twice() -> None:
    texts = [d.edits["m.py"] for d in drafts(tried(1, REVERSED), tried(2, INSERTED), tried(3, DELETED))]
    assert len(texts) == len(set(texts)) > 20
    for text in texts:
        ast.parse(text)


def test_what_breaks_nothing_or_mends_nothing_is_left_alone() -> None:
    assert drafts(tried(1, REVERSED, broken=0), tried(2, INSERTED, fixed=0)) == []


def test_what_was_tried_is_not_proposed_again() -> None:
    first = drafts(tried(1, REVERSED))
    again = drafts(tried(1, REVERSED), tried(2, first[0].edits["m.py"], fixed=0))
    assert [d.edits for d in again] == [d.edits for d in first[1:]]


def test_nothing_is_asked_that_could_tell_any_two_tests_apart() -> None:
    source = SOURCE.replace("values, start=None", "values, start=None, mark='x', size=0").replace(
        "    found = []", "    found = [mark] * size"
    )
    changed = source.replace("return tuple(found)", "return tuple(found[::-1])")
    conditions = [d.title.partition("only if ")[2] for d in drafts(tried(1, changed), source=source)]
    assert "found" in conditions
    assert not [c for c in conditions if "isinstance" in c or "len(" in c or "mark" in c or "size" in c]


def test_a_condition_asks_only_of_names_that_mean_something_there() -> None:
    early = SOURCE.replace("    found = []\n", "    found = list(values)\n")
    conditions = [d.title.partition("only if ")[2] for d in drafts(tried(1, early))]
    assert "start is None" in conditions
    assert not [c for c in conditions if c in ("found", "not value", "value")]


@pytest.mark.parametrize(
    "changed",
    [
        SOURCE,
        SOURCE.replace("return 3", "return 5").replace("return 4", "return 6"),
        SOURCE.replace("value is None", "not value"),
        SOURCE.replace("start=None", "start=0"),
        SOURCE + "\n\nMORE = 1\n",
    ],
)
def test_what_is_no_one_run_of_simple_statements_has_none(changed: str) -> None:
    assert changed_run(SourceTree(SOURCE), SourceTree(changed)) is None


def test_the_first_of_a_block_and_the_last_are_found() -> None:
    before = SourceTree(SOURCE)
    after = SourceTree(SOURCE.replace("        return 3\n", "        flag = 0\n        return 3\n"))
    run = changed_run(before, after)
    assert run is not None
    assert not run.old
    assert not run.behind
    text = narrowed(before, after, run, "flag > 1")
    assert "        if flag > 1:\n            flag = 0\n        return 3\n" in text
    after = SourceTree(SOURCE.replace("append(value)\n", "append(value)\n        value = 0\n"))
    run = changed_run(before, after)
    assert run is not None
    assert run.behind
    text = narrowed(before, after, run, "value")
    assert "append(value)\n        if value:\n            value = 0\n    return" in text


@pytest.mark.parametrize(
    ("condition", "opposite"),
    [
        ("a is None", "a is not None"),
        ("not a", "a"),
        ("a", "not a"),
        ("f(a)", "not f(a)"),
        ("a and b", "not (a and b)"),
        ("a < b", "a >= b"),
        ("a < b < c", "not (a < b < c)"),
        ("not (a or b)", "a or b"),
    ],
)
def test_the_opposite_is_put_as_one_would(condition: str, opposite: str) -> None:
    assert negated(condition) == opposite


def test_a_search_turns_a_change_that_goes_too_far_into_a_fix() -> None:
    target, other = "test_m.py::test_start", "test_m.py::test_plain"
    baseline = report({target: RED, other: GREEN})

    def judge(source: str) -> Mapping[NodeId, Outcome]:
        try:
            plain, start = results(source or SOURCE, ("unpack([1, 2])", "unpack([1, 2], 0)"))
        except TypeError:
            plain = start = None
        return {target: GREEN if start == (2, 1) else RED, other: GREEN if plain == (1, 2) else RED}

    task = FixTask((target,), baseline, (), {"m.py": SOURCE}, {}, baseline.results[:1])
    sources = {"m.py": SOURCE.encode()}

    async def main() -> None:
        search = Search(
            task,
            (Ideas((REVERSED,)), NarrowProposer()),
            Verifier(Runner(judge), baseline, (target,), RunLimits(), lambda path: False),
            Meter(Budget(10.0)),
            None,
            lambda draft: patch_from_edits(draft.edits, sources.get),
            lambda draft: normalised_key(draft.edits, task.sources),
            lambda body: None,
            workers=1,
        )
        result = await search.run()
        assert result.verdict is Verdict.GREEN
        assert result.best is not None
        assert (result.best.proposer, result.best.parent) == ("narrow", 1)
        after = result.best.patch.changes[0].after
        assert after is not None
        assert b"    if start is not None:\n        return tuple(found[::-1])\n    return" in after

    asyncio.run(main())
