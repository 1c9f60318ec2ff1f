"""A task set of a user's own repository: broken by mutants, and by taking past fixes back.

An honest answer to "is this model good enough for my code": the code, the tests and the bugs are the
user's. Whatever reddens no test is no task.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.bench.ground import Ground
from core.bench.mutants import draw_mutants
from core.bench.past_fixes import past_fixes, taken_back
from core.bench.truth import fault_lines
from core.bench.values import BenchTask
from core.errors import UsageError
from core.repo.git import Git
from core.repo.repository import open_repository
from core.rooms import Room
from core.session.emitter import Emitter
from core.session.services import Services, SessionSettings
from core.types import RelPath

ROOM_PREFIX: Final = "ground-"
MUTANT, PAST_FIX = "mutant", "past fix"
_MOST_TRIES: Final = 12
"""For each task that is wanted: mutants that no test notices are common where coverage is thin."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a repository is to be broken. Half of the ``tasks`` are past fixes, if there are as many."""

    tasks: int
    seed: int
    mutants: bool = True
    fixes: bool = True


def head_of(path: str) -> tuple[Path, str]:
    """The root and the last commit of the repository at ``path``. Raises RepositoryError."""
    root = open_repository(path).root
    return root, Git(root).run("rev-parse", "HEAD").decode().strip()


async def break_repository(
    root: Path,
    commit: str,
    wanted: Wanted,
    services: Services,
    settings: SessionSettings,
    emit: Emitter,
    folder: Path,
    tell: Tell,
) -> tuple[BenchTask, ...]:
    """The repository at ``root``, as of ``commit``, broken in as many ways as are wanted and found.

    Works below ``folder``, which is made where it is missing. Raises GreenbarError where its tests do not
    all pass, or nothing that was tried reddens one.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    room = await asyncio.to_thread(Room, ROOM_PREFIX, folder)
    whole = BenchTask(root.name, repository=str(root), commit=commit)
    ground = Ground(whole, services, settings, emit, room.path)
    try:
        tell(f"Running the tests of {root.name}")
        await ground.open()
        return await _Breaking(root, commit, wanted, ground, tell).tasks()
    finally:
        try:
            await ground.close()
        finally:
            await asyncio.to_thread(room.remove)


class _Breaking:
    """One use: ``tasks()`` once."""

    def __init__(self, root: Path, commit: str, wanted: Wanted, ground: Ground, tell: Tell) -> None:
        self._root = root
        self._commit = commit
        self._wanted = wanted
        self._ground = ground
        self._tell = tell
        self._chance = random.Random(wanted.seed)

    async def tasks(self) -> tuple[BenchTask, ...]:
        wanted, found = self._wanted, list[BenchTask]()
        if wanted.fixes:
            most = (wanted.tasks + 1) // 2 if wanted.mutants else wanted.tasks
            found += [task async for task in self._fixes(most)]
        if wanted.mutants and len(found) < wanted.tasks:
            found += [task async for task in self._mutants(wanted.tasks - len(found))]
        if not found:
            raise UsageError(
                "bench.unbreakable",
                f"Nothing that was tried on {self._root.name} makes a test fail.",
                details="Past fixes that no longer apply, and code that no test runs, cannot be used.",
            )
        return tuple(found)

    async def _fixes(self, most: int) -> AsyncIterator[BenchTask]:
        """Drawn from the newest: those that are long past seldom apply."""
        ground, count = self._ground, 0
        endings = tuple(ground.language.extensions)
        every = await asyncio.to_thread(past_fixes, self._root, ground.lock.holds, endings)
        newest = every[: most * _MOST_TRIES]
        self._chance.shuffle(newest)
        for fix in newest:
            if count >= most:
                return
            changes = await asyncio.to_thread(taken_back, self._root, fix, ground.root)
            if changes and await ground.reddened(changes):
                count += 1
                self._tell(f"Taking past fixes back: {count} of {most}")
                about = f"takes {fix.commit[:10]} back: {fix.subject}"
                yield self._task(f"fix-{fix.commit[:8]}", PAST_FIX, changes, about)

    async def _mutants(self, most: int) -> AsyncIterator[BenchTask]:
        ground, count = self._ground, 0
        run: defaultdict[RelPath, set[int]] = defaultdict(set)
        for files in ground.coverage.values():
            for path, lines in files.items():
                if not ground.lock.holds(path):
                    run[path] |= lines
        sources = {path: text for path in run if (text := ground.read(path)) is not None}
        for tries, mutant in enumerate(draw_mutants(sources, run, self._chance)):
            if count >= most or tries >= most * _MOST_TRIES:
                return
            changes = {mutant.path: mutant.text}
            if await ground.reddened(changes):
                count += 1
                self._tell(f"Making mistakes: {count} of {most}")
                about = f"{mutant.path}:{mutant.line} {mutant.title}"
                yield self._task(f"mutant-{count:02}-{mutant.operator}", MUTANT, changes, about)

    def _task(self, name: str, kind: str, changes: Mapping[RelPath, str], about: str) -> BenchTask:
        right = {path: self._ground.read(path) or "" for path in changes}
        return BenchTask(
            id=f"{self._root.name}/{name}",
            kind=kind,
            repository=str(self._root),
            commit=self._commit,
            changes=dict(changes),
            truth=fault_lines(changes, right),
            right=right,
            source=about,
        )
