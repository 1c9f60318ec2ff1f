"""Which set-up plan a repository's files ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.repo.settings import SetUpSettings
from core.sandbox.base import SetUpPlan
from core.sandbox.plan import Hints, find_plan, with_commands

BUILD = '[build-system]\nrequires = ["hatchling"]\n'


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


def test_broken_files_count_as_absent(tmp_path: Path) -> None:
    root = repository(tmp_path, pyproject_dot_toml="[project", setup_dot_cfg="no section\n")
    assert find_plan(root).is_empty


# --- requirement files -------------------------------------------------------------------------------


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


def test_of_a_compiled_requirement_file_its_source_is_left_alone(tmp_path: Path) -> None:
    root = repository(tmp_path, requirements__test_dot_in="a\n", requirements__test_dot_txt="a==1\n")
    assert find_plan(root).requirement_files == ("requirements/test.txt",)


# --- the project's metadata --------------------------------------------------------------------------


def test_a_project_with_a_build_system_is_installed_editable_with_its_test_extra(tmp_path: Path) -> None:
    text = f"""
{BUILD}
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
    assert plan.source == "extra test, the project itself"


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


def test_a_project_that_says_it_is_no_package_is_not_installed(tmp_path: Path) -> None:
    text = f'{BUILD}[project]\nname = "app"\ndependencies = ["attrs"]\n[tool.uv]\npackage = false\n'
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.editable_extras is None
    assert plan.packages == ("attrs",)


def test_dependency_groups_are_followed_through_their_includes(tmp_path: Path) -> None:
    text = """
[dependency-groups]
typing = ["mypy"]
Test = ["pytest-mock", {include-group = "base_group"}]
base-group = ["attrs", {include-group = "test"}]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.packages == ("pytest-mock", "attrs")


def test_a_group_that_names_the_projects_own_extra_installs_it_and_asks_no_index(tmp_path: Path) -> None:
    text = f"""
{BUILD}
[project]
name = "My_Lib"
[project.optional-dependencies]
fast = ["cython"]
[dependency-groups]
test = ["my-lib[fast]", "attrs"]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.packages == ("attrs",)
    assert plan.editable_extras == ("fast",)


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


def test_extras_that_setuptools_reads_from_files_are_known_and_watched(tmp_path: Path) -> None:
    text = """
[build-system]
requires = ["setuptools"]
[project]
name = "x"
dynamic = ["optional-dependencies"]
[tool.setuptools.dynamic.optional-dependencies]
test = {file = ["deps/test-deps.txt"]}
"""
    root = repository(tmp_path, pyproject_dot_toml=text, deps__test_dot_txt="")
    (root / "deps" / "test-deps.txt").write_text("attrs\n")
    first = find_plan(root)
    assert first.editable_extras == ("test",)
    (root / "deps" / "test-deps.txt").write_text("attrs<23\n")
    assert find_plan(root).digest != first.digest


# --- locks ---------------------------------------------------------------------------------------------


def test_uvs_lock_is_exported_with_the_groups_and_extras_for_tests(tmp_path: Path) -> None:
    text = f"""
{BUILD}
[project]
name = "x"
[project.optional-dependencies]
tests = ["a"]
[dependency-groups]
dev = ["b"]
docs = ["c"]
"""
    root = repository(tmp_path, pyproject_dot_toml=text, uv_dot_lock="version = 1\n")
    plan = find_plan(root)
    assert plan.export[-4:-2] == ("--group", "dev")
    assert plan.export[-2:] == ("--extra", "tests")
    assert "docs" not in plan.export
    assert plan.packages == ()
    assert plan.source == "uv.lock, group dev, extra tests, the project itself"
    (root / "uv.lock").write_text("version = 2\n")
    assert find_plan(root).digest != plan.digest


def test_poetrys_groups_are_translated_and_its_lock_pins_them(tmp_path: Path) -> None:
    text = """
[build-system]
requires = ["poetry-core"]
[tool.poetry]
name = "x"
[tool.poetry.dependencies]
python = "^3.9"
attrs = "^23.1"
[tool.poetry.group.test.dependencies]
hypothesis = "~6.1"
local = {path = "../local", develop = true}
private = {git = "git@example.invalid:private.git"}
[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
    lock = """
