"""The sandbox images, on a real engine."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import SandboxError
from core.sandbox.engine import find_engine
from core.sandbox.image import LABEL, prune
from core.sandbox.image_notes import ImageNotes
from core.types import SandboxKind

REPOSITORY = "greenbar/test-of-prune"


def tiny_image(client: Any, tag: str) -> None:
    """An image of one small file."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(f"only-{tag}"))
    client.import_image_from_data(
        data.getvalue(), repository=REPOSITORY, tag=tag, changes=[f"LABEL {LABEL}=1"]
    )


def tags(client: Any) -> set[str]:
    return {tag for image in client.images(name=REPOSITORY) for tag in image["RepoTags"]}


def on_engine(work: Callable[[Any], set[str]]) -> set[str]:
    async def main() -> set[str]:
        engine = find_engine(SandboxKind.DOCKER)
        try:
            await engine.check()
            return await engine.call(work)
        except SandboxError as error:
            pytest.skip(error.sentence)
        finally:
            await engine.close()

    return asyncio.run(main())


@pytest.mark.docker
def test_of_our_images_those_stay_that_are_new_or_used_or_just_made(tmp_path: Path) -> None:
    notes, others = ImageNotes(tmp_path), ImageNotes(tmp_path)

    def work(client: Any) -> set[str]:
        for tag in ("from-the-cache", "held", "older", "used-since", "newest"):
            tiny_image(client, tag)
            time.sleep(1.1)  # the engine dates images by the second
        try:
            others.use(f"{REPOSITORY}:held")
            note = tmp_path / "greenbar_test-of-prune@held"
            os.utime(note, (0, 0))  # long ago, and never let go
            used = ImageNotes(tmp_path)
            used.use(f"{REPOSITORY}:used-since")
            used.close()
            prune(client, f"{REPOSITORY}:from-the-cache", notes, keep=2)
            return tags(client)
        finally:
            others.close()
            prune(client, f"{REPOSITORY}:none", notes, keep=0)
            assert tags(client) == set()

    kept = {"from-the-cache", "held", "used-since", "newest"}
    assert on_engine(work) == {f"{REPOSITORY}:{tag}" for tag in kept}
    assert list(tmp_path.iterdir()) == []


def test_an_image_is_held_until_its_user_lets_go(tmp_path: Path) -> None:
    notes, others = ImageNotes(tmp_path / "deep"), ImageNotes(tmp_path / "deep")
    with others.unused("greenbar/env:1") as unused:
        assert unused, "nobody has ever used it"
    notes.use("greenbar/env:1")
    notes.use("greenbar/env:1")
    with others.unused("greenbar/env:1") as unused:
        assert not unused
    assert others.last_use("greenbar/env:1") > 0
    notes.close()
    with others.unused("greenbar/env:1") as unused:
        assert unused
    assert others.last_use("greenbar/env:1") == 0


def test_a_folder_that_cannot_be_written_costs_only_the_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes = ImageNotes(tmp_path / "file" / "images")
    notes.use("greenbar/env:1")
    assert notes.last_use("greenbar/env:1") == 0
    notes.close()
