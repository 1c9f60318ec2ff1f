"""``greenbar keys list``, ``set`` and ``delete``. A key is never an argument, nor ever printed."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict

from rich.markup import escape

from app.cli.show import answers, console
from app.services import AppServices
from core.models.keys import check_name, title_of
from core.types import KeyRow, KeySource


async def list_keys(services: AppServices, *, as_json: bool) -> int:
    """Print where each key is from; returns the exit status."""
    rows, trouble = await services.list_keys()
    if as_json:
        record = {"keys": [asdict(row) for row in rows], "keyring": trouble}
        sys.stdout.write(json.dumps(record) + "\n")
        return 0
    out = answers()
    for row in rows:
        sign = "–" if row.source is KeySource.NONE else "[green]✓[/green]"
        out.print(f"{sign} [bold]{escape(row.name):<12}[/bold] {escape(_origin(row, not trouble))}")
    if trouble:
        console().print(f"[yellow]![/yellow] {escape(trouble)}")
    return 0


async def set_key(services: AppServices, name: str, value: str) -> int:
    """Keep ``value`` in the keyring. Raises UsageError, ModelError."""
    await services.keys.set(name, value)
    out = console()
    out.print(f"[green]✓[/green] The key for {escape(title_of(name))} is in the keyring.")
    rows, _ = await services.list_keys(name)
    if any(row.name == name and row.source is KeySource.ENVIRONMENT for row in rows):
        variable = next(row.variable for row in rows if row.name == name)
        out.print(f"[yellow]![/yellow] The environment variable {variable} still wins over it.")
    return 0


async def delete_key(services: AppServices, name: str) -> int:
    """Forget a key of the keyring. Raises UsageError, ModelError."""
    await services.keys.delete(name)
    console().print(f"[green]✓[/green] The keyring holds no key for {escape(title_of(name))}.")
    return 0


def read_secret(name: str) -> str:
    """Ask without echo where there is a terminal, else read standard input. Raises UsageError."""
    check_name(name)
    if sys.stdin.isatty():
        return getpass.getpass(f"Key for {title_of(name)} (not shown): ")
    return sys.stdin.read().strip()


def _origin(row: KeyRow, can_be_kept: bool) -> str:
    match row.source:
        case KeySource.ENVIRONMENT:
            return f"{row.title}: from the environment variable {row.variable}"
        case KeySource.NONE:
            keep = f"greenbar keys set {row.name}, or " if can_be_kept else ""
            return f"{row.title}: none; {keep}export {row.variable}=..."
        case source:
            return f"{row.title}: from the {source}"
