"""How other tools' ways to write versions are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from core.sandbox.base import SetUpPlan
from core.sandbox.sources.pythons import best, environment_python, minor_of, wanted_minors
from core.sandbox.sources.specifiers import dependency, standard_range


@pytest.mark.parametrize(
    ("poetry", "standard"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("^2", ">=2,<3"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.4", "~=1.4"),
        ("*", ""),
        ("1.2.*", "==1.2.*"),
        ("1.2", "==1.2"),
        (">= 1.2, < 2", ">=1.2,<2"),
        (">=1.2 <2", ">=1.2,<2"),
        ("^3.8 || ^4.0", ">=3.8"),
    ],
)
def test_poetrys_versions_as_standard_ranges(poetry: str, standard: str) -> None:
    assert standard_range(poetry) == standard


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.sampled_from(["^", "~", ">=", "==", ""]))
def test_every_version_becomes_a_range_that_holds_it(numbers: list[int], sign: str) -> None:
    version = ".".join(map(str, numbers))
    assert version in SpecifierSet(standard_range(sign + version))


@pytest.mark.parametrize(
    ("spec", "requirement"),
    [
        ("^1.2", "a>=1.2,<2"),
        ({"version": "~2.0", "extras": ["x", "y"]}, "a[x,y]>=2.0,<2.1"),
        ({"version": "*", "python": "^3.9"}, "a ; (python_version >= '3.9') and (python_version < '4')"),
        ({"version": "1", "platform": "win32"}, "a==1 ; (sys_platform == 'win32')"),
        (
            {"git": "https://example.invalid/a.git", "rev": "1f"},
            "a @ git+https://example.invalid/a.git@1f",
        ),
        ({"url": "https://example.invalid/a.whl"}, "a @ https://example.invalid/a.whl"),
    ],
)
def test_a_dependency_of_poetrys_becomes_a_requirement(spec: object, requirement: str) -> None:
    packages = dependency("a", spec, "Poetry").packages
    assert packages == (requirement,)
    Requirement(packages[0])


def test_several_versions_with_markers_become_several_requirements() -> None:
    specs = [{"version": "1", "python": "<3.10"}, {"version": "2", "python": ">=3.10"}]
    assert dependency("a", specs, "Poetry").packages == (
        "a==1 ; (python_version < '3.10')",
        "a==2 ; (python_version >= '3.10')",
    )


def test_wanted_minor_versions_are_the_established_ones_first() -> None:
    assert wanted_minors(SetUpPlan()) == ()
    assert wanted_minors(SetUpPlan(python="3.9", python_range=">=3.8")) == ("3.9",)
    assert wanted_minors(SetUpPlan(python_range=">=3.11,<3.15")) == ("3.13", "3.12", "3.11", "3.14")
    assert wanted_minors(SetUpPlan(python_range=">=3.11.4,<3.12")) == ("3.11",)


def test_the_default_python_is_taken_where_it_will_do() -> None:
    here = ["3.9.18", "3.11.7", "3.12.1"]
    assert best(here, "3.11.7", "", ">=3.9") == "3.11.7"
    assert best(here, "3.11.7", "", "<3.11") == "3.9.18"
    assert best(here, "3.11.7", "3.12", ">=3.9") == "3.12.1"
    assert best(here, "3.11.7", "3.13", "") == ""
    assert best(here, "3.11.7", "", "not a range") == "3.11.7"


@pytest.mark.parametrize(
    ("said", "minor"),
    [("3.11", "3.11"), ("3.11.7", "3.11"), ("cpython-3.12", "3.12"), ("pypy3.9", ""), ("system", "")],
)
def test_the_minor_version_of_what_people_write(said: str, minor: str) -> None:
    assert minor_of(said) == minor


def test_the_users_own_environment_says_its_python(tmp_path: Path) -> None:
    assert environment_python(tmp_path) == ""
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.10.12\n")
    assert environment_python(tmp_path) == "3.10"
