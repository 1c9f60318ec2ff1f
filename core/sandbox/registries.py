"""Where npm packages and Go modules come from: this computer's own settings, else the public places."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PUBLIC_NPM: Final = "https://registry.npmjs.org"
PUBLIC_GO: Final = "https://proxy.golang.org"
_GO_VARIABLES: Final = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE")


def registry_settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables that let npm and go inside a set-up reach what they reach outside. Blocks on files.

    npm's are taken from its environment, then from ``~/.npmrc``; Go's from the environment, then
    from the file that ``go env -w`` writes. May hold secrets: never log it.
    """
    home = Path(environ.get("HOME") or os.devnull)
    found: dict[str, str] = {}
    named = environ.get("NPM_CONFIG_REGISTRY") or environ.get("npm_config_registry")
    if registry := named or _value(home / ".npmrc", "registry"):
        found["NPM_CONFIG_REGISTRY"] = registry
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    for name in _GO_VARIABLES:
        if value := environ.get(name) or _value(config / "go" / "env", name):
            found[name] = value
    return found


def npm_url(settings: Mapping[str, str], package: str, version: str) -> str:
    """The address of an unscoped package's archive."""
    base = settings.get("NPM_CONFIG_REGISTRY", PUBLIC_NPM).rstrip("/")
    return f"{base}/{package}/-/{package}-{version}.tgz"


def go_urls(settings: Mapping[str, str], module: str, version: str) -> tuple[str, ...]:
    """The addresses of a module's archive at each proxy that may have it, in order."""
    proxies = re.split(r"[,|]", settings.get("GOPROXY") or PUBLIC_GO)
    bases = [proxy.rstrip("/") for proxy in proxies if proxy.startswith(("http://", "https://"))]
    return tuple(f"{base}/{module}/@v/{version}.zip" for base in bases)


def _value(path: Path, key: str) -> str:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(rf"^\s*{re.escape(key)}\s*=\s*(\S+)\s*$", text, re.MULTILINE)
    return found[1] if found else ""
