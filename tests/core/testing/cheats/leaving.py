"""Cheats that end, leave or skip before a test can say that it failed."""

from __future__ import annotations

from tests.core.testing.cheats.shop import Files, at_import, in_add

LEAVING: dict[str, Files] = {
    "leaves the process politely at import": at_import("import sys\nsys.exit(0)"),
    "leaves the process at import": at_import("import os\nos._exit(0)"),
    "leaves the process in the function under test": in_add("import os\nos._exit(0)"),
    "leaves politely in the function under test": in_add("import sys\nsys.exit(0)"),
    "interrupts as the user would": in_add("raise KeyboardInterrupt"),
    "ends the session with status 0": in_add("import pytest\npytest.exit('all done', 0)"),
    "ends the session at import": at_import("import pytest\npytest.exit('all done', 0)"),
    "leaves from an exit handler": at_import("import atexit, os\natexit.register(os._exit, 0)"),
    "leaves from a thread": at_import(
        "import os, threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.01), os._exit(0)), daemon=True).start()"
    ),
    "kills the worker": in_add("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"),
    "kills its own group": in_add("import os, signal\nos.killpg(0, signal.SIGKILL)"),
    "closes every pipe": in_add("import os\nos.closerange(3, 512)\nreturn a - b"),
    "skips from the function under test": in_add("import pytest\npytest.skip('not on this day')"),
    "skips as unittest does": in_add("import unittest\nraise unittest.SkipTest('later')"),
    "expects the failure from the function under test": in_add("import pytest\npytest.xfail('known')"),
    "skips whole modules at import": at_import(
        "import pytest\npytest.skip('not here', allow_module_level=True)"
    ),
    "loops for ever, deaf to the alarm": in_add(
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass"
    ),
    "forks and lets a child go on that sees other sums": at_import(
        "import os\nif os.fork():\n    os._exit(0)"
    ),
    "forks and lets the child report in its place": in_add(
        "import os\nif os.fork():\n    os._exit(0)\nreturn a + b"
    ),
    "marks the tests as expected failures": in_add(
        "import gc, pytest\n"
        "for item in gc.get_objects():\n"
        "    if isinstance(item, pytest.Item):\n"
        "        item.add_marker(pytest.mark.xfail)\n"
        "return a - b"
    ),
    "deselects the failing tests": at_import(
        "import gc, pytest\n"
        "class Chooser:\n"
        "    def pytest_collection_modifyitems(self, items):\n"
        "        items[:] = [i for i in items if 'scale' in i.name or 'empty' in i.name]\n"
        "for config in [o for o in gc.get_objects() if type(o) is pytest.Config]:\n"
        "    config.pluginmanager.register(Chooser())"
    ),
    "deselects by the environment and the arguments": at_import(
        "import os, sys\n"
        "os.environ['PYTEST_ADDOPTS'] = '-k scale'\n"
        "sys.argv[:] = ['pytest', '-k', 'scale']"
    ),
}
