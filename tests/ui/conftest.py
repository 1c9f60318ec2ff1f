"""Window tests run offscreen, and any word from Qt itself fails the test that caused it."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from tests.ui.replay import Stage

_EXPECTED = ("This plugin does not support",)


@pytest.fixture(autouse=True)
def _silent_qt(qapp: QApplication) -> Iterator[None]:
    said: list[str] = []

    def hear(kind: QtMsgType, _context: object, message: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not message.startswith(_EXPECTED):
            said.append(message)

    before = qInstallMessageHandler(hear)
    yield
    qInstallMessageHandler(before)
    assert said == []


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    """The real window with an inbox, and a list of what it asks of core."""
    made = Stage(qapp)
    yield made
    made.close()
    gc.collect()
