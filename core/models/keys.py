"""Secrets of model servers: from the environment, else from the operating system's keyring.

A keyring may ask for a password in a window of its own, or hang with its daemon. So it is asked on a
thread of its own and for a limited time, and one that hangs is not asked again while it does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from core.errors import ModelError, UsageError
from core.types import ReadinessRow, ReadinessState, Remedy

_SERVICE: Final = "greenbar"
_SECONDS: Final = 3.0
_NO_KEYRING: Final = "model.no_keyring"
_WITHOUT_KEYRING: Final = "No keyring here; keys come from environment variables."
VARIABLES: Final[Mapping[str, str]] = {"openai": "OPENAI_API_KEY"}
"""The environment variable that wins, for each name of a key."""

_Value = TypeVar("_Value")


class KeyringBackend(Protocol):
    """The part of ``keyring.backend.KeyringBackend`` that we use."""

    def get_password(self, service: str, username: str, /) -> str | None: ...
    def set_password(self, service: str, username: str, password: str, /) -> None: ...
    def delete_password(self, service: str, username: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Secret:
    """``source`` is for people: ``environment variable OPENAI_API_KEY``, ``keyring``."""

    value: str = field(repr=False)
    source: str


class KeyStore:
    """Looks secrets up and keeps them. Names are those of :data:`VARIABLES`.

    ``backend`` is the system's own where none is given; ``seconds`` limit each call to it.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        backend: KeyringBackend | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._environ = environ
        self._backend = backend
        self._seconds = seconds
        self._hanging: threading.Thread | None = None

    async def get(self, name: str) -> Secret | None:
        """The secret, or ``None`` where there is none. Raises ModelError where the keyring fails."""
        variable = VARIABLES.get(name, "")
        if value := self._environ.get(variable, "").strip():
            _check_single_line(value, f"The environment variable {variable}")
            return Secret(value, f"environment variable {variable}")
        found = await self._call(lambda keyring: keyring.get_password(_SERVICE, name))
        return Secret(found, "keyring") if found else None

    async def set(self, name: str, value: str) -> None:
        """Keep a secret in the keyring. Raises UsageError for more than one line, ModelError."""
        value = value.strip()
        # gnome-keyring can lose a whole collection over a secret that holds a newline.
        _check_single_line(value, "The key")
        await self._call(lambda keyring: keyring.set_password(_SERVICE, name, value))

    async def delete(self, name: str) -> None:
        """Forget a secret of the keyring; one that is not there is no error. Raises ModelError."""
        if await self._call(lambda keyring: keyring.get_password(_SERVICE, name)) is not None:
            await self._call(lambda keyring: keyring.delete_password(_SERVICE, name))

    async def readiness(self) -> ReadinessRow:
        """The doctor's row: whether keys can be kept, and which are there."""
        try:
            secret = await self.get("openai")
        except (ModelError, UsageError) as error:
            if error.code == _NO_KEYRING:
                # No trouble: local models need no key, and a variable serves as well.
                return ReadinessRow("Keyring", ReadinessState.MISSING, _WITHOUT_KEYRING)
            remedy = error.remedies[0] if error.remedies else None
            return ReadinessRow("Keyring", ReadinessState.ATTENTION, error.sentence, remedy)
        if secret is None:
            return ReadinessRow("Keyring", ReadinessState.OK, "Keys can be kept; none is kept yet.")
        return ReadinessRow(
            "Keyring", ReadinessState.OK, f"The key for OpenAI is from the {secret.source}."
        )

    async def _call(self, work: Callable[[KeyringBackend], _Value]) -> _Value:
        if self._hanging is not None and self._hanging.is_alive():
            raise _no_answer()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Value] = loop.create_future()

        def settle(result: _Value | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            result: _Value | None = None
            failure: Exception | None = None
            try:
                result = work(self._backend or _system_keyring())
            except Exception as error:  # noqa: BLE001 (a back end may raise anything)
                failure = error if isinstance(error, ModelError) else _translate(error)
            try:
                loop.call_soon_threadsafe(settle, result, failure)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

        # Not an executor: its threads are joined at exit, and a keyring that hangs would hang us too.
        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._seconds):
                return await future
        except TimeoutError as error:
            self._hanging = thread
            raise _no_answer() from error


def _system_keyring() -> KeyringBackend:
    import keyring
    from keyring.backends import fail

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise ModelError(_NO_KEYRING, _WITHOUT_KEYRING, (_USE_VARIABLE,))
    return backend


_USE_VARIABLE: Final = Remedy("Use an environment variable", shell="export OPENAI_API_KEY=...")


def _no_answer() -> ModelError:
    sentence = "The keyring does not answer; it may be locked and waiting for its password."
    return ModelError("model.keyring_timeout", sentence, (_USE_VARIABLE,))


def _translate(error: Exception) -> ModelError:
    import keyring.errors

    details = f"{type(error).__name__}: {error}"
    if isinstance(error, keyring.errors.KeyringLocked):
        failure = ModelError("model.keyring_locked", "The keyring is locked.", (_USE_VARIABLE,), details)
    else:
        failure = ModelError("model.keyring", "The keyring has failed.", (_USE_VARIABLE,), details)
    failure.__cause__ = error
    return failure


def _check_single_line(value: str, what: str) -> None:
    if not value or any(ord(character) < 32 for character in value):
        raise UsageError("model.bad_key", f"{what} must be one line of text.")
