"""Words: how the command line writes a layer, such as "max pool 2", and how they are read."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """How a kind of layer is written: its name, and settings as an example."""

    name: str
    """"max pool"; empty for a kind that is known by its settings alone, as "16 relu" is."""
    settings: str = ""
    """"2", "16 relu"; empty where there is nothing to be set."""

    @property
    def example(self) -> str:
        return f"{self.name} {self.settings}".strip()


def options(words: list[str], names: tuple[str, ...]) -> dict[str, int]:
    """{"stride": 2} of "stride 2"; raises ValueError for anything else."""
    found: dict[str, int] = {}
    while words:
        name, value, *words = words
        if name not in names or name in found:
            raise ValueError(name)
        found[name] = int(value)
    return found


def square(text: str) -> int:
    """3 of "3x3" or of "3"; raises ValueError for anything else."""
    size, *more = lengths(text)
    if more not in ([], [size]):
        raise ValueError(text)
    return size


def lengths(text: str) -> list[int]:
    """[1, 8, 8] of "1x8x8"; raises ValueError for anything else."""
    return [int(length) for length in text.replace("×", "x").split("x")]
