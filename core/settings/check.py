"""Checks values against the schema. Pure. A value that does not fit is told of and stops nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from core.errors import UsageError
from core.types.settings import SPECS, Settings, SettingSpec, SettingValue, field_of, value_of

DEFAULTS: Final = Settings()
_WORDS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
}


class Reading(NamedTuple):
    """What a file says. ``notices`` has one sentence for each thing that is not used."""

    settings: Settings
    notices: tuple[str, ...] = ()


def read_tables(data: Mapping[str, Any], place: str) -> Reading:
    """Settings from parsed TOML; ``place`` names the file in the notices."""
    settings, notices = DEFAULTS, []
    for table, entries in data.items():
        if not isinstance(entries, Mapping):
            notices.append(f"{place}: {table} is no setting; it is left alone.")
            continue
        for name, value in entries.items():
            key = f"{table}.{name}"
            if key not in SPECS:
                notices.append(f"{place}: {key} is no setting; it is left alone.")
                continue
            try:
                settings = with_value(settings, key, value)
            except UsageError as error:
                default = shown(value_of(DEFAULTS, key))
                notices.append(f"{place}: {error.sentence} {default} is used instead.")
    return Reading(settings, tuple(notices))


def with_value(settings: Settings, key: str, value: object) -> Settings:
    """``settings`` with another value. Raises UsageError, whose sentence says what would fit."""
    change: dict[str, Any] = {field_of(key): fitting(key, value)}
    return replace(settings, **change)


def fitting(key: str, value: object) -> SettingValue:
    """``value`` as the schema wants it. Raises UsageError."""
    spec = spec_of(key)
    match value_of(DEFAULTS, key):
        case bool():
            if isinstance(value, bool):
                return value
            raise _wrong(key, "is neither true nor false")
        case int() | float() as default:
            return _number(key, value, spec, whole=isinstance(default, int))
        case str():
            return _text(key, value, spec)
        case _:
            if isinstance(value, Mapping) and all(
                isinstance(entry, str) for pair in value.items() for entry in pair
            ):
                return {str(name): str(text) for name, text in value.items()}
            raise _wrong(key, "is not a table of texts in quotes")


def parsed(key: str, text: str) -> SettingValue:
    """A value as written on a command line. Raises UsageError."""
    match value_of(DEFAULTS, key) if key in SPECS else spec_of(key):
        case bool():
            return fitting(key, _WORDS.get(text.strip().lower(), text))
        case int() | float() as default:
            try:
                return fitting(key, int(text) if isinstance(default, int) else float(text))
            except ValueError:
                return fitting(key, text)
        case str():
            return fitting(key, text)
        case _:
            pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
            if not all(sign for _, sign, _ in pairs):
                raise _wrong(key, "is not a list like fix=Ctrl+F5,undo=Ctrl+U")
            return fitting(key, {name.strip(): keys.strip() for name, _, keys in pairs})


def spec_of(key: str) -> SettingSpec:
    """Raises UsageError for a key that is no setting."""
    if key not in SPECS:
        sentence = f"{key} is no setting; known are {', '.join(SPECS)}."
        raise UsageError("settings.unknown", sentence)
    return SPECS[key]


def shown(value: SettingValue) -> str:
    """A value in a sentence or a table."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case str():
            return value or '""'
        case int():
            return str(value)
        case _:
            return ",".join(f"{name}={text}" for name, text in value.items()) or "none"


def _number(key: str, value: object, spec: SettingSpec, *, whole: bool) -> SettingValue:
    least, most = spec.least or 0, spec.most or math.inf
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not fits or not least <= value <= most:  # type: ignore[operator]
        kind = "a whole number" if whole else "a number"
        raise _wrong(key, f"is not {kind} from {least:g} to {most:g}")
    return value if whole else float(value)  # type: ignore[arg-type, return-value]


def _text(key: str, value: object, spec: SettingSpec) -> str:
    if not isinstance(value, str):
        raise _wrong(key, "is not a text in quotes")
    known = [name for name, _ in spec.choices]
    if known and value not in known:
        raise _wrong(key, f"is none of {', '.join(known)}")
    return value


def _wrong(key: str, clause: str) -> UsageError:
    return UsageError("settings.value", f"{key} {clause}.")
