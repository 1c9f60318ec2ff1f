"""Which tests of a task are hidden: drawn until one of those that stay fails, as a user's would."""

from __future__ import annotations

import asyncio
import random
from typing import Final

from core.bench.hiding import hide_tests
from core.bench.layout import lay_out
from core.bench.running import ROOM_PREFIX, ROOMS
from core.bench.values import BenchTask
from core.errors import ConsentRefused
from core.rooms import Room
from core.session.emitter import Emitter
from core.session.services import Services, SessionSettings
from core.session.session import Session
from core.types import ConsentRequest

MOST_DRAWS: Final = 20


async def draw_hidden(
    task: BenchTask, share: float, seed: int, services: Services, settings: SessionSettings
) -> BenchTask | None:
    """The task with ``share`` of its tests hidden; ``None`` where none can be, or none that fails stays.

    Raises GreenbarError where its tests cannot be run.
    """
    parent = services.cache / ROOMS
    await asyncio.to_thread(parent.mkdir, parents=True, exist_ok=True)
    room = await asyncio.to_thread(Room, ROOM_PREFIX, parent)
    session = Session(services, settings, Emitter((), None), _refuse)
    try:
        for number in range(MOST_DRAWS):
            drawn = hide_tests(task, share, random.Random(f"{seed} {task.id} {number}"))
            if drawn is None:
                return None
            laid_out = await asyncio.to_thread(lay_out, drawn, room.path / str(number))
            await session.open(str(laid_out.root))
            if (await session.run_tests()).failing:
                return drawn
    except ConsentRefused as error:
        raise ConsentRefused(error.code, f"{error.sentence} Allow it with --yes.") from error
    finally:
        await session.close()
        await asyncio.to_thread(room.remove)
    return None


async def _refuse(request: ConsentRequest) -> bool:
    """What the user has allowed beforehand is in the settings."""
    return False
