"""Trouble: what could not be done, said to a person."""


class Trouble(Exception):
    """One or more plain sentences with place and remedy; shown as they are, without a traceback."""
