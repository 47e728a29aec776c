"""An action: one thing that can be done, as a row that says when and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.gui.window.context import Context


def _always(_: Context) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing that can be done; ``&`` in the text marks the key in the menu."""

    id: str
    text: str
    perform: Callable[[Context], object]
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[Context], bool] = _always
    checked: Callable[[Context], bool] | None = None
    """For an action that is on or off."""
