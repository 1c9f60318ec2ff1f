"""Which Debian is made where no registry can be reached."""

from __future__ import annotations

from pathlib import Path

from core.sandbox.debian import Source, source_of_host

DEBIAN = 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
UBUNTU = "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n"


def _etc(root: Path, release: str, **sources: str) -> Path:
    (root / "apt" / "sources.list.d").mkdir(parents=True)
    (root / "os-release").write_text(release)
    for name, text in sources.items():
        stem, _, suffix = name.rpartition("_")
        (root / "apt" / "sources.list.d" / f"{stem}.{suffix}").write_text(text)
    return root


def test_the_hosts_suite_and_mirror_are_taken_from_new_style_sources(tmp_path: Path) -> None:
    text = """
Types: deb
# a comment in between
URIs: http://security.example.invalid/debian
Suites: bookworm-security

Types: deb deb-src
URIs: http://mirror.example.invalid/debian
Suites: bookworm bookworm-updates
Components: main
"""
    etc = _etc(tmp_path, DEBIAN, debian_sources=text)
    assert source_of_host(etc) == Source("bookworm", "http://mirror.example.invalid/debian", "main")


def test_the_hosts_mirror_is_taken_from_old_style_sources(tmp_path: Path) -> None:
    etc = _etc(tmp_path, UBUNTU)
    (etc / "apt" / "sources.list").write_text(
        "# deb http://old.example.invalid/ubuntu noble main\n"
        "deb http://m.example.invalid/ubuntu noble-updates main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://m.example.invalid/ubuntu noble main universe\n"
    )
    assert source_of_host(etc) == Source("noble", "http://m.example.invalid/ubuntu", "main,universe")


def test_another_distribution_gets_debian_from_its_own_mirror(tmp_path: Path) -> None:
    assert source_of_host(_etc(tmp_path, "ID=fedora\nVERSION_CODENAME=\n")) == Source()
    assert source_of_host(tmp_path / "absent").tag == "greenbar/debian:bookworm"


def test_sources_switched_off_or_of_other_suites_name_no_mirror(tmp_path: Path) -> None:
    line = "deb http://m.example.invalid/debian bookworm main\n"
    etc = _etc(tmp_path, DEBIAN, **{"a_list.disabled": line, "b_list": line.replace("bookworm", "sid")})
    assert source_of_host(etc).mirror == ""
