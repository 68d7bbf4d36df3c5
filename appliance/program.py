"""Which program this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version of this program."""
    try:
        return version("appliance")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "unknown"
