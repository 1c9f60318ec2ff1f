"""Messages that were replaced are folded away with all that came after them, and kept."""

from __future__ import annotations

import json
from pathlib import Path

from core.chat.store import MOST_MESSAGES, ConversationStore
from core.chat.thread import Thread
from core.types import Attachment, AttachmentKind, Author, ChatMessage, Intent, Reference


def message(number: int, author: Author = Author.USER, text: str = "") -> ChatMessage:
    return ChatMessage(number, 1.5, author, text or f"m{number}")


def test_folding_takes_everything_behind_and_loses_nothing() -> None:
    thread = Thread([message(1), message(2, Author.MODEL), message(3), message(4, Author.MODEL)])
    assert thread.fold(3, 5) == (3, 4)
    thread.add(message(5))
    assert [m.id for m in thread.open()] == [1, 2, 5]
    assert len(thread.messages) == 5
    assert thread.fold(3, 6) == (), "folded already"
    assert thread.fold(2, 6) == (), "an answer cannot be sent again"
    assert thread.next_id == 6


def test_a_conversation_survives_with_all_that_belongs_to_a_message(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path)
    log = Attachment(AttachmentKind.TRACEBACK, "Traceback", "lone \udcff byte\n")
    first = ChatMessage(1, 2.5, Author.USER, "why \N{BUG}", Intent.ASK, (log,))
    second = ChatMessage(2, 3.5, Author.MODEL, "so", references=(Reference("a.py", 3),))
    store.add("/r", first)
    store.add("/r", second)
    store.fold("/r", (1, 2), 3)
    kept = ConversationStore(tmp_path).load("/r")
    assert [m.folded_by for m in kept] == [3, 3]
    assert kept[0].attachments == (log,)
    assert kept[1].references == (Reference("a.py", 3),)
    assert store.load("/other") == ()


def test_a_torn_line_costs_no_other_and_a_long_file_is_cut(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path)
    for number in range(1, 2 * MOST_MESSAGES + 3):
        store.add("/r", message(number))
    [path] = tmp_path.iterdir()
    with path.open("a") as file:
        file.write('{"id": 7, "ti')
    assert len(store.load("/r")) == MOST_MESSAGES
    lines = path.read_text().splitlines()
    assert len(lines) == MOST_MESSAGES
    assert json.loads(lines[-1])["id"] == 2 * MOST_MESSAGES + 2
