"""Blots keys out of text before it is shown, logged or written. Imports nothing else of core.

Two nets: the very values that are known to be secret (:meth:`Redactor.learn`), in the spellings in
which servers echo them; and the formats of well-known keys, for those that nobody told us of.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import quote, unquote, urlsplit

Redact: TypeAlias = Callable[[str], str]

MARK: Final = "***"
_SHORTEST: Final = 8
"""Blotting out a shorter value would blot out ordinary words as well."""
_LIKELY: Final = 16
"""From this length on, the value of a variable whose name speaks of a secret is taken for one."""
_PLACEHOLDERS: Final = frozenset({"lm-studio", "not-needed", "no-key-required", "sk-no-key-required"})
"""What people write where a local server wants some key, whatever it is."""
_SECRET_NAME: Final = r"(?i)(api_?key|token|secret|passw(or)?d|credential)s?$"
_FORMATS: Final = (
    # A piece that the text must hold (lower case) before the pattern is tried: searching for a word is
    # a hundred times quicker, and traceback after traceback comes through here.
    ("sk-", r"\bsk-[\w-]{16,}", MARK),
    ("hf_", r"\bhf_[A-Za-z0-9]{24,}", MARK),
    ("gh", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})", MARK),
    ("glpat-", r"\bglpat-[\w-]{16,}", MARK),
    ("gsk_", r"\bgsk_[A-Za-z0-9]{30,}", MARK),
    ("xai-", r"\bxai-[A-Za-z0-9]{30,}", MARK),
    ("aiza", r"\bAIza[\w-]{30,}", MARK),
    ("akia", r"\bAKIA[0-9A-Z]{16}\b", MARK),
    ("npm_", r"\bnpm_[A-Za-z0-9]{30,}", MARK),
    ("pypi-", r"\bpypi-[\w-]{30,}", MARK),
    ("xox", r"\bxox[abeoprs]-[\w-]{10,}", MARK),
    ("eyj", r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}", MARK),
    ("bearer", r"(?i)\b(bearer\s+)[\w.~+/=-]{8,}", rf"\1{MARK}"),
    ("basic", r"(?i)\b(authorization['\"]?\s*[:=]\s*['\"]?basic\s+)[\w+/=]{8,}", rf"\1{MARK}"),
    ("api", r"(?i)(api[-_]?key['\"]?\s*[:=]\s*['\"]?)[\w\-.]{8,}", rf"\1{MARK}"),
    ("://", r"(?<=://)[^\s/@:'\"]*:[^\s/@'\"]+(?=@)", MARK),
    (
        "private key-----",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        MARK,
    ),
)


class Redactor:
    """Call it with a text. One for each program, told of every key that the program comes to hold.

    Threads may call and teach it at the same time.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._spellings: tuple[str, ...] = ()
        for value in secrets_in(environ or {}):
            self.learn(value)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, MARK)
        lower = text.lower()
        for piece, pattern, instead in _FORMATS:
            if piece in lower:
                # Compiled on first use, which for most of them is never.
                text = re.sub(pattern, instead, text)
        return text

    def learn(self, secret: str) -> None:
        """Blot this value out from now on. One that is too short to be a key is left alone."""
        if len(secret) < _SHORTEST or secret.lower() in _PLACEHOLDERS:
            return
        known = {*self._spellings, *_spellings(secret)}
        # Longest first: one key may be the beginning of another.
        self._spellings = tuple(sorted(known, key=len, reverse=True))


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Values of variables whose names speak of a secret, and passwords in addresses."""
    found = []
    for name, value in environ.items():
        if re.search(_SECRET_NAME, name) and len(value) >= _LIKELY:
            found.append(value.strip())
        if "://" in value and "@" in value:
            found.extend(_passwords(value))
    return tuple(found)


def _passwords(address: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(address.strip())
        password = parts.password or ""
    except ValueError:
        return ()
    return (password, unquote(password)) if password else ()


def _spellings(secret: str) -> tuple[str, ...]:
    """As it is, in a URL, in JSON, and as the Basic authorization of any user without a name."""
    basic = base64.b64encode(f":{secret}".encode()).decode("ascii").rstrip("=")
    plain = base64.b64encode(secret.encode()).decode("ascii").rstrip("=")
    return (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], basic, plain)
