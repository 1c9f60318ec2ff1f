"""The doctor's table: every look at once, and the whole table told again as each comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from core.types import ReadinessRow, ReadinessState

Look: TypeAlias = Callable[[], Awaitable[ReadinessRow]]
"""Looks at one thing; ready within seconds, and never raises for what a user can have."""
TellRows: TypeAlias = Callable[[tuple[ReadinessRow, ...]], None]


async def look_around(looks: Mapping[str, Look], tell: TellRows) -> tuple[ReadinessRow, ...]:
    """One row for each subject, in the order of ``looks``."""
    rows = {subject: ReadinessRow(subject, ReadinessState.LOOKING, "Looking…") for subject in looks}
    tell(tuple(rows.values()))

    async def one(subject: str, look: Look) -> None:
        rows[subject] = await look()
        tell(tuple(rows.values()))

    async with asyncio.TaskGroup() as group:
        for subject, look in looks.items():
            group.create_task(one(subject, look))
    return tuple(rows.values())
