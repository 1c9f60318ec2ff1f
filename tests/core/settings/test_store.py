"""Settings: one schema, a file that nobody loses anything of, and repositories that may only say less."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.errors import UsageError
from core.repo.settings import SearchSettings
from core.settings.check import DEFAULTS, parsed, shown, with_value
from core.settings.overrides import lowered, overrides_of
from core.settings.store import SettingsStore
from core.types import Budget, Settings
from core.types.settings import SPECS, value_of


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "config" / "settings.toml")


def write(store: SettingsStore, text: str) -> None:
    store.path.parent.mkdir(exist_ok=True)
    store.path.write_text(text, "utf-8")


def test_without_a_file_every_setting_is_its_default(store: SettingsStore) -> None:
    assert store.read() == (Settings(), ())
    assert not store.path.exists()


@pytest.mark.parametrize("key", SPECS)
def test_every_setting_has_words_and_its_default_fits(key: str) -> None:
    spec, default = SPECS[key], value_of(DEFAULTS, key)
    assert spec.title
    assert spec.help.endswith(".")
    assert with_value(DEFAULTS, key, default) == DEFAULTS
    assert parsed(key, shown(default).replace("none", "").replace('""', "")) == default


def test_what_is_set_is_read_again(store: SettingsStore) -> None:
    changed = store.change({"search.seconds": 30, "look.theme": "contrast", "keys.bound": {"fix": "F5"}})
    assert changed == store.read().settings
    assert changed.search_seconds == 30.0
    assert dict(changed.keys_bound) == {"fix": "F5"}


def test_what_we_do_not_know_and_comments_stay_in_the_file(store: SettingsStore) -> None:
    write(store, '# mine\n[search]\nseconds = 60 # short\n\n[plugin]\nname = "later"\n')
    reading = store.read()
    assert reading.settings.search_seconds == 60
    assert reading.notices == ("settings.toml: plugin.name is no setting; it is left alone.",)
    store.change({"look.text": 150})
    text = store.path.read_text("utf-8")
    assert "# mine" in text
    assert "# short" in text
    assert tomllib.loads(text) == {
        "search": {"seconds": 60},
        "plugin": {"name": "later"},
        "look": {"text": 150},
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[search]\nseconds = 'long'", "search.seconds is not a number from 5 to 86400. 120 is used"),
        ("[search]\nseconds = 1", "search.seconds is not a number from 5 to 86400. 120 is used"),
        ("[search]\nseconds = nan", "search.seconds is not a number from 5 to 86400. 120 is used"),
        ("[search]\nworkers = 2.5", "search.workers is not a whole number from 0 to 64. 0 is used"),
        ("[search]\nworkers = true", "search.workers is not a whole number from 0 to 64. 0 is used"),
        ("[look]\ntheme = 'pink'", "look.theme is none of system, light, dark, contrast. system is"),
        ("[look]\nmotion = 1", "look.motion is neither true nor false. true is used"),
        ("[keys]\nbound = 'F5'", "keys.bound is not a table of texts in quotes. none is used"),
        ("search = 3", "search is no setting"),
    ],
)
def test_a_value_that_does_not_fit_is_told_of_and_stays(
    store: SettingsStore, text: str, sentence: str
) -> None:
    write(store, text)
    reading = store.read()
    assert reading.settings == DEFAULTS
    assert len(reading.notices) == 1
    assert sentence in reading.notices[0]
    assert store.path.read_text("utf-8") == text


def test_a_file_that_cannot_be_understood_is_kept_beside_the_new_one(store: SettingsStore) -> None:
    write(store, "[search\nseconds = 9")
    (notice,) = store.read().notices
    assert "the defaults are used" in notice
    store.change({"look.text": 120})
    assert store.read() == (with_value(DEFAULTS, "look.text", 120), ())
    kept = store.path.with_name("settings.toml.1.old")
    assert kept.read_text("utf-8") == "[search\nseconds = 9"


def test_bytes_that_are_no_text_are_told_of(store: SettingsStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"\xff\xfe\x00")
    assert store.read().settings == DEFAULTS
    assert len(store.read().notices) == 1


@pytest.mark.parametrize(("key", "value"), [("search.seconds", 0), ("no.such", 1), ("look.text", 500)])
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    store: SettingsStore, key: str, value: int
) -> None:
    with pytest.raises(UsageError):
        store.change({"look.theme": "dark", key: value})
    assert not store.path.exists()


def test_a_reset_takes_the_defaults_and_leaves_the_rest(store: SettingsStore) -> None:
    write(store, "[search]\nseconds = 60\n[look]\ntext = 150\n[plugin]\na = 1\n")
    assert store.reset(("look.text",)).search_seconds == 60
    assert store.reset() == DEFAULTS
    assert tomllib.loads(store.path.read_text("utf-8"))["plugin"] == {"a": 1}


def test_what_is_exported_can_be_imported_elsewhere(store: SettingsStore, tmp_path: Path) -> None:
    chosen = store.change({"search.seconds": 30, "notices.sound": False, "keys.bound": {"fix": "F5"}})
    store.give_out(tmp_path / "out.toml")
    other = SettingsStore(tmp_path / "other.toml")
    other.change({"look.text": 150})
    reading = other.take_in(tmp_path / "out.toml")
    assert reading.notices == ()
    assert reading.settings == chosen


def test_an_import_takes_what_fits_and_says_what_does_not(store: SettingsStore, tmp_path: Path) -> None:
    store.change({"look.text": 150})
    (tmp_path / "in.toml").write_text("[search]\nseconds = 30\n[look]\ntheme = 'pink'\n")
    reading = store.take_in(tmp_path / "in.toml")
    assert (reading.settings.search_seconds, reading.settings.look_text) == (30, 150)
    assert ["in.toml: look.theme" in notice for notice in reading.notices] == [True]
    with pytest.raises(UsageError, match="cannot be read as settings"):
        store.take_in(tmp_path / "missing.toml")


def test_a_disk_that_refuses_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    store = SettingsStore(tmp_path / "config" / "settings.toml")
    with pytest.raises(UsageError, match="cannot be written"):
        store.change({"look.text": 120})


def test_a_repository_may_lower_a_ceiling_and_never_raise_it() -> None:
    mine = Budget(seconds=60, tokens=1000, dollars=2)
    assert lowered(mine, SearchSettings()) == mine
    assert lowered(mine, SearchSettings(seconds=20, tokens=500)) == Budget(20, 500, 2)
    assert lowered(mine, SearchSettings(seconds=9000, tokens=90_000)) == mine
    assert lowered(Budget(tokens=0), SearchSettings(tokens=500)).tokens == 500


def test_what_a_repository_says_is_shown_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "greenbar.toml").write_text(
        "[search]\nseconds = 30\nstrategy = 'quick'\n[tests]\ntimeout = 5\n"
    )
    words = [(own.key, own.value, own.place) for own in overrides_of(tmp_path)]
    assert words == [
        ("search.seconds", "30", "greenbar.toml"),
        ("search.strategy", "quick", "greenbar.toml"),
        ("tests.timeout", "5", "greenbar.toml"),
    ]
