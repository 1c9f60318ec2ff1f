"""The model manager: one row for what is there, and everything that can be done with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.errors import GreenbarError, ModelError, UsageError
from core.models.book import EndpointRecord, ModelBook
from core.models.download import ModelDownloader
from core.models.keys import KeyStore
from core.models.manager import ModelManager
from core.models.overview import ModelOverview
from core.models.sources import Source
from core.models.store import ModelStore
from core.models.surroundings import Surroundings
from core.types import MemoryFit, ModelKind, ModelRow, ModelState
from tests.core.models.gguf_files import gguf
from tests.core.models.servers import Asked, Handler, answering, head, serve
from tests.core.models.test_download import DATA, ENTRY, NoSource, hugging_face, ranged
from tests.core.models.test_keys import MemoryKeyring

NOWHERE = "http://127.0.0.1:9"


class Desk:
    """A manager and its overview in folders of the test's own."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None, *sources: Source) -> None:
        environ = {"OLLAMA_HOST": NOWHERE, **(environ or {})}
        self.store = ModelStore(folder / "models", environ, home=folder / "home")
        self.book = ModelBook(folder / "config" / "models.toml")
        self.keys = KeyStore(environ, MemoryKeyring())
        looking = Surroundings(self.store, self.keys, environ, ENTRY, self.book)
        downloader = ModelDownloader(self.store, sources or (NoSource(),))
        self.manager = ModelManager(self.store, downloader, looking, [ENTRY])
        self.overview = ModelOverview(self.store, looking, [ENTRY])

    async def row(self, spec: str) -> ModelRow:
        return next(row for row in await self.overview.rows() if row.spec == spec)


def ignore(report: object) -> None:
    """Nobody looks."""


def test_the_row_of_a_download_tells_each_of_its_states(tmp_path: Path) -> None:
    async def body() -> None:
        async with serve(ranged([])) as url:
            desk = Desk(tmp_path, None, hugging_face(url))
            row = await desk.row("embedded")
            assert (row.name, row.kind, row.state) == ("Tiny", ModelKind.CATALOGUE, ModelState.ABSENT)
            assert (row.size, row.licence, row.fit) == (len(DATA), "MIT", MemoryFit.FITS)
            desk.store.folder.mkdir(parents=True)
            (desk.store.folder / "tiny.gguf.part").write_bytes(DATA[:1000])
            row = await desk.row("embedded")
            assert (row.state, row.done) == (ModelState.PARTIAL, 1000)
            assert "Tiny is ready" in await desk.manager.pull("tiny", ignore)
            assert (await desk.row("embedded")).state is ModelState.VERIFIED
            path = desk.store.path(ENTRY)
            path.write_bytes(DATA[:-1] + b"!")
            assert (await desk.row("embedded")).state is ModelState.UNVERIFIED
            with pytest.raises(ModelError, match="is damaged"):
                await desk.manager.verify("embedded", ignore)
            row = await desk.row("embedded")
            assert (row.state, row.state.is_ready) == (ModelState.DAMAGED, False)
            assert row.sentence == "tiny.gguf is not what its makers published."
            path.write_bytes(DATA[:-1])
            assert (await desk.row("embedded")).sentence == "tiny.gguf has the wrong size."
            assert "are free again" in await desk.manager.delete("embedded")
            assert (await desk.row("embedded")).state is ModelState.ABSENT
            assert await desk.manager.delete("embedded") == "Nothing of Tiny is here."

    asyncio.run(body())


def test_verifying_reads_the_file_again_though_it_was_found_good_before(tmp_path: Path) -> None:
    async def body() -> None:
        desk = Desk(tmp_path)
        desk.store.folder.mkdir()
        desk.store.path(ENTRY).write_bytes(DATA)
        reports: list[object] = []
        for _ in range(2):
            reports.clear()
            sentence = await desk.manager.verify("tiny", reports.append)
            assert sentence == "tiny.gguf is what its makers published."
            assert reports

    asyncio.run(body())


def test_a_file_of_the_users_own_is_listed_where_it_is_and_forgotten_not_deleted(tmp_path: Path) -> None:
    own = tmp_path / "my models" / "ü.gguf"
    own.parent.mkdir()
    own.write_bytes(gguf())

    async def body() -> None:
        desk = Desk(tmp_path)
        spec = f"embedded:{own}"
        assert await desk.manager.add_file(own) == f"ü.gguf is listed as {spec}."
        row = await desk.row(spec)
        assert (row.name, row.kind, row.state) == ("Tiny Coder", ModelKind.FILE, ModelState.UNVERIFIED)
        assert row.good_for == "Your own file (qwen2 Q4_K_M)."
        assert row.context == 32768
        assert "no published hash" in await desk.manager.verify(spec, ignore)
        own.write_bytes(gguf()[:-1])
        assert (await desk.row(spec)).state is ModelState.DAMAGED
        own.rename(own.with_name("moved"))
        assert (await desk.row(spec)).state is ModelState.MISSING
        assert "was not touched" in await desk.manager.delete(spec)
        assert [row.kind for row in await desk.overview.rows()] == [ModelKind.CATALOGUE, ModelKind.OLLAMA]
        assert own.with_name("moved").exists()
        own.write_bytes(b"PK")
        with pytest.raises(ModelError, match="is not a GGUF model file"):
            await desk.manager.add_file(own)

    asyncio.run(body())


