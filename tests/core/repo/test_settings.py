"""The repository's own settings, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from core.repo.settings import RepositorySettings, SetUpSettings, TestSettings, read_settings


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == RepositorySettings()


def test_the_own_file_says_everything(tmp_path: Path) -> None:
    (tmp_path / "greenbar.toml").write_text(
        """
[setup]
requirements = ["r.txt"]
groups = ["test"]
extras = []
packages = ["attrs>=23"]
commands = ["npm ci"]
python = "3.11"
editable = false
[tests]
language = "generic"
command = "make check"
format = "junit"
results = "out.xml"
"""
    )
    assert read_settings(tmp_path) == RepositorySettings(
        SetUpSettings(("r.txt",), ("test",), (), ("attrs>=23",), False, ("npm ci",), "3.11"),
        TestSettings("generic", "make check", "junit", "out.xml"),
    )


def test_the_own_file_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.greenbar.setup]\npython = "3.12"\n')
    assert read_settings(tmp_path).setup.python == "3.12"
    (tmp_path / "greenbar.toml").write_text('[setup]\npython = "3.11"\n')
    assert read_settings(tmp_path).setup.python == "3.11"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "greenbar.toml",
            "[setup]\ngroup = []\n",
            (
                "greenbar.toml: setup.group is no setting; known are requirements, groups, extras, "
                "packages, editable, commands, python."
            ),
        ),
        (
            "greenbar.toml",
            "[setp]\n",
            "greenbar.toml: setp is no setting; known are setup, tests, search.",
        ),
        (
            "greenbar.toml",
            '[setup]\npackages = "attrs"\n',
            "greenbar.toml: setup.packages is not a list of texts.",
        ),
        (
            "greenbar.toml",
            "[setup]\npython = 3.11\n",
            "greenbar.toml: setup.python is not a text in quotes.",
        ),
        (
            "greenbar.toml",
            "[tests]\ntimeout = 0\n",
            "greenbar.toml: tests.timeout is not a number of seconds above zero.",
        ),
        (
            "greenbar.toml",
            "[tests]\ntimeout = true\n",
            "greenbar.toml: tests.timeout is not a number of seconds above zero.",
        ),
        (
            "pyproject.toml",
            "[tool.greenbar.setup]\neditable = 1\n",
            "pyproject.toml, tool.greenbar: setup.editable is neither true nor false.",
        ),
        (
            "pyproject.toml",
            "[tool]\ngreenbar = 1\n",
            "pyproject.toml, tool.greenbar: greenbar is not a table.",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path)
    assert caught.value.sentence == sentence


def test_packages_are_kept_from_being_imported_ahead(tmp_path: Path) -> None:
    text = '[tool.greenbar.tests]\npreload = false\nno_preload = ["numpy"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    said = read_settings(tmp_path).tests
    assert (said.preload, said.no_preload) == (False, ("numpy",))


@pytest.mark.parametrize(("text", "seconds"), [("timeout = 45", 45.0), ("timeout = 0.5", 0.5), ("", 0.0)])
def test_the_time_of_a_test_is_a_number_of_seconds(tmp_path: Path, text: str, seconds: float) -> None:
    (tmp_path / "greenbar.toml").write_text(f"[tests]\n{text}\n")
    assert read_settings(tmp_path).tests.timeout == seconds


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "greenbar.toml").write_text("[setup\n")
    with pytest.raises(UsageError, match=r"greenbar\.toml: cannot be read"):
        read_settings(tmp_path)
