"""The file of settings. What we do not know of it, and every comment, stays as the user wrote it.

Reads need only the standard library; writes use tomlkit, which keeps the text around the values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.atomic import write_atomic
from core.errors import UsageError
from core.settings.check import DEFAULTS, Reading, read_tables, with_value
from core.types import Remedy
from core.types.settings import SPECS, Settings, SettingValue, value_of

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_NAME: Final = "settings.toml"
_HEAD: Final = "Greenbar's settings. `greenbar settings list` names them all."


class SettingsStore:
    """Reads anew each time: several windows and an editor may share the file. Blocks on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Reading:
        """What the file says; the defaults, and a sentence, for what cannot be used. Never raises."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return Reading(DEFAULTS)
        except (OSError, UnicodeDecodeError) as error:
            return Reading(DEFAULTS, (f"{self.path} cannot be read ({error}); the defaults are used.",))
        try:
            return read_tables(tomllib.loads(text), self.path.name)
        except tomllib.TOMLDecodeError as error:
            sentence = f"{self.path} cannot be understood ({error}); the defaults are used."
            return Reading(DEFAULTS, (sentence,))

    def change(self, values: Mapping[str, SettingValue | None]) -> Settings:
        """Write values by their keys; ``None`` forgets one, which is then the default.

        Raises UsageError for a key or a value that does not fit, and where the disk refuses; then nothing
        is written. A file that cannot be understood is kept beside the new one.
        """
        settings = self.read().settings
        for key, value in values.items():
            settings = with_value(settings, key, value_of(DEFAULTS, key) if value is None else value)
        document = self._document()
        for key, value in values.items():
            _put(document, key, None if value == value_of(DEFAULTS, key) else value)
        self._write(document.as_string())
        return settings

    def reset(self, keys: tuple[str, ...] = ()) -> Settings:
        """Forget these, or with none all. Raises UsageError."""
        return self.change(dict.fromkeys(keys or SPECS))

    def take_in(self, path: Path) -> Reading:
        """Import a file: what it says and fits replaces ours. Raises UsageError for what is no TOML."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(
                "settings.import", f"{path} cannot be read as settings.", details=str(error)
            ) from error
        found = read_tables(data, path.name)
        said = {key for key in SPECS if key.partition(".")[2] in _table(data, key.partition(".")[0])}
        changed = {key: value_of(found.settings, key) for key in SPECS if key in said}
        return Reading(self.change(changed), found.notices)

    def give_out(self, path: Path) -> None:
        """Export every setting, as it now is. Raises UsageError."""
        _save(path, rendered(self.read().settings))

    def _document(self) -> TOMLDocument:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            return tomlkit.parse(self.path.read_text("utf-8"))
        except (FileNotFoundError, UnicodeDecodeError, TOMLKitError):
            self._keep_aside()
            fresh = tomlkit.document()
            fresh.add(tomlkit.comment(_HEAD))
            return fresh
        except OSError as error:
            raise _refused(self.path, error) from error

    def _keep_aside(self) -> None:
        """A file that we cannot understand is the user's work all the same."""
        if self.path.exists():
            number = 1
            while (aside := self.path.with_name(f"{self.path.name}.{number}.old")).exists():
                number += 1
            self.path.rename(aside)

    def _write(self, text: str) -> None:
        _save(self.path, text)


def rendered(settings: Settings) -> str:
    """Every setting as TOML."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    for key in SPECS:
        _put(document, key, value_of(settings, key))
    return document.as_string()


def _put(document: TOMLDocument, key: str, value: SettingValue | None) -> None:
    """Set a value in its table, made where it is missing; ``None`` takes it out."""
    import tomlkit

    name, _, entry = key.partition(".")
    table = document.get(name)
    if value is None:
        if isinstance(table, Mapping) and entry in table:
            del table[entry]  # type: ignore[attr-defined]
        return
    if not isinstance(table, Mapping):
        if table is not None:
            del document[name]
        table = tomlkit.table()
        document[name] = table
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update(dict(value))
        table[entry] = inline  # type: ignore[index]
    else:
        table[entry] = value  # type: ignore[index]


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = data.get(name)
    return table if isinstance(table, Mapping) else {}


def _save(path: Path, text: str) -> None:
    try:
        write_atomic(path, text.encode())
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> UsageError:
    remedy = Remedy("Look at the folder", shell=f"ls -ld {path.parent}")
    return UsageError("settings.disk", f"{path} cannot be written.", (remedy,), str(error))
