"""Whole projects, set up untouched, and their tests run: compiled parts, locks, other Pythons."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.sandbox.environments import uv_program
from core.sandbox.installer import network_settings
from core.sandbox.interpreter import base_python
from core.types import Outcome, SandboxKind
from tests.pythons import another_python

from .trying import Try, outcomes

COMPILED = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools>=68", "setuptools-scm>=8"]
build-backend = "setuptools.build_meta"
[project]
name = "greenbar-trial"
dynamic = ["version"]
[project.scripts]
greenbar-trial = "trial:main"
[tool.setuptools_scm]
version_file = "src/trial/_version.py"
""",
    "setup.py": """
from setuptools import Extension, setup
setup(ext_modules=[Extension("trial._speed", ["src/trial/_speed.c"])])
""",
    "src/trial/__init__.py": """
from trial._speed import answer
from trial._version import version

def main():
    print(answer())
""",
    "src/trial/_speed.c": """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_speed", "", -1, methods};
PyMODINIT_FUNC PyInit__speed(void) { return PyModule_Create(&module); }
""",
    "tests/test_trial.py": """
import subprocess, trial

def test_the_generated_version():
    assert trial.version == "1.4.0"

def test_the_compiled_part():
    assert trial.answer() == 42

def test_the_script_runs_the_candidates_code():
    assert subprocess.check_output(["greenbar-trial"], text=True) == "42\\n"

def test_the_code_is_that_of_the_work_folder():
    import os
    assert trial.__file__ == os.path.join(os.getcwd(), "src", "trial", "__init__.py")
""",
}
LOCAL = SandboxKind.HOST


@pytest.mark.parametrize(
    "kind",
    [
        # A container has no compiler, so this one fetches it.
        pytest.param(SandboxKind.DOCKER, marks=[pytest.mark.docker, pytest.mark.slow]),
        pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
        SandboxKind.HOST,
    ],
)
def test_a_project_with_a_compiled_part_and_a_generated_version(try_out: Try, kind: SandboxKind) -> None:
    sentence, report = try_out(COMPILED, kind, version="1.4.0")
    assert set(outcomes(report).values()) == {Outcome.PASSED}, report.results[0].traceback
    assert len(report.results) == 4
    assert report.interference == ()
    assert sentence.startswith("Installed the project itself in ")


def test_where_the_project_cannot_be_built_its_dependencies_are_there_and_it_is_said(
    try_out: Try,
) -> None:
    files = {
        "pyproject.toml": """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "greenbar-trial"
version = "1"
dependencies = ["pretend==1.0.9"]
""",
        "backend.py": "def build_editable(*given):\n    raise RuntimeError('this one never builds')\n",
        "src/trial.py": "import pretend\n",
        "test_trial.py": "import trial\n\ndef test_it():\n    assert trial.pretend\n",
    }
    sentence, report = try_out(files)
    assert outcomes(report) == {"test_it": Outcome.PASSED}, sentence
    assert sentence.startswith("Installed what the project depends on in ")
    assert "The project itself could not be built: " in sentence
    assert "this one never builds" in sentence


def test_uvs_lock_decides_the_versions(try_out: Try, copy: Path) -> None:
    files = {
        "pyproject.toml": """
[project]
name = "greenbar-trial"
version = "1"
requires-python = ">=3.9"
dependencies = []
[dependency-groups]
test = ["pretend<=1.0.8"]
""",
        "test_it.py": """
import importlib.metadata

def test_it():
    assert importlib.metadata.version("pretend") == "1.0.8"
""",
    }
    (copy / "pyproject.toml").write_text(files["pyproject.toml"])
    env = {**network_settings().env, "PATH": "/usr/bin:/bin", "HOME": str(copy)}
    if certificates := network_settings().certificates:
        env["SSL_CERT_FILE"] = str(certificates)
    python = str(base_python().executable)
    subprocess.run([uv_program(), "lock", "-q", "-p", python], cwd=copy, env=env, check=True)
    loosened = files["pyproject.toml"].replace("pretend<=1.0.8", "pretend")
    sentence, report = try_out({**files, "pyproject.toml": loosened})
    assert outcomes(report) == {"test_it": Outcome.PASSED}, sentence
    assert sentence.startswith("Installed uv.lock, group test in ")


@pytest.mark.parametrize(
    ("pinned", "found", "note"),
    [("1.0.8", "1.0.8", False), ("1.0.5", "1.0.9", True)],
    ids=["that fits decides the versions", "that is stale is left out and named"],
)
def test_a_lock(try_out: Try, pinned: str, found: str, note: bool) -> None:
    files = {
        "pyproject.toml": """
[tool.poetry]
package-mode = false
[tool.poetry.group.test.dependencies]
pretend = "^1.0.8"
""",
        "poetry.lock": f'[[package]]\nname = "pretend"\nversion = "{pinned}"\n',
        "test_it.py": f"""
import importlib.metadata

def test_it():
    assert importlib.metadata.version("pretend") == "{found}"
""",
    }
    sentence, report = try_out(files)
    assert outcomes(report) == {"test_it": Outcome.PASSED}, sentence
    assert ("The lock file does not fit the project" in sentence) is note


@pytest.mark.bubblewrap
@pytest.mark.parametrize("kind", [SandboxKind.BUBBLEWRAP, SandboxKind.HOST])
def test_the_tests_run_on_the_python_that_the_repository_asks_for(
    try_out: Try, kind: SandboxKind
) -> None:
    wanted, _ = another_python()
    files = {
        ".python-version": f"{wanted}\n",
        "requirements.txt": "pretend==1.0.9\n",
        "test_it.py": f"""
import sys

def test_it():
    assert "%d.%d" % sys.version_info[:2] == "{wanted}"
""",
    }
    _, report = try_out(files, kind)
    assert outcomes(report) == {"test_it": Outcome.PASSED}, report


@pytest.mark.parametrize(
    ("wanted", "why"),
    [("3.29", "is not on this computer and could not be fetched"), ("3.6", "is too old for Greenbar")],
)
def test_a_python_that_cannot_be_had_is_named(try_out: Try, wanted: str, why: str) -> None:
    files = {
        ".python-version": f"{wanted}\n",
        "requirements.txt": "pretend==1.0.9\n",
        "test_it.py": "def test_it():\n    pass\n",
    }
    sentence, report = try_out(files)
    assert outcomes(report) == {"test_it": Outcome.PASSED}, sentence
    assert f"The project asks for Python {wanted}, which {why}; " in sentence
