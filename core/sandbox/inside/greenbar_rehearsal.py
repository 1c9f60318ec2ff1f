"""One run of pytest in the worker, over tests of our own, before it forks for the first time.

What pytest imports late, and the patterns and parsers that it builds on first use, are then there in
every fork. No plugin but pytest's own is loaded and no file of the repository is seen. Standard
library and pytest only.
"""

import os
import shutil
import sys
import tempfile

TESTS = """
import unittest
import pytest

@pytest.fixture
def number():
    yield 2

@pytest.mark.parametrize("other", [1, "two"])
def test_numbers(number, other, monkeypatch, capsys):
    assert number == other, "an honest failure"

def test_raises():
    with pytest.raises(ValueError, match="no"):
        raise ValueError("no")

class TestCase(unittest.TestCase):
    def test_equal(self):
        self.assertEqual([1], [2])
"""
PROJECT = "[tool.pytest.ini_options]\n"


def rehearse():
    """Run, say nothing, leave nothing behind; a rehearsal that goes wrong is none."""
    import pytest

    folder = tempfile.mkdtemp(prefix="rehearsal-")
    files = {"test_rehearsal.py": TESTS, "pyproject.toml": PROJECT}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--import-mode=importlib"]
    arguments += ["--color=no", "--rootdir=" + folder, folder]
    modules = set(sys.modules)
    kept = [(fd, os.dup(fd)) for fd in (0, 1, 2)]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for fd, _ in kept:
            os.dup2(null, fd)
        os.close(null)
        pytest.main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        for fd, copy in kept:
            os.dup2(copy, fd)
            os.close(copy)
        for name in set(sys.modules) - modules:
            if "rehearsal" in name:
                del sys.modules[name]
        shutil.rmtree(folder, ignore_errors=True)