[[package]]
name = "attrs"
version = "23.1.0"
[[package]]
name = "Two"
version = "1.0"
markers = "python_version < \\"3.10\\""
[[package]]
name = "two"
version = "2.0"
[[package]]
name = "private"
version = "1"
[package.source]
type = "git"
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text, poetry_dot_lock=lock))
    assert plan.editable_extras == ()
    assert plan.packages == ("hypothesis>=6.1,<6.2", "-e ../local")
    assert plan.constraints == ("attrs==23.1.0", 'two==1.0 ; python_version < "3.10"')
    assert plan.python_range == ">=3.9,<4"
    assert "private" in plan.notes[0]
    assert plan.source == "poetry.lock, Poetry's group test, the project itself"


def test_a_poetry_project_that_is_no_package_brings_its_dependencies(tmp_path: Path) -> None:
    text = """
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
python = "^3.11"
attrs = "*"
extra = {version = "1", optional = true}
[tool.poetry.dev-dependencies]
hypothesis = "6.*"
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.editable_extras is None
    assert plan.packages == ("attrs", "hypothesis==6.*")


def test_pdms_groups_and_lock(tmp_path: Path) -> None:
    text = f"""
{BUILD}
[project]
name = "x"
[tool.pdm.dev-dependencies]
test = ["hypothesis", "-e file:///${{PROJECT_ROOT}}/sub#egg=sub"]
"""
    lock = '[[package]]\nname = "hypothesis"\nversion = "6.2.0"\n'
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text, pdm_dot_lock=lock))
    assert plan.packages == ("hypothesis", "-e ./sub")
    assert plan.constraints == ("hypothesis==6.2.0",)


def test_a_pipfile_brings_both_sections_the_lock_and_the_python(tmp_path: Path) -> None:
    text = """
[packages]
attrs = "*"
here = {path = ".", editable = true}
[dev-packages]
hypothesis = {version = ">=6", extras = ["cli"], markers = "python_version > '3.8'"}
[requires]
python_version = "3.10"
"""
    lock = '{"default": {"attrs": {"version": "==23.1.0"}}, "develop": {}}'
    root = repository(tmp_path, Pipfile=text)
    (root / "Pipfile.lock").write_text(lock)
    plan = find_plan(root)
    assert plan.packages == ("attrs", "hypothesis[cli]>=6 ; (python_version > '3.8')")
    assert plan.constraints == ("attrs==23.1.0",)
    assert plan.python == "3.10"
    assert plan.source == "Pipfile.lock, Pipfile"


# --- Hatch and tox -----------------------------------------------------------------------------------


def test_hatchs_test_environment(tmp_path: Path) -> None:
    text = f"""
{BUILD}
[project]
name = "x"
[project.optional-dependencies]
cli = ["click"]
[tool.hatch.envs.default]
dependencies = ["mypy"]
[tool.hatch.envs.hatch-test]
extra-dependencies = ["attrs"]
features = ["cli"]
"""
    plan = find_plan(repository(tmp_path, pyproject_dot_toml=text))
    assert plan.packages == ("pytest", "pytest-mock", "attrs")
    assert plan.editable_extras == ("cli",)


TOX = """
[tox]
envlist = lint, py{39,310}-{old,new}
[base]
deps =
    iniconfig
[testenv]
deps =
    {[base]deps}
    -r{toxinidir}/deps/more.txt
    py39: only-39
    !py39: not-39  # a comment
    py{310,311}-old: old<2
    new: newest
    -e .[fast]
