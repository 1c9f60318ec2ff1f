"""Which versions of packages the tests run with. Standard library only."""

import platform
from importlib import metadata

MOST = 300
CHARACTERS = 60


def installed_versions(modules):
    """``{top-level module: version}`` for those of ``modules`` that an installed package brought, and
    ``python``'s own. Never raises: metadata may be half there."""
    wanted = {name.partition(".")[0] for name in modules}
    found = {"python": platform.python_version()}
    for distribution in metadata.distributions():
        try:
            version = distribution.version
            brought = wanted & top_levels(distribution)
        except Exception:
            continue
        for name in brought:
            if version and len(found) < MOST:
                found[name[:CHARACTERS]] = str(version)[:CHARACTERS]
    return found


def top_levels(distribution):
    """The names under which a distribution can be imported."""
    said = distribution.read_text("top_level.txt")
    if said:
        return set(said.split())
    parts = (path.parts for path in distribution.files or ())
    return {part[0].partition(".")[0] for part in parts if part[-1].endswith((".py", ".so"))}
