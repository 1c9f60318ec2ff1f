"""When a model is measured, that it makes way for work, and what is remembered of it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from core.errors import ModelError
from core.events import Event, ModelProbed, Progress
from core.models.book import LimitRecord
from core.models.grading import ModelProfile
from core.models.probe_store import ProbeStore
from core.models.roles import ModelRoles
from core.models.select import Origin
from core.session.emitter import Emitter
from core.session.probing import IdleProbe, Probing
from tests.core.models.test_probe import Pupil


def origin(name: str = "sha256:1", *, here: bool = True) -> Origin:
    async def fingerprint(known_only: bool) -> str:
        return name

    return Origin(here, fingerprint)


def probing(folder: Path) -> tuple[Probing, list[Event]]:
    events: list[Event] = []
    return Probing(ProbeStore(folder / "probes.json"), Emitter((events.append,))), events


def test_a_new_model_is_measured_when_nothing_else_is_wanted_and_remembered(tmp_path: Path) -> None:
    async def work() -> None:
        first, events = probing(tmp_path)
        await first.use(ModelRoles(Pupil()), origin())  # type: ignore[arg-type]
        assert first.is_wanted
        idle = IdleProbe(first, seconds=0.01)
        idle.start()
        await asyncio.gather(*idle.tasks)
        (measured,) = [event.body for event in events if isinstance(event.body, ModelProbed)]
        assert [e.body for e in events if isinstance(e.body, Progress)][-1].done
        again, told = probing(tmp_path)
        await again.use(ModelRoles(Pupil()), origin())  # type: ignore[arg-type]
        assert [event.body for event in told] == [measured]
        assert not again.is_wanted
        tokens = measured.result.prompt_tokens
        assert again.profile(LimitRecord("test")) == ModelProfile(measured.result.edit_format, tokens)
        assert again.profile(LimitRecord("test", prompt=300)).prompt_tokens == 300

    asyncio.run(work())


def test_the_probe_makes_way_at_once_and_goes_on_later(tmp_path: Path) -> None:
    async def work() -> None:
        pupil = Pupil()
        one, events = probing(tmp_path)
        await one.use(ModelRoles(pupil), origin())  # type: ignore[arg-type]
        idle = IdleProbe(one, seconds=0.0)
        idle.start()
        (task,) = idle.tasks
        while pupil.asked < 3:
            await asyncio.sleep(0.005)
        begun = time.monotonic()
        idle.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert time.monotonic() - begun < 0.2
        assert idle.tasks == ()
        assert not any(isinstance(event.body, ModelProbed) for event in events)
        idle.start()
        await asyncio.gather(*idle.tasks)
        assert pupil.asked <= 13
        assert any(isinstance(event.body, ModelProbed) for event in events)

    asyncio.run(work())


def test_a_model_elsewhere_is_not_measured_unasked_and_one_of_no_origin_never(tmp_path: Path) -> None:
    async def work() -> None:
        one, _ = probing(tmp_path)
        with pytest.raises(ModelError):
            await one.measure()
        await one.use(ModelRoles(Pupil()), origin(here=False))  # type: ignore[arg-type]
        assert not one.is_wanted
        assert (await one.measure()).name == "a pupil"
        await one.use(ModelRoles(Pupil()), None)  # type: ignore[arg-type]
        assert not one.is_wanted
        with pytest.raises(ModelError):
            await one.measure()

    asyncio.run(work())
