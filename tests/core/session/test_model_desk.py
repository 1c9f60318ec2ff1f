"""Models and keys in the engine: beside the work, with progress, cancelled at will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import commands as cmd
from core.events import Body, Event, KeysChanged, ModelsChanged, Progress, TroubleRaised
from core.session.emitter import Emitter
from core.session.engine import Engine
from core.session.services import SessionSettings
from core.types import KeySource, ModelState
from tests.core.models.servers import Asked, head, serve
from tests.core.models.test_download import DATA, ranged
from tests.core.models.test_manager import Desk as Models
from tests.core.models.test_manager import hugging_face
from tests.core.session.conftest import LocalServices


class Services(LocalServices):
    """With a real manager over a small catalogue."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home, None, True)
        self._desk = Models(home, None, hugging_face(url))
        self.models = self._desk.manager
        self.keys = self._desk.keys

    async def list_models(self) -> Any:
        return await self._desk.overview.rows()

    async def list_keys(self) -> Any:
        return await self.keys.rows()


class Driven:
    """An engine, and a way to wait for what it says."""

    def __init__(self, home: Path, url: str) -> None:
        self.events: list[Event] = []
        self.services = Services(home, url)
        self.engine = Engine(self.services, SessionSettings(), Emitter((self.events.append,)))

    async def until(self, kind: type[Body], holds: Callable[[Any], bool] = lambda body: True) -> Any:
        async with asyncio.timeout(20):
            while True:
                for event in reversed(self.events):
                    if isinstance(event.body, kind) and holds(event.body):
                        return event.body
                await asyncio.sleep(0.01)


async def never_ending(request: Asked, writer: asyncio.StreamWriter) -> None:
    extra = {"Content_Length": len(DATA)}
    writer.write(head(200, "application/octet-stream", **extra) + DATA[:300_000])
    await writer.drain()
    await asyncio.sleep(60)


def test_a_download_shows_progress_ends_in_a_row_and_the_next_command_need_not_wait(
    tmp_path: Path,
) -> None:
    async def body() -> None:
        async with serve(ranged([])) as url:
            driven = Driven(tmp_path, url)
            try:
                driven.engine.handle(cmd.DownloadModel("embedded"))
                driven.engine.handle(cmd.ListKeys())
                keys = await driven.until(KeysChanged)
                assert {row.name: row.source for row in keys.rows}["openai"] is KeySource.NONE
                rows = await driven.until(
                    ModelsChanged, lambda body: body.rows[0].state is ModelState.VERIFIED
                )
                assert rows.rows[0].name == "Tiny"
            finally:
                await driven.engine.close()
            said = [event.body for event in driven.events if isinstance(event.body, Progress)]
            assert {progress.job for progress in said} == {"model:embedded"}
            assert said[-1].done
            assert "Tiny is ready" in said[-1].text

    asyncio.run(body())


def test_a_cancelled_download_leaves_a_part_that_the_row_shows_and_the_next_one_uses(
    tmp_path: Path,
) -> None:
    asked: list[Asked] = []

    async def body() -> None:
        async with serve(never_ending) as url:
            driven = Driven(tmp_path, url)
            try:
                driven.engine.handle(cmd.DownloadModel("embedded"))
                driven.engine.handle(cmd.DownloadModel("embedded"))
                await driven.until(Progress, lambda body: bool(body.fraction) and not body.done)
                driven.engine.handle(cmd.CancelDownload("embedded"))
                rows = await driven.until(ModelsChanged)
                assert rows.rows[0].state is ModelState.PARTIAL
                kept = rows.rows[0].done
                assert 0 < kept <= 300_000
                assert not [e for e in driven.events if isinstance(e.body, TroubleRaised)]
            finally:
                await driven.engine.close()
        async with serve(ranged(asked)) as url:
            driven = Driven(tmp_path, url)
            try:
                driven.engine.handle(cmd.DownloadModel("embedded"))
                await driven.until(ModelsChanged, lambda body: body.rows[0].state is ModelState.VERIFIED)
            finally:
                await driven.engine.close()
        assert asked[0].headers["range"] == f"bytes={kept}-"

    asyncio.run(body())


def test_closing_in_the_middle_of_a_download_is_quick_and_keeps_the_part(tmp_path: Path) -> None:
    async def body() -> None:
        async with serve(never_ending) as url:
            driven = Driven(tmp_path, url)
            driven.engine.handle(cmd.DownloadModel("embedded"))
            await driven.until(Progress, lambda body: bool(body.fraction))
            await driven.engine.close()
        assert (tmp_path / "models" / "tiny.gguf.part").stat().st_size > 0

    asyncio.run(body())


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (cmd.DownloadModel("nonsense"), "model.spec"),
        (cmd.VerifyModel("embedded"), "model.file_missing"),
        (cmd.AddModelFile("/nowhere/x.gguf"), "model.file_missing"),
        (cmd.AddEndpoint("openai", "http://x/v1"), "model.endpoint_name"),
        (cmd.SetKey("openai", "two\nlines"), "model.bad_key"),
        (cmd.DeleteKey("a b"), "model.key_name"),
    ],
)
def test_what_fails_is_one_trouble_and_the_engine_goes_on(
    tmp_path: Path, command: cmd.Command, code: str
) -> None:
    async def body() -> None:
        driven = Driven(tmp_path, "http://127.0.0.1:9")
        try:
            driven.engine.handle(command)
            assert (await driven.until(TroubleRaised)).code == code
            driven.engine.handle(cmd.ListModels())
            await driven.until(ModelsChanged)
        finally:
            await driven.engine.close()

    asyncio.run(body())


def test_a_key_of_this_run_is_shown_as_such_and_never_itself(tmp_path: Path) -> None:
    async def body() -> None:
        driven = Driven(tmp_path, "http://127.0.0.1:9")
        try:
            command = cmd.SetKey("anthropic", "the-secret-key-0123", this_run_only=True)
            assert "the-secret" not in repr(command)
            driven.engine.handle(command)
            keys = await driven.until(KeysChanged)
            assert {row.name: row.source for row in keys.rows}["anthropic"] is KeySource.THIS_RUN
            assert "the-secret" not in repr(driven.events)
        finally:
            await driven.engine.close()

    asyncio.run(body())


def test_choosing_for_later_runs_is_kept(tmp_path: Path) -> None:
    async def body() -> None:
        driven = Driven(tmp_path, "http://127.0.0.1:9")
        try:
            driven.engine.handle(cmd.SelectModel("embedded", keep=True))
            rows = await driven.until(ModelsChanged)
            assert rows.rows[0].chosen
        finally:
            await driven.engine.close()

    asyncio.run(body())
