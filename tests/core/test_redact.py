"""Keys do not survive redaction, ordinary words do."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redact import MARK, Redactor, secrets_in

KEYS = [
    "sk-proj-abcdefghijklmnop1234567890",
    "sk-ant-api03-abcdefghijkl_mnop-1234567890",
    "sk-or-v1-0123456789abcdef0123456789abcdef",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijklm_nopqrstuvwxyz",
    "glpat-abcdefghij0123456789",
    "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
    "xai-abcdefghijklmnopqrstuvwxyz0123456789",
    "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-1234567890-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_well_known_format_is_blotted_out_wherever_it_stands(key: str) -> None:
    for text in (key, f"before {key} after", f'{{"key": "{key}"}}', f"({key})", f"x={key}\n"):
        assert key not in Redactor()(text)
        assert MARK in Redactor()(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("api_key='0123456789abc'", "api_key='***'"),
        ("https://ada:s3cret@proxy.example:8080/v1", "https://***@proxy.example:8080/v1"),
        ("Authorization: Basic YWRhOnMzY3JldA==", "Authorization: Basic ***"),
    ],
)
def test_what_carries_a_key_keeps_its_place(text: str, left: str) -> None:
    assert Redactor()(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "tests/test_task-list.py::test_sk_learn",
        "hf_hub_download(repo)",
        "https://example.org/a:b@c",
        "the API key is missing",
        "the bearer of news",
        "api_key = None",
        "https://github.com/owner/repository",
        "a risk-averse-person-with-a-hyphen",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert Redactor()(text) == text


@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=60), st.text(max_size=20))
def test_a_known_key_is_blotted_out_in_every_spelling_of_servers(secret: str, around: str) -> None:
    redact = Redactor()
    redact.learn(secret)
    for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert secret not in redact(f"\x00{around}\x00{spelling}\x00").split("\x00")
    basic = base64.b64encode(f":{secret}".encode()).decode()
    assert basic not in redact(f"Basic {basic}")


def test_a_key_that_begins_another_does_not_leave_its_end() -> None:
    redact = Redactor()
    redact.learn("abcdefgh1234")
    redact.learn("abcdefgh1234and-more")
    assert redact("x abcdefgh1234and-more y") == f"x {MARK} y"


def test_short_values_and_placeholders_of_local_servers_are_no_keys() -> None:
    redact = Redactor()
    for value in ("", "1234", "ollama", "lm-studio", "LM-Studio"):
        redact.learn(value)
    assert redact("ollama:qwen2.5 lm-studio 1234") == "ollama:qwen2.5 lm-studio 1234"


def test_the_environment_gives_its_secrets_by_their_names() -> None:
    environ = {
        "OPENAI_API_KEY": "a-key-of-some-length",
        "HTTPS_PROXY": "http://ada:p%40ss-word@proxy:3128",
        "DB_PASSWORD": "postgres",
        "PATH": "/usr/local/bin:/usr/bin",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/token",
    }
    assert set(secrets_in(environ)) == {"a-key-of-some-length", "p%40ss-word", "p@ss-word"}
    assert "p@ss-word" not in Redactor(environ)("the proxy refused p@ss-word")
