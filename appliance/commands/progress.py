"""How far something is that takes its time, for a person who waits for it at a terminal."""

import sys

import click


def sound_progress(done: int, total: int) -> None:
    """So many sounds of all have been made."""
    if sys.stderr.isatty():
        click.echo(f"\rSound {done} of {total}", nl=done >= total, err=True)
