"""Models: what is there, what was measured, what was asked and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import KeyRow, ModelRow, ProbeResult, Role, TokenUsage


@dataclass(frozen=True, slots=True)
class ModelReady:
    """``name`` is for people (``qwen2.5-coder 1.5B``); ``spec`` is what ``--model`` takes."""

    spec: str
    name: str
    context: int
    """Context window in tokens; 0 where it is unknown."""


@dataclass(frozen=True, slots=True)
class ModelsChanged:
    """Every model that is there or can be had, as it is now."""

    rows: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class ModelProbed:
    """A model was measured, now or, where the result is at hand, in an earlier run."""

    result: ProbeResult


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """``trouble`` says in a sentence why the keyring cannot keep any; empty where it can."""

    rows: tuple[KeyRow, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """A request to the model begins. ``prompt`` is exactly what is sent."""

    request: int
    proposer: str
    prompt: str


@dataclass(frozen=True, slots=True)
class ModelStreamed:
    """A piece of an answer, as it arrives."""

    request: int
    text: str


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """``tokens_per_second`` counts completion tokens; 0 where it is unknown.

    ``stopped`` says why we ended the answer early (``repeats itself``), empty where the model ended it;
    ``saved`` are the tokens that this saved, an estimate.
    """

    request: int
    usage: TokenUsage
    seconds: float
    tokens_per_second: float = 0.0
    cancelled: bool = False
    role: Role = Role.PROPOSE
    stopped: str = ""
    saved: int = 0


@dataclass(frozen=True, slots=True)
class PromptDropped:
    """A server left out a part of a prompt without a word; the answer to it was not used."""

    model: str
    sent: int
    """At least."""
    counted: int


Body: TypeAlias = (
    ModelReady
    | ModelsChanged
    | ModelProbed
    | KeysChanged
    | ModelAsked
    | ModelStreamed
    | ModelAnswered
    | PromptDropped
)
