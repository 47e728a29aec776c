"""The words for names: how a choice of a setting is called where the user reads it."""

from __future__ import annotations

from netbuilder.engine.settings import Setting
from netbuilder.gui.theme.translation import tr_text


def choice_title(setting: Setting, name: str) -> str:
    """A choice as the user reads it, for example "Leaky ReLU" for "leaky_relu"."""
    return tr_text(setting.choice_title(name))
