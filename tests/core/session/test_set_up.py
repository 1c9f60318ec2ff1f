"""Setting up a repository in a session: once, as the user said, and wider where that is needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from core.events import Noticed, Progress, SetUpFound, TestRunFinished, TestsLocked
from core.sandbox.plan import Hints
from core.session.set_up import SetUpBook, look_around
from core.types import SetUpChoice
from tests.pythons import another_python

NEEDS_MORE = {
    "pyproject.toml": '[dependency-groups]\ntest = []\ndev = ["pretend==1.0.9"]\n',
    "test_it.py": "import pretend\n\n\ndef test_it():\n    assert pretend.stub(x=1).x == 1\n",
}
NEEDS_ONE = {
    "requirements.txt": "pretend==1.0.9\n",
    "test_it.py": "import pretend\n\n\ndef test_it():\n    assert pretend.stub(x=1).x == 1\n",
}


def sentences(opened) -> list[str]:
    return [b.text for b in opened.bodies(Progress) if b.job == "set_up" and b.done]


def test_setting_up_installs_once_and_runs_the_tests(with_session, repository):
    root = repository(NEEDS_ONE)

    async def work(opened):
        await opened.session.open(str(root))
        report = await opened.session.set_up()
        assert report.failing == ()
        assert len(sentences(opened)) == 1
        assert sentences(opened)[0].startswith("Installed requirements.txt in ")
        assert len(opened.bodies(TestRunFinished)) == 1
        assert len(opened.asked) == 1

    with_session(work)


def test_after_a_set_up_what_the_tests_read_is_locked_and_failures_are_explained(
    with_session, repository
):
    root = repository(
        {
            "calc.py": "def add(a, b):\n    return a - b\n",
            "table.json": "[5]\n",
            "test_it.py": "import json\nfrom pathlib import Path\n\nfrom calc import add\n\n\n"
            "def test_it():\n    assert [add(2, 3)] == json.loads(Path('table.json').read_text())\n\n\n"
            "def test_lacks(databas):\n    pass\n",
        }
    )

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.set_up()
        [locked] = opened.bodies(TestsLocked)
        assert [file.path for file in locked.files] == ["table.json", "test_it.py"]
        [said] = opened.session.diagnoses
        assert "the fixture databas" in said.sentence

    with_session(work)


def test_what_tests_still_miss_is_looked_for_among_development_packages(with_session, repository):
    root = repository(NEEDS_MORE)

    async def first(opened):
        await opened.session.open(str(root))
        assert (await opened.session.run_tests()).failing == ()
        assert sentences(opened)[-1].startswith("Installed group test, group dev in ")

    async def later(opened):
        await opened.session.open(str(root))
        assert (await opened.session.run_tests()).failing == ()
        assert len(opened.bodies(TestRunFinished)) == 1, "it is remembered"

    with_session(first)
    with_session(later)


def test_the_users_commands_are_run_instead_and_remembered_until_taken_back(with_session, repository):
    files = {**NEEDS_ONE, "requirements.txt": "greenbar-no-such-package-7f3a==9\n"}
    root = repository(files)

    async def say(opened):
        await opened.session.open(str(root))
        await opened.session.choose_set_up(("pip install pretend==1.0.9",))
        assert (await opened.session.set_up()).failing == ()

    async def again(opened):
        await opened.session.open(str(root))
        assert (await opened.session.run_tests()).failing == ()
        await opened.session.choose_set_up(())
        assert await opened.session.install() == ""
        assert len((await opened.session.run_tests()).failing) == 1

    with_session(say)
    with_session(again)


def test_the_book_forgets_one_repository_and_keeps_the_others(tmp_path: Path) -> None:
    book = SetUpBook(tmp_path / "deep" / "book.json")
    copy = tmp_path / "copy"
    copy.mkdir()
    book.choose("/one", ("make one",))
    book.choose("/two", ("make two",))
    book.choose("/one", None)
    assert book.plan("/one", copy).is_empty
    assert book.plan("/two", copy).commands == ("make two",)
    (tmp_path / "deep" / "book.json").write_text("[broken")
    assert book.plan("/two", copy).is_empty


def test_the_newest_tag_and_the_users_environment_are_hints(repository) -> None:
    root = repository()
    assert look_around(root) == Hints()
    subprocess.run(["git", "-C", root, "tag", "release-1.2.3"], check=True)
    assert look_around(root).version == "1.2.3"
    (root / ".venv").mkdir()
    (root / ".venv" / "pyvenv.cfg").write_text("version_info = 3.12.1\n")
    assert look_around(root).python == "3.12"


def test_a_folder_without_git_gives_no_version(tmp_path: Path) -> None:
    assert look_around(tmp_path) == Hints()


ASKS = """
import sys

def test_it():
    assert "%d.%d" % sys.version_info[:2] == "{minor}"
"""


def test_a_python_is_chosen_where_nothing_is_installed_and_nobody_asked(with_session, repository):
    minor, _ = another_python()
    root = repository({".python-version": f"{minor}\n", "test_it.py": ASKS.format(minor=minor)})

    async def work(opened):
        await opened.session.open(str(root))
        assert (await opened.session.run_tests()).failing == ()
        assert (await opened.session.run_tests()).failing == ()
        said = [b.sentence for b in opened.bodies(Noticed)]
        assert said == [f"The tests run on Python {minor}, as the project asks."]
        assert opened.asked == []
        assert await opened.session.install() == said[0]

    with_session(work)


def test_a_python_that_is_not_here_is_named_and_the_tests_run_all_the_same(with_session, repository):
    root = repository({".python-version": "3.29\n", "test_it.py": "def test_it():\n    pass\n"})

    async def work(opened):
        await opened.session.open(str(root))
        for _ in range(2):
            assert (await opened.session.run_tests()).failing == ()
        assert [b.sentence for b in opened.bodies(Noticed)] == [
            "The project asks for Python 3.29; another one is used until you set the project up."
        ]
        assert "could not be fetched" in await opened.session.install()
        assert "(Python 3.29)" in opened.asked[0].text

    with_session(work)


def test_the_question_names_the_commands(with_session, repository):
    root = repository({**NEEDS_ONE, "greenbar.toml": '[setup]\ncommands = ["echo made > made.txt"]\n'})

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.look_at_set_up()
        [found] = [body.set_up for body in opened.bodies(SetUpFound)]
        assert found.packages == ("requirements.txt",)
        assert found.commands == ("echo made > made.txt",)
        assert (found.choice, found.allowed, found.installed) == (SetUpChoice.FOUND, False, "")
        await opened.session.set_up()
        assert opened.asked[0].text.endswith("\nIt runs:\n    echo made > made.txt")
        await opened.session.look_at_set_up()
        found = opened.bodies(SetUpFound)[-1].set_up
        assert found.allowed
        assert found.installed.startswith("Installed requirements.txt, echo made > made.txt in ")

    with_session(work)
