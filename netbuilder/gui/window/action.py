"""What an action is: one thing that can be done, by menu, key, button or toolbar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.gui.window.context import Context


@dataclass(frozen=True)
class Action:
    """One thing that can be done; ``&`` in the text marks the key in the menu."""

    id: str
    text: str
    perform: Callable[[Context], object]
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[Context], bool] = lambda _: True
    checked: Callable[[Context], bool] | None = None
    """For an action that is on or off."""


def ready(context: Context) -> bool:
    """Whether there is a network that can run."""
    return context.bridge.ready
