"""The sandbox images, on a real engine."""

from __future__ import annotations

import asyncio
import io
import tarfile
import time
from typing import Any

import pytest

from core.errors import SandboxError
from core.sandbox.engine import find_engine
from core.sandbox.image import LABEL, prune
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


@pytest.mark.docker
def test_of_our_images_only_the_newest_and_the_one_just_made_stay() -> None:
    def work(client: Any) -> set[str]:
        for tag in ("from-the-cache", "older", "newest"):
            tiny_image(client, tag)
            time.sleep(1.1)  # the engine dates images by the second
        try:
            prune(client, f"{REPOSITORY}:from-the-cache", keep=1)
            return tags(client)
        finally:
            prune(client, f"{REPOSITORY}:none", keep=0)
            assert tags(client) == set()

    async def main() -> set[str]:
        engine = find_engine(SandboxKind.DOCKER)
        try:
            await engine.check()
            return await engine.call(work)
        except SandboxError as error:
            pytest.skip(error.sentence)
        finally:
            await engine.close()

    assert asyncio.run(main()) == {f"{REPOSITORY}:newest", f"{REPOSITORY}:from-the-cache"}
