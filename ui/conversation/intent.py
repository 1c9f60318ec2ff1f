"""What a message is most likely for, by rules that a user can foresee. Pure; the user has the last word.

A question is asked, a message about a failure that is there is a fix, anything else is a change. No model
takes part: what is going to happen must be known before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.types import Attachment, AttachmentKind, Intent

_FIX: Final = re.compile(
    r"^\W*(?:(?:please|pls|bitte|now|and|then|ok(?:ay)?|can you|could you|would you)[\s,]+)*"
    r"(?:fix|repair|mend|debug|solve|resolve|make\b.{0,60}?\b(?:pass|green|work)|get\b.{0,60}?\b(?:passing|green)"
    r"|behebe|repariere|korrigiere|修复|修正)",
    re.I,
)
_ASK: Final = re.compile(
    r"^\W*(?:what|why|how|where|when|who|which|whose|is|are|was|were|does|do|did|can|could|should|would|will"
    r"|explain|describe|summari[sz]e|tell me|show me|what's|compare"
    r"|was|warum|wie|wo|wer|welche\w*|wozu|weshalb|erkläre?|什么|为什么|怎么|如何|哪)(?!\w)",
    re.I,
)
_FAILURES: Final = (AttachmentKind.TRACEBACK, AttachmentKind.TESTS)


def likely_intent(text: str, attachments: Sequence[Attachment] = (), failing: bool = False) -> Intent:
    """``failing``: whether any test fails now."""
    seen = text.strip()
    if failing and _FIX.match(seen):
        return Intent.FIX
    if seen.endswith(("?", "？")) or _ASK.match(seen):
        return Intent.ASK
    if any(one.kind in _FAILURES for one in attachments):
        return Intent.FIX if failing else Intent.ASK
    return Intent.CHANGE if seen else Intent.ASK
