"""Which language a repository is found to be in, and wrong words about it."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from core.errors import UsageError
from core.repo.settings import TestSettings, read_settings
from core.testing.detection import choose_language
from core.testing.known_commands import known_command
from core.testing.languages import Framework, Language, parse_language, shipped
from core.testing.set_up import language_plan
from tests.core.testing.languages.suites import language, lay_out

CASE = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"
VITEST = '{"devDependencies": {"vitest": "^3"}}'
NODE = "const { test } = require('node:test');\n"


def choose(
    root: Path, files: dict[str, str], wanted: str = "", settings: TestSettings | None = None
) -> Language:
    lay_out(root, files)
    return choose_language(root, tuple(files), settings or TestSettings(), shipped(), wanted)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"test_a.py": "def test_a():\n    pass\n"}, "python-pytest"),
        ({"a.py": "x = 1\n"}, "python-pytest"),
        ({}, "python-pytest"),
        ({"tests/test_a.py": CASE}, "python-unittest"),
        ({"tests/test_a.py": CASE, "pyproject.toml": "[tool.pytest.ini_options]\n"}, "python-pytest"),
        ({"tests/test_a.py": CASE, "requirements-dev.txt": "pytest\n"}, "python-pytest"),
        ({"tests/test_a.py": CASE, "tests/conftest.py": ""}, "python-pytest"),
        ({"tests/test_a.py": CASE, "tests/test_b.py": "def test_b():\n    pass\n"}, "python-pytest"),
        ({"package.json": "{}", "test/a.test.js": NODE}, "javascript-node"),
        ({"a.test.mjs": 'import test from "node:test";\n'}, "javascript-node"),
        ({"package.json": "{}", "test/a.test.js": "const { test } = require('tap');\n"}, "python-pytest"),
        ({"package.json": VITEST, "test/a.test.ts": "x"}, "javascript-vitest"),
        ({"package.json": VITEST, "a.js": "x"}, "python-pytest"),
        ({"package.json": VITEST, "a.test.mjs": 'import "node:test";\n'}, "javascript-node"),
        (
            {"package.json": '{"devDependencies": {"jest": "^29"}}', "__tests__/a.js": ""},
            "javascript-jest",
        ),
        ({"package.json": '{"devDependencies": {"mocha": "^11"}}', "test/a.js": ""}, "javascript-mocha"),
        ({"go.mod": "module a\n", "a_test.go": "package a\n"}, "go"),
        ({"a_test.go": "package a\n"}, "python-pytest"),
        ({"go.mod": "module a\n", "a_test.go": "", "b_test.go": "", "test_x.py": ""}, "go"),
    ],
)
def test_a_repository_is_recognised_by_its_tests(
    files: dict[str, str], name: str, tmp_path: Path
) -> None:
    assert choose(tmp_path, files).name == name


def test_what_the_user_says_comes_before_what_the_repository_says(tmp_path: Path) -> None:
    settings = TestSettings(language="python-unittest")
    files = {"go.mod": "module a\n", "a_test.go": "package a\n"}
    assert choose(tmp_path, files, settings=settings).name == "python-unittest"
    assert choose(tmp_path, files, "go", settings).name == "go"


def test_a_command_keeps_the_toolchain_and_the_locks_of_its_language(tmp_path: Path) -> None:
    settings = TestSettings(command="npx tap --reporter=tap", format="tap")
    found = choose(tmp_path, {"a.test.js": NODE}, settings=settings)
    assert (found.framework, found.toolchain.name) == (Framework.COMMAND, "node")
    assert "package.json" in found.test_files
    assert found.title == "JavaScript with npx tap --reporter=tap"


def test_a_command_with_programs_of_its_own_has_a_toolchain_of_its_own(tmp_path: Path) -> None:
    settings = TestSettings(command="ctest", format="junit", image="gcc:14", programs=("cc",))
    found = choose(tmp_path, {"CMakeLists.txt": "", "a.c": "int a;\n"}, settings=settings)
    assert (found.toolchain.image, found.toolchain.programs) == ("gcc:14", ("cc",))
    assert (found.title, found.kind, found.is_python) == ("C or C++ with ctest", "cpp", False)
    assert ".c" in found.extensions


def test_the_lines_of_every_known_command_are_settings(tmp_path: Path) -> None:
    table = tomllib.loads(files("resources").joinpath("commands.toml").read_text("utf-8"))
    for number, entry in enumerate(table["known"]):
        root = lay_out(tmp_path / str(number), {entry["when"][0]: ""})
        known = known_command(root)
        assert known is not None
        lay_out(root, {"greenbar.toml": known.lines})
        settings = read_settings(root).tests
        assert (settings.command, settings.image) == (entry["command"], entry["image"])
        assert choose_language(root, (), settings, shipped()).kind == entry["kind"]
    assert known_command(tmp_path) is None


@pytest.mark.parametrize(
    ("settings", "wanted", "words"),
    [
        (TestSettings(), "cobol", "There is no language cobol; known are go,"),
        (TestSettings(language="perl"), "", "There is no language perl; known are"),
        (TestSettings(command="make test"), "", "tests.format must say"),
        (TestSettings(command="make test", format="xml"), "", "tests.format must say"),
    ],
)
def test_a_wrong_word_is_named(settings: TestSettings, wanted: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        choose(tmp_path, {}, wanted, settings)
    assert words in caught.value.sentence


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        'name = "a"\n',
        'name = "a"\ntitle = "A"\nkind = "a"\nframework = "command"\n',
        'name = "a"\ntitle = "A"\nkind = "a"\nframework = "pytest"\nfunctions = "("\n',
        'name = "a"\ntitle = "A"\nkind = "a"\nframework = "pytest"\nsurprise = 1\n',
    ],
)
def test_a_language_file_that_cannot_be_used_is_named(text: str) -> None:
    with pytest.raises(UsageError, match=r"The language file a\.toml cannot be used\."):
        parse_language(text, "a.toml")


@pytest.mark.parametrize(
    ("name", "files", "command"),
    [
        ("javascript-node", {"package.json": "{}"}, None),
        ("javascript-node", {"package.json": '{"dependencies": {"a": "1"}}'}, "npm install"),
        (
            "javascript-node",
            {"package.json": '{"devDependencies": {"a": "1"}}', "package-lock.json": "{}"},
            "npm ci",
        ),
        ("go", {"go.mod": "module a\n"}, None),
        ("go", {"go.mod": "module a\n\nrequire b v1.0.0\n", "go.sum": ""}, "go mod download"),
    ],
)
def test_only_what_has_dependencies_is_set_up(
    name: str, files: dict[str, str], command: str | None, tmp_path: Path
) -> None:
    plan = language_plan(language(name), lay_out(tmp_path, files))
    assert plan.is_empty == (command is None)
    assert command is None or command in plan.commands[0]


def test_the_key_of_a_set_up_changes_with_the_lock_file_alone(tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"a": "1"}}', "package-lock.json": "{}"}
    lay_out(tmp_path, files)
    first = language_plan(language("javascript-node"), tmp_path).digest
    (tmp_path / "README").write_text("x")
    assert language_plan(language("javascript-node"), tmp_path).digest == first
    (tmp_path / "package-lock.json").write_text("{ }")
    assert language_plan(language("javascript-node"), tmp_path).digest != first
