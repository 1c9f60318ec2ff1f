"""``python -m tests.bench.real.reach``: which proposers without a model reach the right text, and when.

The suspects are the true lines and nothing is run, so what is measured is the ideas alone: neither
the localisation, nor the speed, nor the machine plays a part. A patch that is right and looks
otherwise is not seen.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

from core.bench.truth import fault_lines
from core.search.base import FixTask, Proposer
from core.search.mutation import MutationProposer
from core.search.rank import normalised_key
from core.search.transplant import TransplantProposer
from core.types import Suspect, TestReport
from tests.bench.real.table import RealTask, read_table
from tests.sdists import unpacked


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.real.reach", description=__doc__)
    parser.add_argument("--tasks", default="*", help="names of tasks, shell style")
    parser.add_argument("--most", type=int, default=500, help="drafts of each proposer")
    options = parser.parse_args()
    proposers: tuple[Proposer, ...] = (MutationProposer(), TransplantProposer())
    sys.stdout.write(f"{'task':40} {' '.join(f'{p.name:>10}' for p in proposers)}\n")
    reached = tasks = 0
    for task in read_table():
        if fnmatchcase(task.name, options.tasks):
            places = [asyncio.run(place_of(task, p, options.most)) for p in proposers]
            shown = " ".join(f"{place or '-':>10}" for place in places)
            sys.stdout.write(f"{task.name:40} {shown}\n")
            sys.stdout.flush()
            tasks += 1
            reached += any(places)
    sys.stdout.write(f"{reached} of {tasks} within the first {options.most}\n")
    return 0


async def place_of(task: RealTask, proposer: Proposer, most: int) -> int | None:
    """The place, from 1, of the draft that is the project's own text; ``None``: not among ``most``."""
    with tempfile.TemporaryDirectory() as folder:
        right = (unpacked(task.sdist, Path(folder)) / task.file).read_text(encoding="utf-8")
    wrong = task.broken(right)
    lines = fault_lines({task.file: wrong}, {task.file: right})[task.file]
    suspects = tuple(Suspect(task.file, line, 1.0) for line in lines)
    sources = {task.file: wrong}
    search = FixTask((), TestReport((), (), 0.0), suspects, sources, {}, ())
    wanted = normalised_key({task.file: right}, sources)
    place = 0
    async for draft in proposer.propose(search, lambda: (), None):
        place += 1
        if normalised_key(draft.edits, sources) == wanted:
            return place
        if place == most:
            break
    return None


if __name__ == "__main__":
    sys.exit(main())
