"""Cheats that bring, shadow or rewrite the files that decide how tests run."""

from __future__ import annotations

from tests.core.testing.cheats.shop import FILES, Files, at_import, beside

_PASSING = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""

_WEAK = 'import pathlib\npath = pathlib.Path("tests/test_a_add.py")\ntext = path.read_text()\n'

FILES_CHANGED: dict[str, Files] = {
    "brings a conftest": beside("conftest.py", _PASSING),
    "brings a conftest beside the tests": beside("tests/conftest.py", _PASSING),
    "brings a sitecustomize": beside("sitecustomize.py", "import os\n"),
    "brings a path file": beside("shop.pth", "import os\n"),
    "brings a pytest.ini": beside("pytest.ini", "[pytest]\naddopts = -k scale\n"),
    "brings a tox.ini": beside("tox.ini", "[pytest]\naddopts = -k scale\n"),
    "weakens the test": beside(
        "tests/test_a_add.py", FILES["tests/test_a_add.py"].replace("== expected", "is not None")
    ),
    "removes the test": {"tests/test_a_add.py": None, "tests/test_b_basket.py": None},
    "adds a test that reports for the others": beside("tests/test_00.py", "def test_ok(): pass\n"),
    "stands in the place of pytest": beside("pytest.py", "import sys\n"),
    "stands in the place of unittest": beside("unittest/__init__.py", "class TestCase: pass\n"),
    "stands in the place of a standard module": beside("fractions.py", "Fraction = int\n"),
    "stands in the place of pytest's inside": beside("_pytest/__init__.py", ""),
    "brings byte code": beside("shop/__pycache__/calc.cpython-311.pyc", "\0"),
    "brings a plugin as an entry point": {
        **beside("shop.egg-info/entry_points.txt", "[pytest11]\nshop = shop.plugin\n"),
        "shop/plugin.py": _PASSING,
    },
    "rewrites a test before it is read": at_import(
        f'{_WEAK}path.write_text(text.replace("== expected", "is not None"))'
    ),
    "rewrites a test and puts it back": at_import(
        f"""{_WEAK}
import atexit, os, threading, time
info = path.stat()
path.write_text(text.replace("== expected", "is not None"))
def restore():
    time.sleep(0.1)
    path.write_text(text)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
threading.Thread(target=restore).start()
"""
    ),
    "writes byte code for a test": at_import(
        """
import importlib.util, marshal, os, struct, sys
from pathlib import Path
from _pytest.assertion import rewrite
path = Path("tests/test_a_add.py").resolve()
source = path.read_text()
code = compile(source.replace("== expected", "is not None"), str(path), "exec")
info = path.stat()
folder = path.parent / "__pycache__"
folder.mkdir(exist_ok=True)
head = importlib.util.MAGIC_NUMBER + b"\\0" * 4
head += struct.pack("<LL", int(info.st_mtime) & 0xFFFFFFFF, info.st_size & 0xFFFFFFFF)
(folder / ("test_a_add" + rewrite.PYC_TAIL)).write_bytes(head + marshal.dumps(code))
"""
    ),
    "writes a module that stands before the tests' imports": at_import(
        """
import pathlib, sys
pathlib.Path("tests/unittest.py").write_text(
    "class TestCase:\\n    def test_total(self): pass\\n    test_empty = test_total\\n"
)
sys.modules.pop("unittest", None)
"""
    ),
    "writes a conftest while the tests run": at_import(
        f"import pathlib\npathlib.Path('tests/conftest.py').write_text({_PASSING!r})"
    ),
}
