"""Keys: the environment wins, the keyring is asked off the loop and for a limited time."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from core.errors import ModelError, UsageError
from core.models.keys import KeyStore
from core.types import ReadinessState


class MemoryKeyring:
    """A keyring that keeps its secrets in memory and notes which thread asked."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}
        self.threads: set[int] = set()

    def get_password(self, service: str, username: str) -> str | None:
        self.threads.add(threading.get_ident())
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


class StuckKeyring(MemoryKeyring):
    """A keyring that waits for a password that nobody types."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.free.wait(10)
        return None


class BrokenKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise LookupError("D-Bus is gone")


def test_a_key_is_kept_found_and_forgotten_off_the_loop() -> None:
    async def body() -> None:
        keyring = MemoryKeyring()
        keys = KeyStore({}, keyring)
        assert await keys.get("openai") is None
        await keys.set("openai", " sk-1 ")
        secret = await keys.get("openai")
        assert secret is not None
        assert (secret.value, secret.source) == ("sk-1", "keyring")
        assert "sk-1" not in repr(secret)
        await keys.delete("openai")
        await keys.delete("openai")
        assert await keys.get("openai") is None
        assert threading.get_ident() not in keyring.threads

    asyncio.run(body())


def test_the_environment_wins_and_is_named_without_asking_the_keyring() -> None:
    keyring = BrokenKeyring()
    secret = asyncio.run(KeyStore({"OPENAI_API_KEY": "sk-env"}, keyring).get("openai"))
    assert secret is not None
    assert (secret.value, secret.source) == ("sk-env", "environment variable OPENAI_API_KEY")


@pytest.mark.parametrize("value", ["two\nlines", "", "  ", "a\tb", "a\x00b"])
def test_only_one_line_of_text_can_be_a_key(value: str) -> None:
    keyring = MemoryKeyring()
    with pytest.raises(UsageError):
        asyncio.run(KeyStore({}, keyring).set("openai", value))
    assert not keyring.secrets


def test_a_keyring_that_hangs_is_given_up_and_not_asked_again_meanwhile() -> None:
    keyring = StuckKeyring()

    async def body() -> None:
        keys = KeyStore({}, keyring, seconds=0.1)
        start = time.monotonic()
        for _ in range(3):
            with pytest.raises(ModelError) as caught:
                await keys.get("openai")
            assert caught.value.code == "model.keyring_timeout"
        assert time.monotonic() - start < 1
        assert keyring.calls == 1
        row = await keys.readiness()
        assert row.state is ReadinessState.ATTENTION
        keyring.free.set()
        for thread in threading.enumerate():
            if thread.name == "keyring":
                await asyncio.to_thread(thread.join, 5)
        assert await keys.get("openai") is None

    asyncio.run(body())


def test_a_keyring_that_fails_is_a_model_error_with_its_own_message_folded_in() -> None:
    with pytest.raises(ModelError) as caught:
        asyncio.run(KeyStore({}, BrokenKeyring()).get("openai"))
    assert caught.value.code == "model.keyring"
    assert "D-Bus is gone" in caught.value.details
    assert "OPENAI_API_KEY" in caught.value.remedies[0].shell


def test_the_doctor_says_where_the_key_is_from() -> None:
    async def body() -> None:
        keyring = MemoryKeyring()
        assert (await KeyStore({}, keyring).readiness()).state is ReadinessState.OK
        await KeyStore({}, keyring).set("openai", "sk-1")
        assert "keyring" in (await KeyStore({}, keyring).readiness()).sentence
        row = await KeyStore({"OPENAI_API_KEY": "sk-2"}, keyring).readiness()
        assert "environment variable OPENAI_API_KEY" in row.sentence
        assert "sk-" not in row.sentence

    asyncio.run(body())


def test_a_machine_without_a_keyring_is_told_so_and_nothing_is_asked_of_it() -> None:
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        row = asyncio.run(KeyStore({}).readiness())
    finally:
        keyring.set_keyring(before)
    assert row.state is ReadinessState.MISSING
    assert row.sentence == "No keyring here; keys come from environment variables."
    assert row.remedy is None
