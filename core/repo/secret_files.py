"""Which file names look like secrets. Pure, by name only.

An untracked file of such a name never enters the private copy; a tracked one does, since
whoever committed it has published it and the tests may need it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from core.types import RelPath

_SECRET: Final = (
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.gpg",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "credentials",
    "credentials.*",
    "*credentials.json",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "secrets.*",
    ".secrets",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".npmrc",
    ".pgpass",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
)
_HARMLESS: Final = ("*.example", "*.sample", "*.template", "*.dist", "*.py", "*.pyi", "*.pub")
_FOLDERS: Final = frozenset({".aws", ".ssh", ".gnupg", ".kube", ".docker", ".azure"})


def looks_secret(path: RelPath) -> bool:
    """True for names that usually hold keys or passwords (``.env``, ``id_rsa``, ``*.pem``)."""
    parts = PurePosixPath(path.lower()).parts
    if not _FOLDERS.isdisjoint(parts[:-1]):
        return True
    name = parts[-1] if parts else ""
    if any(fnmatchcase(name, pattern) for pattern in _HARMLESS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _SECRET)
