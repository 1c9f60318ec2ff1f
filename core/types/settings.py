"""Every setting of a user, as one typed schema: the dialog, the command line and the file follow from it.

A setting's key is the name of its field with the first ``_`` as a dot: ``search_seconds`` is
``search.seconds``, which stands as ``seconds`` in the table ``[search]`` of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final, TypeAlias

SettingValue: TypeAlias = bool | int | float | str | Mapping[str, str]
_SPEC: Final = "spec"


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """What is known of a setting beside its default. ``least`` and ``most`` are inclusive."""

    title: str
    help: str
    least: float | None = None
    most: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Values, and what they are called; empty: anything of the default's type."""
    zero: str = ""
    """What 0 or the empty text means, where it does not mean itself."""
    repository: bool = False
    """Whether a repository may say otherwise. Ceilings it may lower, never raise."""


@dataclass(frozen=True, slots=True)
class SettingOverride:
    """A repository has a word of its own; ``place`` is the file that says so."""

    key: str
    value: str
    place: str


def _setting(default: Any, title: str, words: str, **more: Any) -> Any:
    return field(default=default, metadata={_SPEC: SettingSpec(title, words, **more)})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user has chosen; without arguments, the defaults."""

    search_seconds: float = _setting(
        120.0,
        "Time for a fix",
        "The search ends after this time and keeps the best state so far.",
        least=5,
        most=86_400,
        unit="s",
        repository=True,
    )
    search_tokens: int = _setting(
        0,
        "Tokens for a fix",
        "The most that models may read and write for one fix.",
        least=0,
        most=1_000_000_000,
        unit="tokens",
        zero="no ceiling",
        repository=True,
    )
    search_dollars: float = _setting(
        0.0,
        "Money for a fix",
        "US dollars for one fix. A model whose price is not known is not asked.",
        least=0,
        most=10_000,
        unit="US$",
        zero="no ceiling",
    )
    search_strategy: str = _setting(
        "auto",
        "Strategy",
        "How to search; greenbar strategies lists the names.",
        repository=True,
    )
    search_workers: int = _setting(
        0,
        "Verified at once",
        "How many candidates are run at the same time.",
        least=0,
        most=64,
        zero="one for each core, at most 4",
    )
    model_use: str = _setting(
        "auto",
        "Model",
        "What greenbar --model takes. auto: the one set by greenbar models use, else the best at hand.",
    )
    tests_sandbox: str = _setting(
        "auto",
        "Sandbox",
        "Where tests and candidates run. None of them reaches your files or the network.",
        choices=(
            ("auto", "The best that works"),
            ("docker", "Docker"),
            ("podman", "Podman"),
            ("bubblewrap", "Bubblewrap"),
        ),
    )
    tests_setup: bool = _setting(
        True,
        "Install what the tests need",
        "Outside the repository; asked before the network is used.",
    )
    tests_timeout: float = _setting(
        0.0,
        "Time for one test",
        "A test that takes longer counts as hanging.",
        least=0,
        most=86_400,
        unit="s",
        zero="what the repository says, else 10 s",
        repository=True,
    )
    look_theme: str = _setting(
        "system",
        "Theme",
        "Switches at once.",
        choices=(
            ("system", "As the system"),
            ("light", "Light"),
            ("dark", "Dark"),
            ("contrast", "High contrast"),
        ),
    )
    look_text: int = _setting(
        100, "Text size", "Ctrl and plus, minus or 0 set it too.", least=80, most=200, unit="%"
    )
    look_motion: bool = _setting(True, "Motion", "Off: what changes is there at once, without moving.")
    notices_show: str = _setting(
        "all",
        "Notifications",
        "Only while the window is not in front.",
        choices=(
            ("all", "When a fix ends or an answer is wanted"),
            ("questions", "When an answer is wanted"),
            ("none", "Never"),
        ),
    )
    notices_sound: bool = _setting(
        True, "Sound with a question", "Only a question that waits for an answer is heard."
    )
    editor_command: str = _setting(
        "",
        "Editor",
        "How to open a file at a line: code --goto {file}:{line}. It is started without a shell.",
        zero="the first one found",
    )
    keys_bound: Mapping[str, str] = field(
        default_factory=dict,
        metadata={_SPEC: SettingSpec("Keys", "Shortcuts of your own, by the names of actions.")},
    )


def _spec_of(entry: Field[Any]) -> SettingSpec:
    spec: SettingSpec = entry.metadata[_SPEC]
    return spec


SPECS: Final[Mapping[str, SettingSpec]] = MappingProxyType(
    {entry.name.replace("_", ".", 1): _spec_of(entry) for entry in fields(Settings)}
)
"""Every setting by its key, in the order in which they are shown."""


def field_of(key: str) -> str:
    """The name of a setting's field."""
    return key.replace(".", "_", 1)


def value_of(settings: Settings, key: str) -> SettingValue:
    """The value of a key of :data:`SPECS`."""
    value: SettingValue = getattr(settings, field_of(key))
    return value
