"""Fill-in-the-middle prompts by family: the special tokens that a model was trained with.

Sources: the model cards of Qwen2.5-Coder, DeepSeek-Coder, Code Llama, StarCoder 2 and Granite Code,
CodeGemma, Codestral. The text between the tokens is the user's; it is not escaped, so that a source
file that spells such a token out would confuse the model, never us.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FimTokens:
    """Special tokens in the order of the prompt; ``suffix_first`` where a family wants it so."""

    prefix: str
    suffix: str
    middle: str
    suffix_first: bool = False

    def prompt(self, before: str, after: str) -> str:
        if self.suffix_first:
            return f"{self.suffix}{after}{self.prefix}{before}{self.middle}"
        return f"{self.prefix}{before}{self.suffix}{after}{self.middle}"


FAMILIES: Final = (
    FimTokens("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),  # Qwen2.5-Coder, CodeGemma
    FimTokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder 2, Granite Code
    FimTokens("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # DeepSeek-Coder
    FimTokens("▁<PRE>", "▁<SUF>", "▁<MID>"),  # Code Llama
    FimTokens("[PREFIX]", "[SUFFIX]", "[MIDDLE]", suffix_first=True),  # Codestral
)


async def find_family(is_one_token: Callable[[str], Awaitable[bool]]) -> FimTokens | None:
    """The family whose tokens this model has; ``None`` where it has none of ours."""
    for family in FAMILIES:
        if await is_one_token(family.middle) and await is_one_token(family.prefix):
            return family
    return None
