"""Tests, their data and their configuration are locked; product code is not."""

from __future__ import annotations

import pytest

from core.repo.locked import is_locked
from core.repo.secret_files import looks_secret


@pytest.mark.parametrize(
    "path",
    [
        "test_gcd.py",
        "gcd_test.py",
        "pkg/tests/helpers.py",
        "tests/data/cases.json",
        "Test/thing.txt",
        "pkg/conftest.py",
        "pytest.ini",
        "sub/tox.ini",
        "pyproject.toml",
        "setup.cfg",
        ".coveragerc",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        "pkg/__snapshots__/a.ambr",
        "sitecustomize.py",
        "evil.pth",
    ],
)
def test_what_decides_the_verdict_is_locked(path: str) -> None:
    assert is_locked(path)


@pytest.mark.parametrize(
    "path", ["gcd.py", "src/pkg/parser.py", "contest.py", "latest_news.py", "pkg/testing.py", "README.md"]
)
def test_product_files_are_not_locked(path: str) -> None:
    assert not is_locked(path)


@pytest.mark.parametrize(
    "path", [".env", "a/.env.local", "id_rsa", "x/server.PEM", ".aws/config", "credentials.json"]
)
def test_usual_names_of_secrets_are_recognised(path: str) -> None:
    assert looks_secret(path)


@pytest.mark.parametrize(
    "path", [".env.example", "secrets.py", "credentials.py", "id_rsa.pub", "keyboard.py"]
)
def test_code_and_templates_are_not_secrets(path: str) -> None:
    assert not looks_secret(path)
