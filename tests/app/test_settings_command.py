"""``greenbar settings``, as a user runs it."""

from __future__ import annotations

from pathlib import Path


def test_settings_are_listed_set_and_reset(greenbar, environment, commit) -> None:
    assert greenbar("settings", "set", "search.seconds", "30").status == 0
    assert greenbar("settings", "get", "search.seconds").out.strip() == "30"
    file = Path(environment["GREENBAR_HOME"]) / "config" / "settings.toml"
    assert "seconds = 30.0" in file.read_text("utf-8")
    repository = commit({"greenbar.toml": "[search]\nseconds = 20\n", "a.py": ""})
    listed = greenbar("settings", "list", str(repository), "--json").json
    rows = {row["key"]: row for row in listed["settings"]}
    assert (rows["search.seconds"]["value"], rows["search.seconds"]["is_default"]) == (30.0, False)
    assert listed["overrides"] == {"search.seconds": "20"}
    assert greenbar("settings", "reset").status == 0
    assert greenbar("settings", "get", "search.seconds").out.strip() == "120"


def test_what_does_not_fit_is_told_in_a_sentence(greenbar) -> None:
    refused = greenbar("settings", "set", "look.theme", "pink")
    assert refused.status == 2
    assert "look.theme is none of system, light, dark, contrast." in refused.err
    unknown = greenbar("settings", "get", "look.colour")
    assert "look.colour is no setting; known are search.seconds" in unknown.err.replace("\n", " ")


def test_an_export_is_an_import_elsewhere(greenbar, tmp_path: Path) -> None:
    greenbar("settings", "set", "keys.bound", "fix=Ctrl+F5")
    assert greenbar("settings", "export", str(tmp_path / "mine.toml")).status == 0
    greenbar("settings", "reset")
    assert greenbar("settings", "import", str(tmp_path / "mine.toml")).status == 0
    assert greenbar("settings", "get", "keys.bound").out.strip() == "fix=Ctrl+F5"
