"""Finds the files of resources/, in a checkout or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from netbuilder.errors import UserError

_PACKAGE = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """The path of a shipped file, for example ``path("icons", "play.svg")``."""
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        found = root.joinpath(*parts)
        if found.exists():
            return found
    raise UserError(
        "The file resources/{name} that ships with netbuilder is missing; "
        "install netbuilder again.",
        name="/".join(parts),
    )
