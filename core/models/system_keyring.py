"""The operating system's keyring, asked off the loop and for a limited time.

A keyring may ask for its password in a window of its own, or hang with its daemon. So each call runs on
a thread of its own, and a keyring that hangs is not asked again while it does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from core.errors import ModelError
from core.types import Remedy

NO_KEYRING: Final = "model.no_keyring"
WITHOUT_KEYRING: Final = "No keyring here; keys come from environment variables."
SECONDS: Final = 3.0

_Value = TypeVar("_Value")


class KeyringBackend(Protocol):
    """The part of ``keyring.backend.KeyringBackend`` that we use."""

    def get_password(self, service: str, username: str, /) -> str | None: ...
    def set_password(self, service: str, username: str, password: str, /) -> None: ...
    def delete_password(self, service: str, username: str, /) -> None: ...


class SystemKeyring:
    """``backend`` is the system's own where none is given; ``seconds`` limit each call to it."""

    def __init__(self, backend: KeyringBackend | None = None, seconds: float = SECONDS) -> None:
        self._backend = backend
        self._seconds = seconds
        self._hanging: threading.Thread | None = None

    async def call(self, work: Callable[[KeyringBackend], _Value], variable: str) -> _Value:
        """Do ``work`` on the back end. Raises ModelError where there is none, or where it fails;
        ``variable`` is the environment variable that serves instead."""
        remedy = Remedy("Use an environment variable", shell=f"export {variable}=...")
        if self._hanging is not None and self._hanging.is_alive():
            raise _no_answer(remedy)
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
                result = work(self._backend or _backend_of_the_system(remedy))
            except Exception as error:  # noqa: BLE001 (a back end may raise anything)
                failure = error if isinstance(error, ModelError) else _translate(error, remedy)
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
            raise _no_answer(remedy) from error


def _backend_of_the_system(remedy: Remedy) -> KeyringBackend:
    import keyring
    from keyring.backends import fail

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring):
        raise ModelError(NO_KEYRING, WITHOUT_KEYRING, (remedy,))
    return backend


def _no_answer(remedy: Remedy) -> ModelError:
    sentence = "The keyring does not answer; it may be locked and waiting for its password."
    return ModelError("model.keyring_timeout", sentence, (remedy,))


def _translate(error: Exception, remedy: Remedy) -> ModelError:
    import keyring.errors

    details = f"{type(error).__name__}: {error}"
    if isinstance(error, keyring.errors.KeyringLocked):
        sentence = "The keyring is locked; unlock it with your password and try again."
        failure = ModelError("model.keyring_locked", sentence, (remedy,), details)
    else:
        failure = ModelError("model.keyring", "The keyring has failed.", (remedy,), details)
    failure.__cause__ = error
    return failure
