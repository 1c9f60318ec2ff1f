"""``greenbar settings``: list, get, set, reset, export and import what the user has chosen."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.markup import escape

from app.cli.show import answers, console
from app.services import AppServices
from core.settings.check import DEFAULTS, parsed, shown, spec_of
from core.settings.overrides import overrides_of
from core.settings.store import SettingsStore, rendered
from core.types import Settings
from core.types.settings import SPECS, value_of


def settings(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status; raises UsageError."""
    store = services.settings
    match options.action:
        case "get":
            spec_of(options.key)
            answers().print(escape(shown(value_of(_told(store), options.key))), soft_wrap=True)
        case "set":
            changed = store.change({options.key: parsed(options.key, options.value)})
            value = shown(value_of(changed, options.key))
            console().print(f"[green]✓[/green] {options.key} is {escape(value)}.")
        case "reset":
            for key in options.keys:
                spec_of(key)
            store.reset(tuple(options.keys))
            which = ", ".join(options.keys) or "Every setting"
            console().print(f"[green]✓[/green] {which}: the default again.")
        case "export":
            if options.file is None:
                sys.stdout.write(rendered(_told(store)))
            else:
                store.give_out(Path(options.file))
        case "import":
            reading = store.take_in(Path(options.file))
            _notice(reading.notices)
            console().print(f"[green]✓[/green] Taken over from {escape(options.file)}.")
        case _:
            _list(store, getattr(options, "path", None), as_json=getattr(options, "json", False))
    return 0


def _list(store: SettingsStore, path: str | None, *, as_json: bool) -> None:
    chosen = _told(store)
    overrides = {own.key: own for own in overrides_of(Path(path))} if path else {}
    if as_json:
        record: dict[str, Any] = {
            "file": str(store.path),
            "settings": [_record(chosen, key) for key in SPECS],
        }
        if path:
            record["overrides"] = {key: own.value for key, own in overrides.items()}
        sys.stdout.write(json.dumps(record) + "\n")
        return
    out = answers()
    for key, spec in SPECS.items():
        value = value_of(chosen, key)
        words = shown(value)
        if not value and spec.zero:
            words += f" ({spec.zero})"
        sign = "–" if value == value_of(DEFAULTS, key) else "[cyan]●[/cyan]"
        out.print(f"{sign} [bold]{key:<16}[/bold] {escape(words)}")
        out.print(f"  {' ' * 16} [dim]{escape(spec.title)}. {escape(spec.help)}[/dim]")
        if key in overrides:
            own = overrides[key]
            out.print(f"  {' ' * 16} [yellow]here {escape(own.value)}, by {own.place}[/yellow]")


def _record(chosen: Settings, key: str) -> dict[str, Any]:
    spec, value, default = SPECS[key], value_of(chosen, key), value_of(DEFAULTS, key)
    plain = dict(value) if not isinstance(value, bool | int | float | str) else value
    record: dict[str, Any] = {"key": key, "value": plain, "is_default": value == default}
    record |= {"title": spec.title, "help": spec.help}
    if spec.choices:
        record["choices"] = [name for name, _ in spec.choices]
    if spec.most is not None:
        record["range"] = [spec.least, spec.most]
    return record


def _told(store: SettingsStore) -> Settings:
    """The settings, after a word on what of the file is not used."""
    reading = store.read()
    _notice(reading.notices)
    return reading.settings


def _notice(notices: tuple[str, ...]) -> None:
    for sentence in notices:
        console().print(f"[yellow]![/yellow] {escape(sentence)}")
