"""The engine keeps settings beside the work, tells of every change, and says what a repository says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import commands as cmd
from core.events import Body, Event, Noticed, SettingsChanged, TroubleRaised
from core.session.emitter import Emitter
from core.session.engine import Engine
from core.session.services import SessionSettings
from core.session.settings_desk import following
from core.types import Settings
from tests.core.session.conftest import BUGGY, LocalServices
from tests.repositories import commit_repository


class Driven:
    """An engine without isolation, and a way to wait for what it says."""

    def __init__(self, home: Path) -> None:
        self.events: list[Event] = []
        self.services = LocalServices(home, None, True)
        self.engine = Engine(self.services, SessionSettings(), Emitter((self.events.append,)))  # type: ignore[arg-type]

    async def until(self, kind: type[Body], holds: Callable[[Any], bool] = lambda body: True) -> Any:
        async with asyncio.timeout(60):
            while True:
                for event in reversed(self.events):
                    if isinstance(event.body, kind) and holds(event.body):
                        return event.body
                await asyncio.sleep(0.01)


def drive(home: Path, body: Callable[[Driven], Any]) -> Driven:
    async def main() -> Driven:
        driven = Driven(home)
        try:
            await body(driven)
        finally:
            await driven.engine.close()
        return driven

    return asyncio.run(main())


def test_a_change_is_written_and_told_and_survives_a_restart(tmp_path: Path) -> None:
    async def change(driven: Driven) -> None:
        driven.engine.handle(cmd.ReadSettings())
        driven.engine.handle(cmd.ChangeSettings((("search.seconds", 30), ("look.theme", "dark"))))
        driven.engine.handle(cmd.ChangeSettings((("search.seconds", None),)))
        await driven.until(SettingsChanged, lambda body: body.settings == Settings(look_theme="dark"))

    drive(tmp_path, change)

    async def read(driven: Driven) -> None:
        driven.engine.handle(cmd.ReadSettings())
        changed = await driven.until(SettingsChanged)
        assert changed.settings == Settings(look_theme="dark")

    drive(tmp_path, read)


def test_what_does_not_fit_is_a_trouble_and_the_window_is_told_what_counts(tmp_path: Path) -> None:
    async def change(driven: Driven) -> None:
        driven.engine.handle(cmd.ChangeSettings((("search.seconds", 0),)))
        trouble = await driven.until(TroubleRaised)
        assert trouble.sentence == "search.seconds is not a number from 5 to 86400."
        changed = await driven.until(SettingsChanged)
        assert changed.settings == Settings()

    drive(tmp_path, change)


def test_a_file_with_faults_is_told_of_once(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[look]\ntheme = 'pink'\n")

    async def read(driven: Driven) -> None:
        for _ in range(3):
            driven.engine.handle(cmd.ReadSettings())
        await driven.until(Noticed)
        driven.engine.handle(cmd.ExportSettings(str(tmp_path / "out.toml")))
        while sum(isinstance(event.body, SettingsChanged) for event in driven.events) < 4:
            await asyncio.sleep(0.01)

    told = [event.body for event in drive(tmp_path, read).events if isinstance(event.body, Noticed)]
    assert [notice.sentence.startswith("settings.toml: look.theme is none of") for notice in told] == [
        True
    ]
    assert (tmp_path / "out.toml").is_file()


def test_what_an_opened_repository_says_is_told_with_its_file(tmp_path: Path) -> None:
    files = {**BUGGY, "greenbar.toml": "[search]\nseconds = 20\n"}
    repository = commit_repository(tmp_path / "repository", files)

    async def open_it(driven: Driven) -> None:
        driven.engine.handle(cmd.OpenRepository(str(repository), run_tests=False))
        changed = await driven.until(SettingsChanged, lambda body: bool(body.overrides))
        (own,) = changed.overrides
        assert (own.key, own.value, own.place) == ("search.seconds", "20", "greenbar.toml")

    drive(tmp_path / "home", open_it)


def test_only_what_has_changed_has_commands_follow() -> None:
    before = Settings()
    assert following(before, Settings(look_theme="dark")) == []
    assert following(before, Settings(tests_sandbox="docker", search_strategy="quick")) == [
        cmd.SelectSandbox("docker"),
        cmd.SelectStrategy("quick"),
    ]
