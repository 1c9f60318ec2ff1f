"""What a repository itself allows its tests, by pytest-timeout's marker, options and settings.

Standard library only; the plugin need not be installed, then its marker and setting count all the same.
"""


def own_limit(item):
    """Seconds that ``item`` may take by the repository's own word; 0.0 where there is none."""
    for value in (_marked(item), _option(item.config), _setting(item.config)):
        try:
            return max(0.0, float(value))
        except (TypeError, ValueError):
            continue
    return 0.0


def _marked(item):
    marker = item.get_closest_marker("timeout")
    if marker is None:
        return None
    return marker.args[0] if marker.args else marker.kwargs.get("timeout")


def _option(config):
    return config.getoption("timeout", None)


def _setting(config):
    """As written, because pytest knows the setting only where the plugin is there. pytest 9.1 warns of
    the public name, which is an error in a suite that makes errors of warnings."""
    settings = getattr(config, "_inicfg", None)
    value = (config.inicfg if settings is None else settings).get("timeout")
    return getattr(value, "value", value)
