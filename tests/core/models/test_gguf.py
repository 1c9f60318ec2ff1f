"""Reading what a GGUF file holds: the real one, small ones, broken ones of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import ModelError
from core.models.gguf import GgufFacts, read_facts
from core.models.memory import fit, memory_needed
from core.types import MemoryFit
from tests.core.models.gguf_files import QWEN, gguf

WHOLE = gguf()
GB = 1_000_000_000


def facts_of(folder: Path, data: bytes) -> GgufFacts:
    path = folder / "tiny.gguf"
    path.write_bytes(data)
    return read_facts(path)


@pytest.mark.model
def test_the_embedded_model_tells_what_it_is(model_file: Path) -> None:
    facts = read_facts(model_file)
    assert (facts.architecture, facts.quantisation) == ("qwen2", "Q4_K_M")
    assert (facts.context, facts.cache_bytes) == (32768, 28_672)
    needed = memory_needed(model_file.stat().st_size, 8192, facts.cache_bytes)
    assert needed == pytest.approx(2.08 * GB, rel=0.02), "as measured; see core/models/memory.py"


def test_a_small_file_tells_its_name_kind_context_and_cache(tmp_path: Path) -> None:
    assert facts_of(tmp_path, WHOLE) == GgufFacts("qwen2", "Tiny Coder", "Q4_K_M", 32768, 28_672)


def test_what_is_not_said_is_unknown(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, gguf({"general.architecture": "new"}))
    assert facts == GgufFacts("new", "tiny", "", 0, 0)


def test_heads_may_differ_from_layer_to_layer(tmp_path: Path) -> None:
    keys = {**QWEN, "qwen2.attention.head_count_kv": [2, 4, 0], "qwen2.attention.key_length": 64}
    keys["qwen2.attention.value_length"] = 32
    assert facts_of(tmp_path, gguf(keys)).cache_bytes == (2 + 4) * (64 + 32) * 2


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "model.file_damaged", "is not a GGUF model file"),
        (b"GGUF", "model.file_damaged", "was not copied whole"),
        (b"PK\3\4" + WHOLE, "model.file_damaged", "is not a GGUF model file"),
        (WHOLE[:-1], "model.file_damaged", "was not copied whole"),
        (WHOLE[:300], "model.file_damaged", "was not copied whole"),
        (gguf(version=1), "model.file_damaged", "version 1"),
        (gguf(version=0x03000000), "model.file_damaged", "big-endian"),
        (gguf({"general.architecture": "nomic-bert"}), "model.wrong_architecture", "cannot write text"),
        (gguf({"general.architecture": "clip"}), "model.wrong_architecture", "of the kind clip"),
        (gguf({}), "model.wrong_architecture", "of the kind unknown"),
        (gguf({**QWEN, "split.no": 1, "split.count": 3}), "model.split_file", "is part 2 of a model"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, data: bytes, code: str, words: str
) -> None:
    with pytest.raises(ModelError) as caught:
        facts_of(tmp_path, data)
    assert caught.value.code == code
    assert words in caught.value.sentence + caught.value.details
    assert caught.value.sentence.startswith("tiny.gguf")
    assert caught.value.sentence.count(".") == 2, "one in the name, one at the end"


def test_a_file_that_is_gone_or_a_folder_is_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no.gguf", "file_missing"), (tmp_path, "file_damaged")):
        with pytest.raises(ModelError) as caught:
            read_facts(path)
        assert caught.value.code == f"model.{code}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.integers(4, 400), st.binary(min_size=1, max_size=12), st.integers(0, len(WHOLE)))
@example(8, b"\xff" * 8, len(WHOLE))
@example(16, b"\xff" * 8, len(WHOLE))
@example(24, b"\xff" * 8, len(WHOLE))
def test_no_broken_header_does_more_than_raise(tmp_path: Path, at: int, junk: bytes, length: int) -> None:
    data = (WHOLE[:at] + junk + WHOLE[at + len(junk) :])[: max(length, 4)]
    try:
        facts_of(tmp_path, data)
    except ModelError as error:
        assert error.sentence.startswith("tiny.gguf")  # noqa: PT017


def test_memory_is_judged_in_words() -> None:
    needed = memory_needed(1_000_000_000, 8192, 28_672)
    assert needed == 1_500_000_000 + 8192 * 28_672 + 160 * 1024**2
    assert fit(needed, needed * 2) is MemoryFit.FITS
    assert fit(needed, round(needed * 1.1)) is MemoryFit.TIGHT
    assert fit(needed, needed - 1) is MemoryFit.TOO_LARGE
    assert fit(needed, None) is fit(0, GB) is MemoryFit.UNKNOWN
