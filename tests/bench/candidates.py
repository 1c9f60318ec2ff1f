"""How many candidates a second the verifier judges: real mutants of the shared small tasks.

Each task gets its baseline and its suspects as in a fix; then the first mutants go through the verifier
ladder, as many at once as there are workers. Mutants that never end are among them and cost their first
time limit, as they do in a fix; the median of the tasks says what the others cost.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

from core.localise.suspects import rank_suspects
from core.repo.locked import is_locked
from core.sandbox.base import Environment, Limits, Sandbox
from core.search.base import Draft, FixTask
from core.search.mutation import MutationProposer
from core.search.verifier import Verifier
from core.session.baseline import trace
from core.testing.base import RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import Candidate, FileChange, Patch
from tests.bench.stats import spread
from tests.repositories import commit_repository

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "quixbugs-dev.jsonl"
MUTANTS = 40
WORKERS = 2
LIMITS = RunLimits(test_seconds=1.0)
"""Less than a user's ten seconds for the first run of a hanging test: that is another figure."""


async def measure_candidates(sandbox: Sandbox) -> dict[str, object]:
    """Candidates a second for each task, and how many were green."""
    if not CASES.is_file():
        return {"missing": f"{CASES.name} is not beside this checkout"}
    rates: dict[str, float] = {}
    green = judged = 0
    seconds = 0.0
    for line in CASES.read_text("utf-8").splitlines():
        case = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            root = commit_repository(Path(folder) / "case", case["files"])
            took, verdicts = await _judge(sandbox, root, case["files"])
        judged, seconds = judged + len(verdicts), seconds + took
        green += verdicts.count("green")
        rates[case["id"]] = round(len(verdicts) / took, 1)
    return {
        "workers": WORKERS,
        "mutants_of_each_task": MUTANTS,
        "candidates_per_second": spread(list(rates.values()), 1),
        "all_tasks_together": round(judged / seconds, 1),
        "green": green,
        "by_task": rates,
    }


async def _judge(sandbox: Sandbox, root: Path, files: dict[str, str]) -> tuple[float, list[str]]:
    """Seconds for the mutants of one task, and their verdicts."""
    pool = WorkerPool(sandbox, root, Environment(), Limits(), WORKERS)
    try:
        baseline = (await pool.run(RunRequest(limits=LIMITS))).report
        targets = baseline.failing
        coverage = (await trace(pool, baseline, targets, LIMITS, 30.0)).coverage
        by_id = baseline.by_id()
        failures = tuple(by_id[node_id] for node_id in targets)
        sources = {path: text for path, text in files.items() if path.endswith(".py")}
        passing = [node_id for node_id in coverage if node_id not in targets]
        suspects = rank_suspects(failures, passing, coverage, sources, is_locked)
        named = {suspect.path for suspect in suspects}
        chosen = {path: sources[path] for path in sorted(named)}
        task = FixTask(targets, baseline, suspects, chosen, {}, failures)
        drafts: list[Draft] = []
        async for draft in MutationProposer().propose(task, [], None):
            drafts.append(draft)
            if len(drafts) == MUTANTS:
                break
        verifier = Verifier(pool, baseline, targets, LIMITS, is_locked, coverage=coverage)
        # Both workers are there before the clock starts.
        await asyncio.gather(*(pool.run(RunRequest(limits=LIMITS)) for _ in range(WORKERS)))
        waiting = iter(enumerate(drafts))
        verdicts: list[str] = []

        async def work() -> None:
            for number, draft in islice(waiting, None):
                changes = tuple(
                    FileChange(path, files[path].encode(), text.encode())
                    for path, text in sorted(draft.edits.items())
                    if text is not None
                )
                candidate = Candidate(number, "mutation", "", Patch(changes))
                evidence = await verifier.verify(candidate, verifier.hurry_seconds)
                verdicts.append(evidence.comparison.verdict.value)

        began = time.monotonic()
        await asyncio.gather(*(work() for _ in range(WORKERS)))
        return time.monotonic() - began, verdicts
    finally:
        await pool.close()
