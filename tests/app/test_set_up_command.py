"""``greenbar set-up`` as a user runs it."""

from __future__ import annotations


def test_a_repository_that_needs_nothing_is_told_so(greenbar, commit):
    root = commit({"test_a.py": "def test_a(): pass\n"})
    ran = greenbar("set-up", root)
    assert ran.status == 0
    assert ran.out == "The tests of ein Projekt ü need nothing installed.\n"


def test_without_consent_nothing_is_installed_and_the_command_that_gives_it_is_shown(greenbar, commit):
    root = commit({"requirements.txt": "attrs\n"})
    ran = greenbar("set-up", root, "--sandbox", "host")
    assert ran.status == 2
    assert f"greenbar set-up '{root}' --yes" in ran.err


def test_the_users_word_holds_until_it_is_taken_back(greenbar, commit):
    root = commit({"requirements.txt": "attrs\n"})
    assert greenbar("set-up", root, "--none").status == 0
    assert "nothing installed" in greenbar("set-up", root, "--sandbox", "host").out
    assert greenbar("set-up", root, "--sandbox", "host", "--reset").status == 2
    assert greenbar("set-up", root, "--sandbox", "host", "--command", "true", "--yes").status == 0


def test_two_words_at_once_are_refused(greenbar, commit):
    ran = greenbar("set-up", commit({"a.py": ""}), "--none", "--reset")
    assert ran.status == 2
    assert "not allowed with" in ran.err


def test_wrong_settings_of_the_repository_are_named(greenbar, commit):
    root = commit({"greenbar.toml": "[setup]\nrequirement = []\n", "test_a.py": ""})
    ran = greenbar("set-up", root)
    assert ran.status == 2
    assert "greenbar.toml: setup.requirement is no setting" in ran.err
