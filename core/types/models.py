"""Models, their keys, their probe, the memory they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.types.searching import EditFormat, TokenUsage


class KeySource(StrEnum):
    """Where a key is from."""

    NONE = ""
    ENVIRONMENT = "environment"
    THIS_RUN = "this run"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What may be shown of a key. ``variable`` is the environment variable that gives it, or would."""

    name: str
    title: str
    source: KeySource
    variable: str


class Grade(StrEnum):
    """What a model is worth to us by its probe; docs/models.md has the rules."""

    GOOD = "good"
    USABLE = "usable"
    WEAK = "weak"
    UNSUITABLE = "unsuitable"
    UNCLEAR = "not clear yet"
    """Too few answers in the time that there was."""


@dataclass(frozen=True, slots=True)
class FormatScore:
    """How a model kept to one edit format: of ``asked`` tasks, ``applied`` gave an edit, and ``right``
    the edit that was asked for. ``asked`` is 0 where the format was not tried."""

    format: EditFormat
    asked: int = 0
    applied: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a minute with a model has shown. Speeds are tokens a second, 0 where unknown; ``seconds`` and
    ``tokens`` are what the probe itself took; ``taken`` is seconds since the epoch."""

    spec: str
    name: str
    grade: Grade
    formats: tuple[FormatScore, ...]
    edit_format: EditFormat
    """The one that is used."""
    prompt_tokens: int
    """How long the prompts are that it gets."""
    context_claimed: int = 0
    context_held: int = 0
    """The longest prompt whose beginning it still knew; 0 where it knew none."""
    context_tried: int = 0
    ended: int = 0
    """Answers that ended by themselves, of ``answers``."""
    answers: int = 0
    keeps_stops: bool | None = None
    """Whether stop sequences end an answer; ``None`` where this was not tried."""
    prompt_speed: float = 0.0
    completion_speed: float = 0.0
    first_seconds: float = 0.0
    busy: bool = False
    """Other programs kept the machine busy, so the speeds are too low."""
    seconds: float = 0.0
    tokens: TokenUsage = field(default_factory=TokenUsage)
    taken: float = 0.0


class ModelKind(StrEnum):
    CATALOGUE = "catalogue"
    """A file that we can fetch, and run ourselves."""
    FILE = "file"
    """A file of the user's own, where it is."""
    OLLAMA = "ollama"
    ENDPOINT = "endpoint"


class ModelState(StrEnum):
    """``SERVED`` is all that can be known of a model of a server."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PARTIAL = "partly downloaded"
    ABSENT = "not downloaded"
    DAMAGED = "damaged"
    MISSING = "missing"
    SERVED = "served"
    UNREACHABLE = "unreachable"
    UNNAMED = "names no model"
    """A server with several models, none of them chosen."""

    @property
    def is_ready(self) -> bool:
        """True where the model can be used as it is."""
        return self in (ModelState.VERIFIED, ModelState.UNVERIFIED, ModelState.SERVED)


class MemoryFit(StrEnum):
    """The memory that a model needs against what is free now."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "does not fit"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model that is there or can be had. Sizes are bytes and 0 where unknown, as is ``context``
    (tokens). ``spec`` is what ``--model`` takes; empty for a server that offers none."""

    spec: str
    name: str
    kind: ModelKind
    state: ModelState
    size: int = 0
    done: int = 0
    """Of a partial download."""
    context: int = 0
    licence: str = ""
    good_for: str = ""
    memory: int = 0
    """Needed to run it with the context that we use."""
    fit: MemoryFit = MemoryFit.UNKNOWN
    where: str = ""
    """A path or an address."""
    sentence: str = ""
    """Why it cannot be used; empty where it can."""
    chosen: bool = False
    """``auto`` means this one."""