def test_what_is_chosen_is_marked(tmp_path: Path) -> None:
    async def body() -> None:
        desk = Desk(tmp_path)
        assert [row.chosen for row in await desk.overview.rows()] == [False, False]
        await desk.manager.use("embedded")
        assert [row.chosen for row in await desk.overview.rows()] == [True, False]
        await desk.manager.use("auto")
        assert not (await desk.row("embedded")).chosen

    asyncio.run(body())


def models(*names: str) -> Handler:
    body = json.dumps({"data": [{"id": name} for name in names]}).encode()
    return answering(head(content_type="application/json"), body)


def test_endpoints_tell_their_model_or_why_they_have_none(tmp_path: Path) -> None:
    async def body() -> None:
        async with serve(models("one")) as one, serve(models("a", "b", "c")) as many:
            desk = Desk(tmp_path, {"OPENAI_BASE_URL": one.replace("//", "//ada:secret-password@")})
            for record in (
                EndpointRecord("one", f"{one}/v1"),
                EndpointRecord("many", f"{many}/v1"),
                EndpointRecord("told", f"{many}/v1", "b"),
                EndpointRecord("gone", f"{NOWHERE}/v1", "m"),
                EndpointRecord("locked", f"{one}/v1", key="locked"),
            ):
                assert record.name in await desk.manager.add_endpoint(record)
            rows = {row.spec: row for row in await desk.overview.rows()}
        assert (rows["endpoint:one"].name, rows["endpoint:one"].state) == ("one", ModelState.SERVED)
        assert rows["endpoint:many"].state is ModelState.UNNAMED
        assert rows["endpoint:many"].sentence.startswith("It offers 3 models")
        assert rows["endpoint:told"].good_for == "The server offers 2 more."
        assert rows["endpoint:gone"].state is ModelState.UNREACHABLE
        assert "needs the key locked" in rows["endpoint:locked"].sentence
        assert rows["openai:one"].where == f"{one}/v1"
        assert "secret-password" not in repr(rows)
        assert "is forgotten" in await desk.manager.delete("endpoint:gone")
        assert desk.book.read().endpoint("gone") is None

    asyncio.run(body())


def test_ollama_lists_fetches_with_progress_and_deletes(tmp_path: Path) -> None:
    asked: list[Asked] = []
    layers = [
        {"status": "pulling manifest"},
        {"status": "pulling a", "digest": "sha256:a", "total": 1000, "completed": 400},
        {"status": "pulling a", "digest": "sha256:a", "total": 1000, "completed": 1000},
        {"status": "success"},
    ]

    async def ollama(request: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        match request.method, request.path:
            case "GET", "/api/tags":
                rows = [{"name": "qwen3:8b", "model": "qwen3:8b", "size": 5_000_000_000}]
                answer = json.dumps({"models": rows})
            case "POST", "/api/pull":
                answer = "\n".join(json.dumps(layer) for layer in layers)
            case _:
                answer = "{}"
        writer.write(head(content_type="application/json") + answer.encode())

    async def body() -> None:
        async with serve(ollama) as host:
            desk = Desk(tmp_path, {"OLLAMA_HOST": host})
            row = await desk.row("ollama:qwen3:8b")
            assert (row.kind, row.state, row.size) == (ModelKind.OLLAMA, ModelState.SERVED, 5_000_000_000)
            assert row.memory > row.size
            fractions: list[float] = []
            said = await desk.manager.pull(
                "ollama:qwen3:8b", lambda report: fractions.append(report.fraction)
            )
            assert said == "Ollama has qwen3:8b."
            assert fractions == [0.4, 1.0]
            assert await desk.manager.delete("ollama:qwen3:8b") == "Ollama has deleted qwen3:8b."
        assert (asked[-1].method, asked[-1].path) == ("DELETE", "/api/delete")
        assert asked[-1].json["model"] == "qwen3:8b"
        (row,) = [row for row in await desk.overview.rows() if row.kind is ModelKind.OLLAMA]
        assert (row.spec, row.state) == ("", ModelState.UNREACHABLE)

    asyncio.run(body())


@pytest.mark.parametrize(
    ("act", "spec"),
    [
        ("pull", "nonsense"),
        ("pull", "ollama:"),
        ("pull", "endpoint:lab"),
        ("pull", "embedded:/a/b.gguf"),
        ("verify", "ollama:a"),
        ("verify", "none"),
    ],
)
def test_what_cannot_be_done_with_a_model_is_said(tmp_path: Path, act: str, spec: str) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(UsageError) as caught:
        asyncio.run(getattr(desk.manager, act)(spec, ignore))
    assert caught.value.remedies[0].shell == "greenbar models list"


def test_a_file_of_another_program_is_used_but_not_deleted(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub/models--Owner--Tiny-GGUF/snapshots/abc"
    snapshot.mkdir(parents=True)
    (snapshot / "tiny.gguf").write_bytes(DATA)
    desk = Desk(tmp_path, {"HF_HOME": str(tmp_path)})
    with pytest.raises(GreenbarError, match="belongs to another program"):
        asyncio.run(desk.manager.delete("embedded"))
    assert (snapshot / "tiny.gguf").exists()


def test_what_another_program_is_downloading_is_not_deleted(tmp_path: Path) -> None:
    from core.models.download import held

    async def body() -> None:
        desk = Desk(tmp_path)
        desk.store.folder.mkdir()
        part = desk.store.folder / "tiny.gguf.part"
        part.write_bytes(DATA[:10])
        async with held(desk.store.lock(ENTRY)):
            with pytest.raises(ModelError, match="is downloading this model right now"):
                await desk.manager.delete("embedded")
        assert part.exists()

    asyncio.run(body())
