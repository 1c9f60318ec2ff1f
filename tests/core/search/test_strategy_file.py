"""Strategy files: those that come with Greenbar, the user's own, and what may be wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.paths import find_paths
from app.services import AppServices
from core.errors import UsageError
from core.search.choose import choose_proposers
from core.search.strategy import Strategy, find_strategy
from core.search.strategy_file import own_strategies, parse_strategy, shipped_strategies
from core.types import Role

GOOD = """
title = "Mine"
source = "A. Author, A paper, 2024"
others = true
[stop]
greens = 2
patience = 30
[tree]
depth = 0
[proposers.direct]
share = 2
stage = 2
role = "judge"
hints = ["Look at the edges."]
samples = 3
temperature = 1
"""


@pytest.mark.parametrize("strategy", shipped_strategies(), ids=lambda strategy: strategy.name)
def test_a_shipped_strategy_has_only_proposers_and_settings_that_there_are(strategy: Strategy) -> None:
    every = AppServices(find_paths()).proposers()
    chosen = choose_proposers(every, (), strategy)
    assert set(strategy.parts) <= {proposer.name for proposer in chosen}
    assert strategy.title
    assert strategy.summary.endswith(".")
    assert not strategy.approximation or strategy.source, "an approximation of what?"


def test_every_key_of_a_file_is_read() -> None:
    strategy = parse_strategy("mine", GOOD)
    part = strategy.part("direct")
    assert (strategy.name, strategy.title, strategy.others) == ("mine", "Mine", True)
    assert (strategy.stop.greens, strategy.stop.share, strategy.stop.patience) == (2, 0.2, 30.0)
    assert (strategy.depth, strategy.branching) == (0, 3)
    assert (part.share, part.stage, part.role) == (2.0, 2, Role.JUDGE)
    assert part.hints == ("Look at the edges.",)
    assert part.settings == {"samples": 3, "temperature": 1}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("title = ", "it is not TOML"),
        ("shares = 1", "there is no key shares; there are title, summary"),
        ("others = false", "it names no proposers"),
        ("others = 1", "others is neither true nor false"),
        ("proposers = []", "proposers is not a table"),
        ("proposers.direct = 3", "proposers.direct is not a table"),
        ("[stop]\nafter = 3", "there is no key stop.after"),
        ("[stop]\ngreens = 0", "stop.greens is not a whole number from 1 to 50"),
        ("[stop]\nshare = nan", "stop.share is not a number from 0 to 10"),
        ("[tree]\ndepth = true", "tree.depth is not a whole number"),
        ("[proposers.direct]\nshare = 0", "proposers.direct.share is not a number from 0.01"),
        ("[proposers.direct]\nrole = 'boss'", "proposers.direct.role is neither propose nor judge"),
        ("[proposers.direct]\nhints = 'x'", "proposers.direct.hints is not a list of sentences"),
        ("[proposers.direct]\nsamples = [1]", "proposers.direct.samples is neither a number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name_and_key(text: str, clause: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_strategy("mine", text, "mine.toml")
    assert refused.value.sentence.startswith(f"The strategy file mine.toml cannot be used: {clause}")


def test_a_file_of_the_users_own_comes_before_a_shipped_one(tmp_path: Path) -> None:
    assert own_strategies(tmp_path / "not there") == ()
    (tmp_path / "quick.toml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("no strategy")
    every = (*shipped_strategies(), *own_strategies(tmp_path))
    assert find_strategy("quick", every).title == "Mine"
    with pytest.raises(UsageError) as refused:
        find_strategy("quik", every)
    assert refused.value.sentence.startswith("There is no strategy quik; there are ")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError) as refused:
        own_strategies(tmp_path)
    assert refused.value.sentence == "The strategy file bad.toml cannot be used: it is not UTF-8."
