"""One place where a model server's HTTP troubles become one clear sentence with a remedy.

Knows no back end's wire format beyond the ``{"error": ...}`` shapes that servers share.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.types import Remedy

if TYPE_CHECKING:
    import httpx

WITHOUT_MODEL: Final = Remedy("Go on without a model", "without_model")
LOOK_AGAIN: Final = Remedy("Look again", "run_doctor", "greenbar doctor")
_LIST_MODELS: Final = Remedy("List the models", shell="greenbar models list")
SET_KEY: Final = Remedy("Set the key", shell="export OPENAI_API_KEY=...")
SET_ANTHROPIC_KEY: Final = Remedy("Set the key", shell="export ANTHROPIC_API_KEY=...")
_CHECK_ADDRESS: Final = Remedy("Check the address", shell="export OPENAI_BASE_URL=http://host:port/v1")
_NAME_CA: Final = Remedy("Name your certificate authority", shell="export SSL_CERT_FILE=/path/ca.pem")

_DETAILS_LIMIT: Final = 2_000
_CONTEXT_WORDS: Final = re.compile(
    r"context (length|size|window)|exceed_context|maximum context|too many tokens", re.IGNORECASE
)
_MEMORY_WORDS: Final = re.compile(
    r"out of memory|(insufficient|more system) memory|(failed to|unable to|cannot) allocate|bad_alloc",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Server:
    """How sentences name the server, and what mends it.

    ``title`` starts a sentence (``The server at http://127.0.0.1:1234/v1``).
    """

    title: str
    model: str
    absent: Remedy = LOOK_AGAIN
    """When nobody answers."""
    model_missing: Remedy = _LIST_MODELS
    key_missing: Remedy = SET_KEY


def is_memory_trouble(text: str) -> bool:
    """True where a server's own words mean that the model does not fit into memory."""
    return _MEMORY_WORDS.search(text) is not None


def error_text(body: str) -> str:
    """The server's own message out of the usual JSON shapes, or the body as it is, cut short."""
    try:
        value = json.loads(body)
    except ValueError:
        return body.strip()[:_DETAILS_LIMIT]
    found = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(found, dict):
        found = found.get("message") or found.get("detail") or json.dumps(found)
    return str(found)[:_DETAILS_LIMIT]


def looks_like_html(content_type: str, body: str) -> bool:
    return "html" in content_type.lower() or body.lstrip()[:15].lower().startswith(("<!doctype", "<html"))


def from_status(
    server: Server, status: int, body: str, content_type: str = "", wait: float | None = None
) -> ModelError:
    """Translate an HTTP status of 400 and above. ``wait``: seconds to stay away, if asked."""
    details = error_text(body)
    if looks_like_html(content_type, body):
        return not_an_api(server, body, status)
    if _CONTEXT_WORDS.search(details):
        return prompt_too_long(server, details)
    if is_memory_trouble(details):
        return out_of_memory(server, details)
    match status:
        case 401 | 403:
            sentence = f"{server.title} refused the key."
            return ModelError("model.unauthorized", sentence, (server.key_missing,), details)
        case 402:
            sentence = f"{server.title} wants payment before it answers."
            return ModelError("model.payment", sentence, (WITHOUT_MODEL,), details)
        case 404:
            sentence = f"{server.title} has no model named {server.model}."
            return ModelError("model.not_found", sentence, (server.model_missing,), details)
        case 413:
            return prompt_too_long(server, details)
        case 429:
            return rate_limited(server, details, wait)
        case 529:
            sentence = f"{server.title} has too much to do at the moment (status 529)."
            return ModelError("model.overloaded", sentence, (LOOK_AGAIN, WITHOUT_MODEL), details)
        case _ if status >= 500:
            sentence = f"{server.title} has failed with an error of its own (status {status})."
            return ModelError("model.server_error", sentence, (LOOK_AGAIN, WITHOUT_MODEL), details)
        case _:
            sentence = f"{server.title} refused the request (status {status})."
            return ModelError("model.refused", sentence, (WITHOUT_MODEL,), details)


def rate_limited(server: Server, details: str, wait: float | None = None) -> ModelError:
    """``wait``: seconds, or ``None`` where the server does not say how long."""
    sentence = f"{server.title} asks us to slow down, or the quota is used up."
    if wait is not None:
        sentence = f"{server.title} asks us to wait {wait:.0f} seconds before the next request."
    return ModelError("model.rate_limited", sentence, (WITHOUT_MODEL,), details)


def read_json(server: Server, response: httpx.Response) -> Any:
    """The body of a whole response. Raises ModelError."""
    content_type = response.headers.get("content-type", "")
    if response.status_code >= 400:
        raise from_status(server, response.status_code, response.text, content_type)
    if looks_like_html(content_type, response.text):
        raise not_an_api(server, response.text, response.status_code)
    try:
        return response.json()
    except ValueError as error:
        raise bad_stream(server, response.text) from error


def from_transport(server: Server, error: BaseException) -> ModelError:
    """Translate a request that got no whole answer: an error of httpx's, or of a fork with its names."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    details = f"{type(error).__name__}: {error}"
    if "ConnectError" in kinds and "CERTIFICATE" in details.upper():
        sentence = f"{server.title} shows a certificate that this machine does not trust."
        return ModelError("model.certificate", sentence, (_NAME_CA,), details)
    if kinds & {"ConnectError", "ProxyError"}:
        sentence = f"{server.title} cannot be reached."
        return ModelError("model.unreachable", sentence, (server.absent, WITHOUT_MODEL), details)
    if "ConnectTimeout" in kinds:
        sentence = f"{server.title} did not answer in time."
        return ModelError("model.timeout", sentence, (server.absent, WITHOUT_MODEL), details)
    if kinds & {"TimeoutException", "APITimeoutError"}:
        sentence = f"{server.title} has stopped answering."
        return ModelError("model.timeout", sentence, (server.absent, WITHOUT_MODEL), details)
    return cut_off(server, details)


def cut_off(server: Server, details: str = "") -> ModelError:
    """The answer ended before it was whole."""
    sentence = f"{server.title} broke off in the middle of an answer."
    return ModelError("model.cut_off", sentence, (LOOK_AGAIN, WITHOUT_MODEL), details)


def bad_stream(server: Server, line: str) -> ModelError:
    """The answer is not what the protocol says."""
    sentence = f"{server.title} sent an answer that cannot be read."
    return ModelError("model.bad_stream", sentence, (WITHOUT_MODEL,), line[:_DETAILS_LIMIT])


def not_an_api(server: Server, body: str, status: int) -> ModelError:
    """A web page where JSON should be: a wrong address, or a proxy between."""
    sentence = f"{server.title} sent a web page instead of an answer, so the address or a proxy is wrong."
    details = f"status {status}\n{body[:_DETAILS_LIMIT]}"
    return ModelError("model.not_an_api", sentence, (_CHECK_ADDRESS,), details)


def prompt_too_long(server: Server, details: str) -> ModelError:
    sentence = f"The prompt is too long for {server.model}."
    return ModelError("model.prompt_too_long", sentence, (WITHOUT_MODEL,), details)


def out_of_memory(server: Server, details: str) -> ModelError:
    sentence = f"There is not enough memory to run {server.model}."
    return ModelError("model.out_of_memory", sentence, (WITHOUT_MODEL,), details)
