"""Pictures of the real program fixing the sample, in every theme and at 200 % text; not a test.

``python -m tests.screenshots FOLDER`` on a display with a window manager (``make screenshots``). The
pictures show a real run: real sandbox, real model where its file is there, real results.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
from PySide6.QtWidgets import QApplication

from app.core_thread import CoreThread
from app.paths import find_paths
from app.services import AppServices, settings_from
from core.commands import RunDoctor
from core.session.emitter import Emitter
from core.session.engine import Engine
from core.types import Settings
from ui.app import build_window, create_application
from ui.inbox import Inbox
from ui.state import UiState

SIZE = (1440, 900)
LOOKS = (("light", 100), ("dark", 100), ("contrast", 100), ("light", 200))
"""Themes, and per cent of the designed text size."""
LIMIT_SECONDS = 120.0
MODEL_FILE = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"


def walk(application: QApplication, folder: Path, theme: str, percent: int) -> None:
    """From the welcome page to a green bar after accept."""
    home = tempfile.mkdtemp(prefix="greenbar-screenshots-")
    inbox = Inbox()
    core = CoreThread(
        lambda: Engine(AppServices(find_paths(home)), settings_from(), Emitter((inbox.push,)))
    )
    chosen = Settings(look_theme=theme, look_text=percent)
    services = AppServices(find_paths(home))
    services.settings.change({"look.theme": theme, "look.text": percent})
    window = build_window(core.post, inbox, UiState(), chosen)
    tag = theme if percent == 100 else f"{theme}-{percent}"
    window.resize(*SIZE)
    window.show()
    core.start()
    core.post(RunDoctor())
    session = window.session

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the program did not get there")
            application.processEvents()
            time.sleep(0.005)

    def shoot(name: str) -> None:
        until = time.monotonic() + 0.3
        wait(lambda: time.monotonic() > until)
        window.grab().save(str(folder / f"{name}-{tag}.png"))

    def idle() -> bool:
        return not session.is_busy() and not inbox.pending()

    wait(lambda: bool(session.readiness))
    shoot("welcome")
    window.handlers.trigger("models")
    wait(lambda: bool(session.models) and bool(session.keys))
    shoot("models")
    window.handlers.escape()
    window.handlers.trigger("settings")
    wait(lambda: window.settings is not None and window.settings.isVisible())
    assert window.settings is not None
    window.settings.grab().save(str(folder / f"settings-{tag}.png"))
    window.settings.close()
    window.handlers.trigger("open_sample")
    wait(lambda: bool(session.failing()) and idle())
    shoot("red")
    window.handlers.trigger("fix")
    wait(lambda: len(session.candidates) > 2 or session.result is not None)
    window.router.refresh()
    window.grab().save(str(folder / f"candidates-{tag}.png"))
    wait(lambda: session.result is not None and session.review is not None and idle())
    window.handlers.trigger("review_best")
    shoot("review")
    window.handlers.trigger("accept_all")
    wait(lambda: session.accepted is not None and idle())
    window.handlers.trigger("tab_conversation")
    shoot("accepted")
    window.close()
    core.stop()
    inbox.close()


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    model = Path(platformdirs.user_data_dir("greenbar")) / "models" / MODEL_FILE
    if model.is_file():
        os.environ.setdefault("GREENBAR_MODEL", str(model))
    application = create_application(sys.argv[:1])
    for theme, percent in LOOKS:
        walk(application, folder, theme, percent)


if __name__ == "__main__":
    main()
