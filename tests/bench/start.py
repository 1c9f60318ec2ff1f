"""From process start to the first painted window, against the bare import of QtWidgets."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.bench.stats import median_ratio, spread

RUNS = 9

_FIRST_PAINT = """
import sys, time
from app.interpreter import give_way_to_the_window
give_way_to_the_window()
from PySide6.QtCore import QEvent, QObject
import ui.app

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.isVisible():
            sys.stdout.write(repr(time.time()))
            sys.stdout.flush()
            import os
            os._exit(0)
        return False

create = ui.app.create_application
def create_and_watch(argv):
    application = create(argv)
    application.watch = Watch()
    application.installEventFilter(application.watch)
    return application
ui.app.create_application = create_and_watch

from app.main import main
main([])
"""


def measure_start() -> dict[str, object]:
    """Seconds; runs of the two alternate. The window is the real one, painted offscreen."""
    bare, window = [], []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(RUNS):
            bare.append(_bare())
            window.append(_window(home))
    return {
        "bare_import_seconds": spread(bare),
        "first_paint_seconds": spread(window),
        "ratio": median_ratio(window, bare),
    }


def _bare() -> float:
    began = time.time()
    subprocess.run([sys.executable, "-c", "import PySide6.QtWidgets"], check=True)
    return time.time() - began


def _window(home: str) -> float:
    env = {**os.environ, "GREENBAR_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_PAINT], env=env, check=True, capture_output=True, text=True
    )
    return float(done.stdout) - began
