"""What a sandbox promises, tried from inside. A test that passes is a promise that is kept.

Runs on Python 3.8 or newer. ``promises.json`` beside it says what to try.
"""

import json
import os
import signal
import socket
import time
from pathlib import Path

PROMISES = json.loads((Path(__file__).parent / "promises.json").read_text("utf-8"))


def reaches(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def test_network():
    routes = Path("/proc/net/route")
    assert not routes.exists() or len(routes.read_text().splitlines()) <= 1, "there is a way out"
    assert not reaches("1.1.1.1", 53), "the internet can be reached"
    assert not reaches("127.0.0.1", PROMISES["port"]), "this computer's own servers can be reached"


def test_files():
    for place in PROMISES["secrets"]:
        try:
            seen = os.path.exists(place) and os.access(place, os.R_OK)
        except OSError:
            seen = False
        assert not seen, place + " can be read"


def test_writing():
    for folder in PROMISES["outside"]:
        try:  # a folder of the same name may be here; outside, it is seen whether this came through
            open(os.path.join(folder, PROMISES["mark"]), "w").close()
        except OSError:
            continue
    for folder in PROMISES["closed"]:
        place = os.path.join(folder, PROMISES["mark"])
        try:
            open(place, "w").close()
        except OSError:
            continue
        os.unlink(place)
        raise AssertionError(folder + " can be written")


def test_memory():
    child = os.fork()
    if child == 0:
        try:
            held = bytearray(2 * PROMISES["memory"])
            held[::4096] = b"x" * len(held[::4096])
        except MemoryError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status != 0, "twice the memory that is allowed could be used"


def test_processes():
    children = []
    try:
        while len(children) <= PROMISES["processes"]:
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
        time.sleep(3)  # where nothing refuses them, a watch ends the sandbox
    except OSError:
        return
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    raise AssertionError("more processes than are allowed could be started")


def test_running():
    made = Path("made here.txt")
    made.write_text("ü", "utf-8")
    assert made.read_text("utf-8") == "ü"
