"""The model server's own process: llama.cpp's HTTP server, and nothing of Greenbar.

Started by :mod:`core.models.server_process` as a script, so that a native crash costs a retry and not
the program. Imports nothing of core: it must also run where only this file is at hand.

Standard input: one JSON line of settings (``model``, ``key``, ``context``, ``threads``, ``alias``,
``embeddings``), then
nothing; its end means that the parent is gone. Standard output: one JSON line, ``{"address": ...}`` or
``{"error": ..., "message": ...}``. Standard error: llama.cpp's log.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
_LOG_SECONDS = 0.3


def main() -> int:
    """Serve until standard input ends. Exit status 1: not loaded; 3: xllamacpp is not installed, or
    a library that it needs."""
    _die_with_parent()
    ready = _take_stdout()
    settings = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_at_end_of_input, name="parent-watch", daemon=True).start()
    try:
        import xllamacpp
    except ModuleNotFoundError as error:
        _tell(ready, error="not_installed", message=str(error))
        return 3
    except ImportError as error:
        _tell(ready, error="not_importable", message=str(error))
        return 3
    try:
        server = xllamacpp.Server(_parameters(xllamacpp, settings))
    except RuntimeError as error:
        _tell(ready, error="not_loaded", message=str(error))
        _flush_log()
        return 1
    _tell(ready, address=server.listening_address)
    threading.Event().wait()
    return 0


def _parameters(xllamacpp: Any, settings: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.model_alias = {settings["alias"]}
    params.n_ctx = settings["context"]
    params.n_parallel = 1
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    # A request that was cancelled while its prompt is read ends between two batches only: our hanging
    # up is noticed after the batch that runs, when the next has begun already. So on a processor a
    # batch must be short. Measured in processor time on one thread, for 100 tokens: 2.9 s in batches of
    # 512, 3.3 s of 16, but 4.6 to 5.5 s of 12, 8 and 4: below 16, reading loses more than Stop gains.
    on_gpu = any("GPU" in str(device.get("type", "")).upper() for device in _devices(xllamacpp))
    params.n_batch = 512 if on_gpu else max(16, min(512, 8 * settings["threads"]))
    if settings.get("embeddings"):
        params.embedding = True
        if settings["embeddings"] == "mean":
            params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        # A text is read as a whole.
        params.n_batch = settings["context"]
    params.n_ubatch = params.n_batch
    params.cache_prompt = True
    params.cache_ram_mib = 512
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.ui = False
    params.warmup = False
    # An empty origin equals no origin that a browser can have. ("localhost" would omit the header for
    # foreign pages, but allow pages from any local web server.)
    params.cors_origins = ""
    params.cors_origins_explicit = True
    params.cors_methods = ""
    params.cors_headers = ""
    params.cors_credentials = False
    return params


def _devices(xllamacpp: Any) -> list[dict[str, Any]]:
    devices = xllamacpp.get_device_info()
    return [device for device in devices if isinstance(device, dict)]


def _take_stdout() -> BinaryIO:
    """Keep standard output for the ready line; whatever a library prints goes to the log."""
    sys.stdout.flush()
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


def _tell(ready: BinaryIO, **fields: str) -> None:
    ready.write(json.dumps(fields).encode() + b"\n")
    ready.flush()


def _flush_log() -> None:
    """llama.cpp writes its log from a thread of its own, and what that thread still holds is why the
    file was not loaded. C's own exit waits for it; ours, at the end of the file, does not. But a busy
    machine was seen to lose lines in that exit, so the thread is given time first."""
    time.sleep(_LOG_SECONDS)
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).exit(1)


def _exit_at_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _die_with_parent() -> None:
    """Linux: die at once with the parent. xllamacpp holds the interpreter's lock while it loads a
    file, so the thread that watches standard input would notice only after that."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


if __name__ == "__main__":
    # Not sys.exit: the watching thread holds standard input, which an orderly shutdown trips over.
    os._exit(main())
