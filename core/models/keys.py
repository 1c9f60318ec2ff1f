"""Secrets of model servers: from the environment, else of this run, else from the system's keyring.

The environment always wins. A key that is set for this run only is kept in memory and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from core.errors import ModelError, UsageError
from core.models.system_keyring import (
    NO_KEYRING,
    SECONDS,
    WITHOUT_KEYRING,
    KeyringBackend,
    SystemKeyring,
)
from core.types import KeyRow, KeySource, ReadinessRow, ReadinessState, Remedy

_SERVICE: Final = "greenbar"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "hf": ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
}
"""The environment variables that win, first one first, for each name of a key that we know ourselves."""
_TITLES: Final[Mapping[str, str]] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "openrouter": "OpenRouter",
    "hf": "Hugging Face",
}

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Secret:
    """``source`` is for people: ``environment variable OPENAI_API_KEY``, ``keyring``, ``this run``."""

    value: str = field(repr=False)
    source: str


def variables_of(name: str) -> tuple[str, ...]:
    """Environment variables for this key; ``GREENBAR_KEY_LAB`` for the one of an endpoint ``lab``."""
    own = f"GREENBAR_KEY_{re.sub('[^A-Z0-9]', '_', name.upper())}"
    return VARIABLES.get(name, (own,))


def title_of(name: str) -> str:
    """For people."""
    return _TITLES.get(name, name)


class KeyStore:
    """Looks secrets up and keeps them. Names are those of :data:`VARIABLES`, or of endpoints.

    ``learn`` is told of every secret that comes by, so that it can be kept out of logs. ``backend``
    and ``seconds`` are those of :class:`core.models.system_keyring.SystemKeyring`.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        backend: KeyringBackend | None = None,
        seconds: float = SECONDS,
        learn: Callable[[str], None] | None = None,
    ) -> None:
        self._environ = environ
        self._keyring = SystemKeyring(backend, seconds)
        self._learn = learn or (lambda secret: None)
        self._this_run: dict[str, str] = {}

    async def get(self, name: str) -> Secret | None:
        """The secret, or ``None`` where there is none. Raises ModelError where the keyring fails."""
        secret = self._without_keyring(name)
        if secret is None:
            found = await self._ask(name, lambda keyring: keyring.get_password(_SERVICE, name))
            secret = Secret(found, "keyring") if found else None
        if secret is not None:
            self._learn(secret.value)
        return secret

    async def set(self, name: str, value: str, *, this_run_only: bool = False) -> None:
        """Keep a secret in the keyring, or in memory. Raises UsageError for a bad name or for more than
        one line, ModelError where the keyring fails; a key of this run then stays what it was."""
        check_name(name)
        value = value.strip()
        # gnome-keyring can lose a whole collection over a secret that holds a newline.
        _check_single_line(value, "The key")
        self._learn(value)
        if this_run_only:
            self._this_run[name] = value
            return
        await self._ask(name, lambda keyring: keyring.set_password(_SERVICE, name, value))
        self._this_run.pop(name, None)

    async def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error. Raises UsageError, ModelError."""
        check_name(name)
        self._this_run.pop(name, None)
        if await self._ask(name, lambda keyring: keyring.get_password(_SERVICE, name)) is not None:
            await self._ask(name, lambda keyring: keyring.delete_password(_SERVICE, name))

    async def rows(self, more: Iterable[str] = ()) -> tuple[tuple[KeyRow, ...], str]:
        """Every key that we know ourselves and ``more``: where each is from, never what it is. Then, in
        a sentence, why the keyring cannot keep any; empty where it can."""
        rows, trouble = [], ""
        for name in dict.fromkeys((*VARIABLES, *more)):
            variable = self._variable(name)
            source = KeySource.NONE
            try:
                secret = await self.get(name) if not trouble else self._without_keyring(name)
            except ModelError as error:
                trouble, secret = error.sentence, None
            except UsageError:
                secret, source = None, KeySource.ENVIRONMENT
            if secret is not None:
                source = KeySource.KEYRING if secret.source == "keyring" else KeySource.THIS_RUN
                source = KeySource.ENVIRONMENT if variable else source
            rows.append(KeyRow(name, title_of(name), source, variable or variables_of(name)[0]))
        if not trouble:
            trouble = await self._why_not()
        return tuple(rows), trouble

    async def readiness(self) -> ReadinessRow:
        """The doctor's row: whether keys can be kept, and which are there."""
        try:
            secret = await self.get("openai")
        except (ModelError, UsageError) as error:
            if error.code == NO_KEYRING:
                # No trouble: local models need no key, and a variable serves as well.
                return ReadinessRow("Keyring", ReadinessState.MISSING, WITHOUT_KEYRING)
            remedy = error.remedies[0] if error.remedies else None
            return ReadinessRow("Keyring", ReadinessState.ATTENTION, error.sentence, remedy)
        if secret is None:
            return ReadinessRow("Keyring", ReadinessState.OK, "Keys can be kept; none is kept yet.")
        return ReadinessRow(
            "Keyring", ReadinessState.OK, f"The key for OpenAI is from the {secret.source}."
        )

    async def _ask(self, name: str, work: Callable[[KeyringBackend], _Value]) -> _Value:
        return await self._keyring.call(work, variables_of(name)[0])

    def _variable(self, name: str) -> str:
        """The environment variable that gives this key, or empty."""
        return next((v for v in variables_of(name) if self._environ.get(v, "").strip()), "")

    def _without_keyring(self, name: str) -> Secret | None:
        if variable := self._variable(name):
            value = self._environ[variable].strip()
            _check_single_line(value, f"The environment variable {variable}")
            return Secret(value, f"environment variable {variable}")
        if value := self._this_run.get(name, ""):
            return Secret(value, "this run")
        return None

    async def _why_not(self) -> str:
        """The environment may have answered every question so far: ask the keyring itself."""
        try:
            await self._ask("openai", lambda keyring: keyring.get_password(_SERVICE, "openai"))
        except ModelError as error:
            return error.sentence
        return ""


def check_name(name: str) -> None:
    """Raises UsageError for a name that cannot be that of a key or an endpoint."""
    if not _NAME.fullmatch(name):
        known = ", ".join(VARIABLES)
        sentence = f"{name!r} is not the name of a key; use {known}, or that of an endpoint."
        raise UsageError(
            "model.key_name", sentence, (Remedy("List the keys", shell="greenbar keys list"),)
        )


def _check_single_line(value: str, what: str) -> None:
    if not value or any(ord(character) < 32 for character in value):
        raise UsageError("model.bad_key", f"{what} must be one line of text.")
