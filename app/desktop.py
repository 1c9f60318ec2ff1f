"""Starts the window: the first paint first, core right after it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from app.display import has_display

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
    from app.later import load_later

    load_later("core.events")
    from app.logs import hook_crashes, set_up_logging
    from app.paths import find_paths
    from app.windows import Windows
    from core.redact import Redactor
    from ui.app import create_application

    paths = find_paths()
    redact = Redactor(os.environ)
    hook_crashes(paths.logs, set_up_logging(paths.logs, redact), redact)
    application = create_application(["greenbar"])
    windows = Windows(paths, redact)
    window = windows.open()
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
        windows.stop()
