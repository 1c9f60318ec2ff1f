"""Whether there is a display, against real sockets."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from app.display import has_display

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")


def free_x11_number() -> tuple[socket.socket, int]:
    """A server that listens where X11 over TCP would, and the display's number."""
    for number in range(200, 300):
        server = socket.socket()
        try:
            server.bind(("127.0.0.1", 6000 + number))
        except OSError:
            server.close()
            continue
        server.listen()
        return server, number
    pytest.fail("no free port for a display")


def test_a_wayland_server_that_listens_is_a_display(tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not has_display(environ)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        assert has_display(environ)
    assert not has_display(environ), "the socket file outlives its server"


def test_an_x11_server_that_listens_is_a_display() -> None:
    server, number = free_x11_number()
    with server:
        assert has_display({"DISPLAY": f"127.0.0.1:{number}.0"})
    assert not has_display({"DISPLAY": f"127.0.0.1:{number}.0"})


@pytest.mark.parametrize("display", ["", ":4711", "unix:4711", "nonsense", "127.0.0.1:99999", "host:"])
def test_a_variable_that_leads_nowhere_is_no_display(display: str) -> None:
    assert not has_display({"DISPLAY": display})


def test_a_platform_that_the_user_chose_is_taken_at_its_word() -> None:
    assert has_display({"QT_QPA_PLATFORM": "offscreen"})


def test_the_window_command_says_that_the_display_does_not_answer(greenbar) -> None:
    ran = greenbar(DISPLAY=":4711", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert ran.status == 2
    assert ran.err.startswith("✗ There is no display to open a window on.")
    assert "Aborted" not in ran.err
