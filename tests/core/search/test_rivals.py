"""What is one step beside a candidate that passes."""

from __future__ import annotations

import asyncio

from core.search.base import Draft, FixTask, Tried
from core.search.rivals import RivalsProposer
from core.types import Comparison, Evidence, Patch, Rung, TestReport, Verdict

SOURCE = "def is_open(hour):\n    return 9 <= hour and hour > 17\n"
FIXED = "def is_open(hour):\n    return 9 <= hour and hour < 17\n"
OTHER = "def late(hour):\n    return hour > 20\n"


def beside(edits: dict[str, str], verdict: Verdict, sources: dict[str, str]) -> list[Draft]:
    evidence = Evidence(4, Rung.SUITE, Comparison(verdict), 0.1, 1)
    tried = Tried(4, Patch(()), edits, evidence)
    task = FixTask((), TestReport((), (), 0.0), (), sources, {}, ())

    async def all_of_them() -> list[Draft]:
        return [draft async for draft in RivalsProposer().propose(task, lambda: (tried,), None)]

    return asyncio.run(all_of_them())


def test_the_boundary_beside_a_fix_is_tried() -> None:
    drafts = beside({"office.py": FIXED}, Verdict.GREEN, {"office.py": SOURCE})

    texts = [draft.edits["office.py"] for draft in drafts]
    assert FIXED.replace("hour < 17", "hour <= 17") in texts
    assert all(draft.parent == 4 for draft in drafts)
    assert not any("8 <=" in text or "10 <=" in text for text in texts), "the other end was right"
    assert any(draft.title.startswith("office.py:2 candidate 4, but change < to <=") for draft in drafts)


def test_only_what_the_fix_has_changed_is_stepped_from() -> None:
    text = f"{OTHER}\n\n{FIXED}"

    drafts = beside({"m.py": text}, Verdict.GREEN, {"m.py": f"{OTHER}\n\n{SOURCE}"})

    assert drafts
    assert all(draft.edits["m.py"].startswith(OTHER) for draft in drafts)


def test_nothing_is_beside_what_does_not_pass() -> None:
    assert beside({"office.py": FIXED}, Verdict.IMPROVED, {"office.py": SOURCE}) == []
