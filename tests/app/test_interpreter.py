"""What the window asks of Python itself."""

from __future__ import annotations

import os
import subprocess
import sys

CHILD = """
import linecache, sys
from app.interpreter import SWITCH_SECONDS, give_way_to_the_window

give_way_to_the_window()
from PySide6.QtWidgets import QWidget
import core.session.engine, ui.app

assert QWidget.staticMetaObject.className() == "QWidget"
assert abs(sys.getswitchinterval() - SWITCH_SECONDS) < 1e-5
ours = {m.__file__ for name, m in [*sys.modules.items()] if name.startswith(("core.", "ui."))}
print(*(ours & linecache.cache.keys()))
"""


def test_qt_does_not_read_the_source_of_what_is_imported_after_it():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == []


ICONS = """
from app.interpreter import give_way_to_the_window

give_way_to_the_window()
from ui.app import create_application

application = create_application(["greenbar"])
import qtawesome
from PySide6.QtCore import QEventLoop
print(QEventLoop.__name__)
"""


def test_libraries_that_import_everything_of_qt_still_find_it():
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", ICONS], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["QEventLoop"], done.stderr
