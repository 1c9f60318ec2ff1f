"""``python -m tests.bench.real FOLDER``: repositories with bugs, for ``greenbar bench FOLDER``.

One repository for each task of tasks.toml, a single commit each, so that no history gives the bug
away; what only the judge may know stands in ``FOLDER/bench.toml``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from core.bench.layout import SET_FILE
from core.bench.truth import fault_lines
from tests.bench.real.table import RealTask, read_table
from tests.bench.suites import as_repository
from tests.sdists import unpacked


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.real", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the repositories go; made anew")
    parser.add_argument("--tasks", default="*", help="names of tasks, shell style")
    options = parser.parse_args()
    chosen = [task for task in read_table() if fnmatchcase(task.name, options.tasks)]
    if not chosen:
        parser.error(f"no task is called {options.tasks}")
    make_set(chosen, options.folder)
    sys.stderr.write(f"{len(chosen)} repositories in {options.folder}\n")
    return 0


def make_set(tasks: Iterable[RealTask], folder: Path) -> None:
    """A repository in ``folder`` for each task, and ``bench.toml``; what was there before is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tables = [_make(task, folder) for task in tasks]
    (folder / SET_FILE).write_text("\n".join(tables), encoding="utf-8")


def _make(task: RealTask, folder: Path) -> str:
    """Make one repository; returns its table of ``bench.toml``."""
    source = unpacked(task.sdist, folder)
    root = source.rename(folder / task.name)
    file = root / task.file
    right = file.read_text(encoding="utf-8")
    wrong = task.broken(right)
    file.write_text(wrong, encoding="utf-8")
    as_repository(root)
    lines = fault_lines({task.file: wrong}, {task.file: right})
    origin = f"{task.sdist.project} {task.sdist.version} with one bug"
    return (
        f"[repositories.{task.name}]\n"
        f"kind = {json.dumps(task.kind)}\n"
        f"source = {json.dumps(origin)}\n"
        f"lines = {{{json.dumps(task.file)} = {list(lines[task.file])}}}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
