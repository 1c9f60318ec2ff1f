"""Real projects work untouched: set up by Greenbar, and each test ends as plain pytest says it does.

Source distributions from the package index, pinned, each made a repository of one commit. Plain
pytest runs in the very environment that the set-up has made, so what differs is Greenbar's doing.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark import ParameterSet

from core.types import RunEnd, SandboxKind
from tests.bench.suites import as_repository
from tests.projects.running import baseline, plain_outcomes
from tests.sdists import Sdist, unpacked


class Project(NamedTuple):
    """``least``: at least so many tests, so that none of them can go missing on both sides."""

    layout: str
    kind: SandboxKind
    least: int
    sdist: Sdist


PROJECTS = (
    Project(
        "Flat, flit, written for unittest.",
        SandboxKind.BUBBLEWRAP,
        600,
        Sdist(
            "more-itertools", "10.8.0", "f638ddf8a1a0d134181275fb5d58b086ead7c6a72429ad725c67503f13ba30bd"
        ),
    ),
    Project(
        "Tests inside the package; its version from git.",
        SandboxKind.DOCKER,
        180,
        Sdist("toolz", "1.1.0", "27a5c770d068c110d9ed9323f24f1543e83b2f300a687b7891c1a6d56b697b5b"),
    ),
    Project(
        "src, hatch with a version from git and a readme made of fragments, dependency groups.",
        SandboxKind.DOCKER,
        1000,
        Sdist("attrs", "25.4.0", "16d5969b87f0859ef33a48b35d55ac1be6e42ae49d5e853b597db70c35c57e11"),
    ),
    Project(
        "src, flit, dependency groups.",
        SandboxKind.BUBBLEWRAP,
        1000,
        Sdist("click", "8.3.1", "12ff4785d337a1bb490bb7e9c2b1ee5da3112e94a8622f26a6c77f5d2fc6842a"),
    ),
    Project(
        "src, a version file that hatch-vcs writes, an extra for tests.",
        SandboxKind.BUBBLEWRAP,
        40,
        Sdist(
            "platformdirs", "4.5.0", "70ddccdd7c99fc5942e9fc25636a8b34d04c24b335100223152c2803e4063312"
        ),
    ),
    Project(
        "A part written in C.",
        SandboxKind.BUBBLEWRAP,
        60,
        Sdist("markupsafe", "3.0.3", "722695808f4b6457b320fdc131280796bdceb04ab50fe1795cd540799ebe1698"),
    ),
)


def _parameter(project: Project) -> ParameterSet:
    mark = getattr(pytest.mark, project.kind.value)
    return pytest.param(project, id=f"{project.sdist.project}-{project.kind}", marks=mark)


@pytest.mark.slow
@pytest.mark.parametrize("project", [_parameter(project) for project in PROJECTS])
def test_every_test_of_a_real_project_ends_as_plain_pytest_says(project: Project, tmp_path: Path) -> None:
    kind, sdist = project.kind, project.sdist
    root = as_repository(unpacked(sdist, tmp_path))
    # By pytest, which it is held against: a suite written for unittest would run by that.
    report, environment, said = baseline(root, kind, tmp_path / "home", "python-pytest")
    assert report.end is RunEnd.FINISHED, (report.detail, said)
    assert environment.reference, said
    plain = plain_outcomes(root, kind, environment, tmp_path / "room")
    ours = {result.node_id: result.outcome.value for result in report.results}
    differing = {
        node: (plain.get(node, "absent"), ours.get(node, "absent"))
        for node in plain.keys() | ours.keys()
        if plain.get(node) != ours.get(node)
    }
    assert differing == {}, said
    assert len(ours) >= project.least, said
