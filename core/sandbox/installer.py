"""What installers need to know of the host's network: index, proxies, certificates.

uv does not read pip's settings, so those of the host (environment and pip.conf) are translated,
that a company's index, proxy and certificates work inside as they do outside.
"""

from __future__ import annotations

import configparser
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core.sandbox.registries import registry_settings

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CERTIFICATE_READERS = (*_CERTIFICATES, "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What an installer needs to reach the package index as the host does.

    ``env`` may hold secrets (an index URL with a password): never log it.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    certificates: Path | None = None
    """A file of certificates to trust."""
    folders: tuple[Path, ...] = ()
    """Local folders that ``env`` names (``find-links``)."""

    @property
    def needs_host_network(self) -> bool:
        """True where a proxy or index listens on this machine's loopback only."""
        hosts = (urlsplit(url).hostname for value in self.env.values() for url in value.split())
        return any(host in ("localhost", "127.0.0.1", "::1") for host in hosts)

    def env_with(self, certificates: str | None) -> dict[str, str]:
        """The environment, with the certificates seen at the path ``certificates``."""
        env = dict(self.env)
        if certificates is not None:
            env.update(dict.fromkeys(_CERTIFICATE_READERS, certificates))
        return env


def network_settings(
    environ: Mapping[str, str] = os.environ, config_files: tuple[Path, ...] | None = None
) -> NetworkSettings:
    """Read the host's settings: ``environ`` over pip's configuration files. Blocks on files."""
    pip = _pip_settings(environ, _pip_files(environ) if config_files is None else config_files)
    env = registry_settings(environ)
    for name in _PROXIES:
        for spelling in (name, name.lower()):
            if value := environ.get(spelling):
                env[spelling] = value
    if index := pip.get("index-url"):
        env["UV_DEFAULT_INDEX"] = index
    if extra := pip.get("extra-index-url"):
        env["UV_INDEX"] = " ".join(extra.split())
    if hosts := pip.get("trusted-host"):
        env["UV_INSECURE_HOST"] = " ".join(hosts.split())
    folders = []
    links = []
    for place in pip.get("find-links", "").split():
        if "://" not in place:
            folder = Path(place).expanduser()
            if not folder.is_dir():
                continue  # pip passes over a missing folder, uv refuses it
            folders.append(folder.resolve())
            place = os.fspath(folder.resolve())
        links.append(place)
    if links:
        env["UV_FIND_LINKS"] = ",".join(links)
    env.update({name: value for name, value in environ.items() if name.startswith("UV_INDEX_")})
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INSECURE_HOST", "UV_PYTHON_INSTALL_MIRROR"):
        if value := environ.get(name):
            env[name] = value
    return NetworkSettings(env, _certificates(environ, pip), tuple(folders))


def _pip_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Lowest priority first (pip's documentation, Configuration, Location)."""
    home = Path(environ.get("HOME") or Path.home())
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        config / "pip" / "pip.conf",
    ]
    if named := environ.get("PIP_CONFIG_FILE"):
        files = [Path(named)] if named != os.devnull else []
    return tuple(files)


def _pip_settings(environ: Mapping[str, str], files: tuple[Path, ...]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself would complain; a guess at half a file helps nobody
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update((key.replace("_", "-"), value) for key, value in parser.items(section))
    for name, value in environ.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def _certificates(environ: Mapping[str, str], pip: Mapping[str, str]) -> Path | None:
    named = [environ.get(name) for name in _CERTIFICATES]
    for place in (*named, pip.get("cert"), ssl.get_default_verify_paths().cafile):
        if place and Path(place).is_file():
            return Path(place).resolve()
    return None
