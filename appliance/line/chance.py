"""Chance that follows from what it is about, so that the same happens again. Pure."""

from hashlib import blake2b


def chance(*about: str | int) -> float:
    """Between 0 and 1, neither included, spread evenly: always the same for the same subject."""
    digest = blake2b("/".join(map(str, about)).encode(), digest_size=6).digest()
    return (int.from_bytes(digest) + 0.5) / 2**48
