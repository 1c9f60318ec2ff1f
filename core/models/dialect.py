"""What the servers that speak OpenAI's protocol add to it or leave out. Pure data and its look-up.

Known by the address for public services, by the answer to ``GET /models`` for the rest. A server that
is not known gets what all of them have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from core.models.base import Capabilities


@dataclass(frozen=True, slots=True)
class Dialect:
    """``name`` is for people; empty where the server is not known.

    ``think``: how a request says whether to think. ``infill``: by special tokens in the prompt, or by
    OpenAI's ``suffix``. ``grammar``: the name of the parameter. ``completion_path`` with a slash in front
    is not below the version. ``has_tokenizer``: llama.cpp's ``/tokenize``.
    """

    name: str
    capabilities: Capabilities
    think: Literal["", "template", "effort", "reasoning"] = ""
    infill: Literal["", "tokens", "suffix"] = ""
    grammar: Literal["", "grammar", "structured_outputs"] = ""
    completion_path: str = "completions"
    has_tokenizer: bool = False


_COUNTS: Final = Capabilities(seed=True, counts_tokens=True)

UNKNOWN: Final = Dialect("", _COUNTS)
LLAMA_CPP: Final = Dialect(
    "llama.cpp",
    Capabilities(
        completion=True,
        seed=True,
        log_probabilities=True,
        json_schema=True,
        grammar=True,
        thinking=True,
        prefix_cache=True,
        counts_tokens=True,
        counts_cached=True,
    ),
    think="template",
    infill="tokens",
    grammar="grammar",
    has_tokenizer=True,
)
LLAMA_CPP_VECTORS: Final = Dialect(
    "llama.cpp", Capabilities(chat=False, embeddings=True, counts_tokens=True)
)
"""Started for nothing else."""
VLLM: Final = Dialect(
    "vLLM",
    Capabilities(
        completion=True,
        seed=True,
        samples=True,
        log_probabilities=True,
        json_schema=True,
        grammar=True,
        thinking=True,
        prefix_cache=True,
        counts_tokens=True,
    ),
    think="template",
    grammar="structured_outputs",
)
LM_STUDIO: Final = Dialect(
    "LM Studio", replace(_COUNTS, completion=True, json_schema=True, thinking=True, prefix_cache=True)
)
_HOSTED: Final = replace(_COUNTS, prefix_cache=True, counts_cached=True, thinking=True)
OPENAI: Final = Dialect(
    "OpenAI",
    replace(_HOSTED, samples=True, log_probabilities=True, json_schema=True, embeddings=True),
    think="effort",
)
OPENROUTER: Final = Dialect(
    "OpenRouter", replace(_HOSTED, json_schema=True, log_probabilities=True), think="reasoning"
)
GROQ: Final = Dialect("Groq", replace(_HOSTED, json_schema=True), think="effort")
DEEPSEEK: Final = Dialect(
    "DeepSeek",
    replace(_HOSTED, seed=False, log_probabilities=True, infill=True),
    infill="suffix",
    completion_path="/beta/completions",
)

_BY_HOST: Final[Mapping[str, Dialect]] = {
    "api.openai.com": OPENAI,
    "openrouter.ai": OPENROUTER,
    "api.groq.com": GROQ,
    "api.deepseek.com": DEEPSEEK,
}
_BY_OWNER: Final[Mapping[str, Dialect]] = {
    "llamacpp": LLAMA_CPP,
    "vllm": VLLM,
    "organization_owner": LM_STUDIO,
}
"""``owned_by`` in the list of models."""
_CONTEXT_FIELDS: Final = ("max_model_len", "context_length", "context_window", "max_context_length")


def by_host(host: str) -> Dialect | None:
    """The dialect of a public service; ``None`` for any other address."""
    return _BY_HOST.get(host)


def by_row(row: Mapping[str, object]) -> Dialect:
    """The dialect of the server whose list of models has this row."""
    return _BY_OWNER.get(str(row.get("owned_by", "")), UNKNOWN)


def context_of(row: Mapping[str, object]) -> int:
    """The model's context in tokens by a row of the list; 0 where the row does not say."""
    meta = row.get("meta")
    values = [row.get(name) for name in _CONTEXT_FIELDS]
    if isinstance(meta, Mapping):
        values.append(meta.get("n_ctx"))
    return next((value for value in values if isinstance(value, int) and value > 0), 0)
