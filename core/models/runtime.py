"""Whether the library of the embedded model can be loaded at all, found out in a process of its own.

To find the package says little: it is a compiled one, and what it links to may be missing, or the
processor too old for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from typing import Final

from core.errors import ModelError
from core.models.embedded_errors import INSTALL

_SECONDS: Final = 30.0
_CODE: Final = "import xllamacpp"


async def check_library(child_argv: Sequence[str] = ()) -> None:
    """Raise ModelError ``model.library_broken`` where it cannot. A frozen build (``child_argv``) holds
    the library itself, so nothing is asked there."""
    if child_argv:
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _CODE),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            _, said = await process.communicate()
    except TimeoutError:
        said = b"it did not load within 30 seconds"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode:
        raise ModelError(
            "model.library_broken",
            "The embedded model cannot run: its library llama.cpp cannot be loaded.",
            (INSTALL,),
            said.decode("utf-8", "replace")[-2000:],
        )
