"""Which set-up plan a repository's files ask for."""

from __future__ import annotations

from pathlib import Path

from core.sandbox.base import SetUpPlan
from core.sandbox.plan import find_plan


def repository(root: Path, **files: str) -> Path:
    """Write files; ``__`` in a name stands for a slash, ``_dot_`` for a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_nothing_to_install_is_an_empty_plan(tmp_path: Path) -> None:
    root = repository(tmp_path, pyproject_dot_toml="[tool.pytest.ini_options]\n", main_dot_py="")
    assert find_plan(root) == SetUpPlan()
    assert find_plan(root).is_empty


def test_test_requirements_are_preferred_to_development_ones(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        requirements_dot_txt="a\n",
        requirements__test_dot_txt="b\n",
        requirements__dev_dot_txt="c\n",
    )
    assert find_plan(root).requirement_files == ("requirements.txt", "requirements/test.txt")


def test_development_requirements_do_where_there_are_no_others(tmp_path: Path) -> None:
    root = repository(tmp_path, requirements_dev_dot_txt="c\n")
    assert find_plan(root).requirement_files == ("requirements_dev.txt",)


def test_a_project_with_a_build_system_is_installed_editable_with_its_test_extra(tmp_path: Path) -> None:
    text = """
[build-system]
requires = ["hatchling"]
[project]
name = "x"
[project.optional-dependencies]
docs = ["sphinx"]
test = ["hypothesis"]
dev = ["black"]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.editable_extras == ("test",)
    assert plan.packages == ()


def test_a_project_without_build_system_brings_only_its_dependencies(tmp_path: Path) -> None:
    text = """
[project]
name = "app"
dependencies = ["attrs>=23"]
[project.optional-dependencies]
dev = ["hypothesis"]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.editable_extras is None
    assert plan.packages == ("attrs>=23", "hypothesis")


def test_dependency_groups_are_followed_through_their_includes(tmp_path: Path) -> None:
    text = """
[dependency-groups]
typing = ["mypy"]
Test = ["pytest-mock", {include-group = "base_group"}]
base-group = ["attrs", {include-group = "test"}]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.packages == ("pytest-mock", "attrs")


def test_setup_py_is_read_but_not_run(tmp_path: Path) -> None:
    text = """
from setuptools import setup
open("ran", "w")
setup(name="x", extras_require={"tests": ["attrs"], "docs": ["sphinx"]})
"""
    assert find_plan(repository(tmp_path, setup_dot_py=text)).editable_extras == ("tests",)
    assert not (tmp_path / "ran").exists()


def test_setup_cfg_names_the_extra(tmp_path: Path) -> None:
    text = "[metadata]\nname = x\n[options.extras_require]\ntesting =\n  attrs\n"
    assert find_plan(repository(tmp_path, setup_dot_cfg=text)).editable_extras == ("testing",)


def test_a_setup_cfg_with_tool_settings_only_installs_nothing(tmp_path: Path) -> None:
    assert find_plan(repository(tmp_path, setup_dot_cfg="[flake8]\nmax-line-length = 99\n")).is_empty


def test_broken_files_count_as_absent(tmp_path: Path) -> None:
    root = repository(tmp_path, pyproject_dot_toml="[project", setup_dot_cfg="no section\n")
    assert find_plan(root).is_empty


def test_the_digest_follows_included_files_and_nothing_else(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        requirements_dot_txt="-r requirements/deep.in.txt\n",
        main_dot_py="1",
    )
    (root / "requirements").mkdir()
    deep = root / "requirements" / "deep.in.txt"
    deep.write_text("attrs==23.1.0\n")
    first = find_plan(root).digest
    (root / "main.py").write_text("2")
    assert find_plan(root).digest == first
    deep.write_text("attrs==23.2.0\n")
    assert find_plan(root).digest != first
