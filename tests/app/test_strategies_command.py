"""``greenbar strategies`` and ``--strategy``, as a user runs them."""

from __future__ import annotations

from pathlib import Path

MINE = """
title = "Mine"
summary = "Only mutation."
[proposers.mutation]
"""


def own(environment: dict[str, str], name: str, text: str) -> None:
    folder = Path(environment["GREENBAR_HOME"]) / "config" / "strategies"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text)


def test_the_list_has_those_that_come_with_it_and_the_users_own(greenbar, environment) -> None:
    own(environment, "mine", MINE)
    listed = greenbar("strategies", "list", "--json")
    assert listed.status == 0
    names = [row["name"] for row in listed.json["strategies"]]
    assert {"auto", "quick", "deep", "best-of-n", "codetree", "agentless", "mine"} <= set(names)
    shown = greenbar("strategies", "show", "codetree")
    assert "arXiv:2411.04329" in shown.out
    assert "refine" in shown.out


def test_a_strategy_that_cannot_be_used_is_told_in_a_sentence(greenbar, environment, commit) -> None:
    repository = commit({"m.py": "X = 1\n", "test_m.py": "def test_x():\n    assert False\n"})
    unknown = greenbar("fix", repository, "--strategy", "quik", "--sandbox", "host")
    assert unknown.status == 2
    assert "There is no strategy quik; there are " in unknown.err
    assert "greenbar strategies list" in unknown.err
    own(environment, "mine", MINE.replace("mutation", "dreams"))
    absent = greenbar("fix", repository, "--strategy", "mine", "--sandbox", "host")
    assert absent.status == 2
    assert "The strategy mine has the proposer dreams, which there is not." in absent.err
    own(environment, "mine", MINE + "shares = 3\n[stop]\nafter = 3\n")
    broken = greenbar("strategies")
    assert broken.status == 2
    assert "The strategy file mine.toml cannot be used: there is no key stop.after" in broken.err


def test_a_strategy_whose_proposers_all_need_a_model_says_so_without_one(greenbar, commit) -> None:
    repository = commit({"m.py": "X = 1\n", "test_m.py": "def test_x():\n    assert False\n"})
    done = greenbar("fix", repository, "--strategy", "best-of-n", "--no-model", "--sandbox", "host")
    assert done.status == 2
    assert "No model takes part, and all that would have ideas need one: whole_file." in done.err
