"""The user's own list of models: kept as TOML, read by people, never with a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.models.book import OPENROUTER, BookContent, EndpointRecord, ModelBook

LAB = EndpointRecord("lab", "http://lab:8000/v1", "qwen3-coder", "lab")


def test_what_is_told_is_there_again_and_can_be_forgotten(tmp_path: Path) -> None:
    book = ModelBook(tmp_path / "config" / "models.toml")
    assert book.read() == BookContent()
    book.use("endpoint:lab")
    book.add_file(Path("/models/ü with spaces.gguf"))
    book.add_file(Path("/models/ü with spaces.gguf"))
    book.put_endpoint(EndpointRecord("lab", "http://old:1/v1"))
    book.put_endpoint(LAB)
    assert book.read() == BookContent("endpoint:lab", (Path("/models/ü with spaces.gguf"),), (LAB,))
    assert book.read().endpoint("lab") == LAB
    assert book.read().endpoint("openrouter") == OPENROUTER
    book.idle(0)
    assert book.read().idle_minutes == 0
    with pytest.raises(UsageError):
        book.idle(-1)
    book.idle(15)
    book.forget_file(Path("/models/ü with spaces.gguf"))
    book.forget_endpoint("lab")
    book.use("auto")
    assert book.read() == BookContent()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_text_survives_the_file(tmp_path: Path, text: str) -> None:
    book = ModelBook(tmp_path / "models.toml")
    book.use(text)
    assert book.read().use == ("" if text == "auto" else text)


def test_a_file_that_a_hand_has_broken_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    for broken in (
        "use = ",
        "[[endpoint]]\nname = 'x'",
        "[[endpoint]]\nname = 1\nbase_url = ''",
        "idle_minutes = -3",
    ):
        path.write_text(broken)
        book = ModelBook(path)
        for act in (book.read, lambda: book.use("none"), lambda: book.put_endpoint(LAB)):  # noqa: B023
            with pytest.raises(UsageError) as caught:
                act()
            assert str(path) in caught.value.sentence
        assert path.read_text() == broken


@pytest.mark.parametrize(
    "record",
    [
        EndpointRecord("a b", "http://x/v1"),
        EndpointRecord("openai", "http://x/v1"),
        EndpointRecord("lab", "x:80"),
        EndpointRecord("lab", "ftp://x"),
        EndpointRecord("lab", "http://ada:secret@x/v1"),
    ],
)
def test_an_endpoint_needs_a_name_of_its_own_and_a_plain_address(
    tmp_path: Path, record: EndpointRecord
) -> None:
    path = tmp_path / "models.toml"
    with pytest.raises(UsageError):
        ModelBook(path).put_endpoint(record)
    assert not path.exists()
