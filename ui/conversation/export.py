"""A conversation as a Markdown file. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from core.types import Author, ChatMessage
from ui.words import tr


def markdown_of(name: str, messages: Iterable[ChatMessage]) -> str:
    """Messages in their order under headings; those that were folded away say so."""
    parts = [f"# {tr('Conversation about {name}', name=name)}"]
    for message in messages:
        said = time.strftime("%Y-%m-%d %H:%M", time.localtime(message.time))
        folded = tr(" (replaced)") if message.folded_by else ""
        parts.append(f"## {author_name(message)}, {said}{folded}")
        if message.text.strip():
            parts.append(message.text.strip())
        parts += [f"{one.title}:\n\n{_fenced(one.text)}" for one in message.attachments]
        if message.trouble:
            parts.append(f"*{message.trouble}*")
    return "\n\n".join(parts) + "\n"


def author_name(message: ChatMessage) -> str:
    """``You``, the model's name, or Greenbar's."""
    if message.author is Author.USER:
        return tr("You")
    return message.model or (tr("Model") if message.author is Author.MODEL else tr("Greenbar"))


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}\n{text.rstrip()}\n{marks}"
