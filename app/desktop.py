"""Starts the window: the first paint first, core right after it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.display import has_display

if TYPE_CHECKING:
    from app.paths import Paths
    from core.redact import Redactor
    from core.session.engine import Engine
    from ui.inbox import Inbox
    from ui.window.main_window import MainWindow

EXIT_NO_DISPLAY = 2


def run_desktop(arguments: Sequence[str]) -> int:
    """Open the window, on a repository if one is named; returns the exit status."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    unknown = [a for a in arguments if a.startswith("-") and a != "--sample"]
    if unknown or len(names) > 1:
        wrong = unknown[0] if unknown else names[1]
        sys.stderr.write(f"✗ Greenbar does not know {wrong}.\n  Show the usage: greenbar --help\n")
        return EXIT_NO_DISPLAY
    if not has_display(os.environ):
        sys.stderr.write(
            "✗ There is no display to open a window on.\n  Work on the command line: greenbar fix PATH\n"
        )
        return EXIT_NO_DISPLAY

    from app.interpreter import give_way_to_the_window

    give_way_to_the_window()
    from app.core_thread import CoreThread
    from app.logs import hook_crashes, set_up_logging
    from app.paths import find_paths
    from core.commands import ReadSettings, RunDoctor
    from core.redact import Redactor
    from core.settings.store import FILE_NAME, SettingsStore
    from ui.app import build_window, create_application
    from ui.inbox import Inbox
    from ui.state import UiState

    paths = find_paths()
    redact = Redactor(os.environ)
    hook_crashes(paths.logs, set_up_logging(paths.logs, redact), redact)
    application = create_application(["greenbar"])
    inbox = Inbox()
    core = CoreThread(lambda: _make_engine(paths, inbox, redact))
    chosen = SettingsStore(paths.config / FILE_NAME).read().settings
    window = build_window(core.post, inbox, UiState.load(paths.state / "window.json"), chosen)
    # Core's imports would delay the first paint; commands posted before it starts are kept.
    window.first_painted.connect(core.start)
    window.first_painted.connect(lambda: _let_it_call(window))
    window.show()
    core.post(ReadSettings())
    core.post(RunDoctor())
    if "--sample" in arguments:
        window.handlers.trigger("open_sample")
    elif names:
        window.open_path(names[0])
    # Python runs handlers between bytecodes: the collector's timer gives it the chance.
    signal.signal(signal.SIGINT, lambda *_: application.quit())
    signal.signal(signal.SIGTERM, lambda *_: application.quit())
    try:
        return application.exec()
    finally:
        core.stop()
        inbox.close()


def _let_it_call(window: MainWindow) -> None:
    """Give the window the system's ways to call the user back."""
    from ui.attention.center import system_ways

    window.attention.ways = system_ways(window.windowIcon())


def _make_engine(paths: Paths, inbox: Inbox, redact: Redactor) -> Engine:
    from app.services import AppServices, settings_of
    from core.session.emitter import Emitter
    from core.session.engine import Engine

    emit = Emitter((inbox.push,), redact)
    services = AppServices(paths, redact)
    return Engine(services, settings_of(services.settings.read().settings), emit)
