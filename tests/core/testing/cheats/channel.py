"""Cheats that write results themselves."""

from __future__ import annotations

from tests.core.testing.cheats.shop import Files, at_import, in_add

_IDS = """[
    "tests/test_a_add.py::test_add[1-2-3]", "tests/test_a_add.py::test_add[2-2-4]",
    "tests/test_a_add.py::test_add[0-5-5]", "tests/test_a_add.py::test_words_are_no_numbers",
    "tests/test_b_basket.py::BasketTest::test_empty", "tests/test_b_basket.py::BasketTest::test_total",
]"""

_LINES = f"""
import json, os
ids = {_IDS}
messages = [{{"type": "collected", "ids": ids}}]
for name in ids:
    messages.append({{"type": "start", "id": name, "limit": 1.0}})
    messages.append({{"type": "result", "id": name, "outcome": "passed", "message": "", "traceback": "",
                      "output": "", "frames": [], "seconds": 0.01}})
"""

CHANNEL: dict[str, Files] = {
    "writes results to every open file": at_import(
        f"""{_LINES}
messages.append({{"type": "finish", "status": 0}})
for fd in range(3, 64):
    for message in messages:
        try:
            os.write(fd, (json.dumps(message) + "\\n").encode())
        except OSError:
            pass
os._exit(0)
"""
    ),
    "writes results among the real ones": in_add(
        f"""{_LINES}
for fd in os.listdir("/proc/self/fd"):
    for message in messages:
        try:
            os.write(int(fd), (json.dumps(message) + "\\n").encode())
        except OSError:
            pass
return a - b
"""
    ),
    "writes results to the worker's own output": at_import(
        f"""{_LINES}
for run in range(200):
    text = "".join(
        json.dumps(dict(message, run=run)) + "\\n"
        for message in [*messages, {{"type": "done", "end": "finished", "detail": "", "seconds": 0.1}}]
    )
    try:
        with open("/proc/%d/fd/1" % os.getppid(), "w") as output:
            output.write(text)
    except OSError:
        pass
"""
    ),
    "sends results with the plugin's own function": at_import(
        f"""{_LINES}
import gc
[reporter] = [thing for thing in gc.get_objects() if type(thing).__name__ == "Reporter"]
for message in messages:
    reporter._send(message)
reporter._send({{"type": "finish", "status": 0}})
os._exit(0)
"""
    ),
    "sends a second result for each test": in_add(
        """
import gc
[reporter] = [thing for thing in gc.get_objects() if type(thing).__name__ == "Reporter"]
real = reporter._send
def both(message):
    if message["type"] == "result":
        real(dict(message, outcome="passed"))
    real(message)
reporter._send = both
return a - b
"""
    ),
    "finds the way to send in a frame": in_add(
        f"""{_LINES}
import sys
frame = sys._getframe()
while "reporter" not in frame.f_locals and "send" not in frame.f_locals:
    frame = frame.f_back
send = frame.f_locals["send"]
for message in messages[1:]:
    send(message)
send({{"type": "finish", "status": 0}})
os._exit(0)
"""
    ),
}
