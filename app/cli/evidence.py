"""``greenbar evidence``: the page about a fix, from the journal of its session."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.cli.show import console
from app.services import AppServices
from app.version import version
from core.session.evidence import find_pack, is_html, render, save_text


def evidence(options: argparse.Namespace, services: AppServices) -> int:
    """Write or print the page; the exit status is 0. Raises UsageError."""
    pack = find_pack(services.data / "sessions", options.session)
    out = Path(options.out) if options.out else None
    html = options.format == "html" or (not options.format and out is not None and is_html(out))
    # The journal holds no keys; one that only this program knows may be in its words all the same.
    text = services.redact(render(pack, version(), html=html))
    if out is None:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    else:
        console().print(f"Written to {save_text(out, text)}.", markup=False)
    return 0
