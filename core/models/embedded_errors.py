"""What can go wrong with a model file and with llama.cpp on this machine, in plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from core.errors import ModelError
from core.models import http_errors
from core.models.memory import largest_file
from core.types import Remedy

INSTALL: Final = Remedy("Install llama.cpp", shell='pip install "greenbar-desktop[local]"')
DOWNLOAD: Final = Remedy("Download the model", "download_model", "greenbar models pull")
_GB: Final = 1024**3


def not_installed(details: str) -> ModelError:
    """The extra ``local`` is missing."""
    sentence = "The embedded model needs llama.cpp, which is not installed."
    return ModelError("model.not_installed", sentence, (INSTALL, http_errors.WITHOUT_MODEL), details)


def not_importable(details: str) -> ModelError:
    """The extra is there; a library that it is linked with is not, as OpenMP on a minimal Debian."""
    library = re.search(r"lib[\w+.-]+\.so[\w.]*", details)
    missing = f": {library[0]} is missing" if library else ""
    remedies: tuple[Remedy, ...] = (http_errors.WITHOUT_MODEL,)
    if library and library[0].startswith("libgomp"):
        remedies = (Remedy("Install OpenMP", shell="sudo apt install libgomp1"), *remedies)
    sentence = f"llama.cpp cannot be loaded on this system{missing}."
    return ModelError("model.not_importable", sentence, remedies, details)


def damaged(file: Path, details: str) -> ModelError:
    """The file is not what it should be."""
    sentence = f"The model file {file.name} is damaged."
    return ModelError("model.file_damaged", sentence, (DOWNLOAD, http_errors.WITHOUT_MODEL), details)


def wrong_architecture(file: Path, kind: str, details: str) -> ModelError:
    """A whole file of a kind of model that came after this llama.cpp, or never was."""
    sentence = f"{file.name} holds a model of the kind {kind}, which this llama.cpp does not know."
    remedies = (Remedy("Update llama.cpp", shell="pip install --upgrade xllamacpp"),)
    return ModelError("model.wrong_architecture", sentence, remedies, details)


def not_loaded(model: str, details: str) -> ModelError:
    """llama.cpp gave up for a reason that we do not know."""
    sentence = f"llama.cpp could not load {model}."
    return ModelError("model.not_loaded", sentence, (DOWNLOAD, http_errors.WITHOUT_MODEL), details)


def out_of_memory(model: str, needed: int, free: int | None, details: str = "") -> ModelError:
    """``needed`` and ``free`` in bytes; ``free`` is ``None`` where the machine does not tell."""
    sentence = f"There is not enough memory for {model}, which needs about {needed / _GB:.1f} GB"
    if free is not None:
        size = largest_file(free) / _GB
        fits = f"hold a model file of {size:.1f} GB at most" if size >= 0.05 else "hold no model at all"
        sentence += f"; the {free / _GB:.1f} GB that are free {fits}"
    return ModelError("model.out_of_memory", f"{sentence}.", (http_errors.WITHOUT_MODEL,), details)