extras = cli
"""


@pytest.mark.parametrize(
    ("python", "packages"),
    [("3.10", ("iniconfig", "not-39", "old<2")), ("3.9", ("iniconfig", "only-39"))],
)
def test_tox_with_its_factors_resolved(tmp_path: Path, python: str, packages: tuple[str, ...]) -> None:
    setup = "from setuptools import setup\nsetup(name='x', extras_require={'cli': [], 'fast': []})\n"
    root = repository(tmp_path, tox_dot_ini=TOX, deps__more_dot_txt="attrs\n", setup_dot_py=setup)
    plan = find_plan(root, SetUpSettings(python=python))
    assert plan.packages == packages
    assert plan.requirement_files == ("deps/more.txt",)
    assert plan.editable_extras == ("fast", "cli")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tox.toml", '[env_run_base]\ndeps = ["attrs"]\n'),
        ("pyproject.toml", '[tool.tox.env_run_base]\ndeps = ["attrs"]\n'),
        ("pyproject.toml", '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ndeps = attrs\n"""\n'),
        ("setup.cfg", "[tox:tox]\nenvlist = py\n[testenv]\ndeps = attrs\n"),
    ],
)
def test_tox_is_found_wherever_it_may_stand(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert find_plan(tmp_path).packages == ("attrs",)


# --- Python, and what is said ------------------------------------------------------------------------


def test_the_wanted_python_comes_from_its_file_before_the_users_environment(tmp_path: Path) -> None:
    root = repository(tmp_path, requirements_dot_txt="a\n")
    assert find_plan(root, hints=Hints(python="3.12")).python == "3.12"
    assert "your own environment" in find_plan(root, hints=Hints(python="3.12")).notes[0]
    (root / ".python-version").write_text("3.10.4\n")
    assert find_plan(root, hints=Hints(python="3.12")).python == "3.10"
    (root / ".python-version").write_text("pypy3.10\n")
    assert find_plan(root).python == ""


def test_the_repositorys_settings_replace_what_would_be_found(tmp_path: Path) -> None:
    project = f"{BUILD}[project]\nname = 'x'\n[dependency-groups]\ntest = ['a']\nother = ['b']\n"
    settings = "[setup]\ngroups = ['other']\nrequirements = ['r.txt']\npackages = ['c']\n"
    root = repository(tmp_path, pyproject_dot_toml=project, greenbar_dot_toml=settings, r_dot_txt="d\n")
    plan = find_plan(root)
    assert plan.packages == ("c", "b")
    assert plan.requirement_files == ("r.txt",)
    assert plan.editable_extras == ()


def test_settings_that_name_only_commands_add_them_to_what_is_found(tmp_path: Path) -> None:
    settings = "[setup]\ncommands = ['make generated']\n"
    root = repository(tmp_path, requirements_dot_txt="a\n", greenbar_dot_toml=settings)
    plan = find_plan(root)
    assert plan.requirement_files == ("requirements.txt",)
    assert plan.commands == ("make generated",)


def test_the_users_word_comes_before_the_repositorys(tmp_path: Path) -> None:
    root = repository(tmp_path, greenbar_dot_toml="[setup]\npackages = ['a']\n")
    said = SetUpSettings(packages=(), editable=False, commands=("make env",))
    plan = find_plan(root, said)
    assert plan.packages == ()
    assert plan.commands == ("make env",)
    assert find_plan(root, SetUpSettings(packages=(), editable=False)).is_empty


def test_commands_of_another_language_come_after_and_yield_to_those_that_are_said(tmp_path: Path) -> None:
    root = repository(tmp_path, package_dot_json="{}")
    plan = with_commands(find_plan(root), root, ("npm ci",), ("package.json",), "package.json")
    assert plan.commands == ("npm ci",)
    assert plan.source == "package.json"
    assert plan.digest
    (root / "package.json").write_text('{"name": "x"}')
    again = with_commands(find_plan(root), root, ("npm ci",), ("package.json",), "package.json")
    assert again.digest != plan.digest
    (root / "greenbar.toml").write_text("[setup]\ncommands = ['own']\n")
    said = with_commands(find_plan(root), root, ("npm ci",), ("package.json",), "package.json")
    assert said.commands == ("own",)


# --- the digest ----------------------------------------------------------------------------------------


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


def test_the_digest_of_a_project_follows_the_sources_of_its_compiled_parts(tmp_path: Path) -> None:
    root = repository(tmp_path, pyproject_dot_toml=f"{BUILD}[project]\nname='x'\n", src__speed_dot_c="1")
    first = find_plan(root).digest
    (root / "src" / "speed.c").write_text("2")
    assert find_plan(root).digest != first
