"""The actions of training and of looking back on it."""

from __future__ import annotations

from collections.abc import Callable

from netbuilder.gui.fork import train_on
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.window.action import Action, ready
from netbuilder.gui.window.context import Context


def _looks_back(context: Context) -> bool:
    return not context.cursor.live


def _train(context: Context, do: Callable[[], None]) -> None:
    """Training that is asked for is looked at."""
    if not context.bridge.running:
        context.cursor.go_live()
    do()


TRAIN: tuple[Action, ...] = (
    # Train
    Action(
        "play",
        QT_TRANSLATE_NOOP("Actions", "&Play"),
        lambda c: _train(c, c.bridge.toggle),
        ("F5", "Ctrl+Return", "Ctrl+Enter"),
        "play",
        ready,
    ),
    Action(
        "step",
        QT_TRANSLATE_NOOP("Actions", "One &update"),
        lambda c: _train(c, c.bridge.step),
        ("F6",),
        "step",
        ready,
    ),
    Action(
        "epoch",
        QT_TRANSLATE_NOOP("Actions", "One &epoch"),
        lambda c: _train(c, c.bridge.epoch),
        ("F7",),
        "epoch",
        ready,
    ),
    Action(
        "reset",
        QT_TRANSLATE_NOOP("Actions", "&Reset to the start"),
        lambda c: c.bridge.reset(),
        ("F8",),
        "reset",
        ready,
    ),
    Action(
        "new_seed",
        QT_TRANSLATE_NOOP("Actions", "Start from a &new seed"),
        lambda c: c.bridge.new_seed(),
        ("Shift+F8",),
        "new-seed",
        ready,
    ),
    Action(
        "grows",
        QT_TRANSLATE_NOOP("Actions", "Edits &keep what was learned"),
        lambda c: c.bridge.toggle_growing(),
        checked=lambda c: c.bridge.grows,
    ),
    Action(
        "train_on",
        QT_TRANSLATE_NOOP("Actions", "&Train on from here"),
        lambda c: train_on(c.store, c.bridge, c.cursor),
        ("Shift+F9",),
        "fork",
        _looks_back,
    ),
    Action(
        "gradient_check",
        QT_TRANSLATE_NOOP("Actions", "&Gradient check…"),
        lambda c: c.window.check_gradients(),
        ("Ctrl+Shift+G",),
        "gradient-check",
        ready,
    ),
    Action(
        "homework",
        QT_TRANSLATE_NOOP("Actions", "Check my &homework…"),
        lambda c: c.window.check_homework(),
        ("Ctrl+Shift+H",),
        "homework",
        ready,
    ),
    # Look back
    Action(
        "film",
        QT_TRANSLATE_NOOP("Actions", "&Play the film"),
        lambda c: c.player.play(1),
        ("Shift+F5",),
    ),
    Action(
        "film_back",
        QT_TRANSLATE_NOOP("Actions", "Play the film &backwards"),
        lambda c: c.player.play(-1),
        ("Ctrl+Shift+F5",),
    ),
    Action(
        "update_back",
        QT_TRANSLATE_NOOP("Actions", "One &update back"),
        lambda c: c.cursor.go_by_update(-1),
        ("Shift+F6",),
        "step-back",
    ),
    Action(
        "update_on",
        QT_TRANSLATE_NOOP("Actions", "One update &on"),
        lambda c: c.cursor.go_by_update(1),
        ("Ctrl+F6",),
        enabled=_looks_back,
    ),
    Action(
        "epoch_back",
        QT_TRANSLATE_NOOP("Actions", "One &epoch back"),
        lambda c: c.cursor.go_by_epoch(-1),
        ("Shift+F7",),
        "epoch-back",
    ),
    Action(
        "epoch_on",
        QT_TRANSLATE_NOOP("Actions", "One epoch o&n"),
        lambda c: c.cursor.go_by_epoch(1),
        ("Ctrl+F7",),
        enabled=_looks_back,
    ),
    Action(
        "best",
        QT_TRANSLATE_NOOP("Actions", "Go to the &best moment"),
        lambda c: c.cursor.go_to_best(),
        ("Ctrl+F9",),
        "best",
        ready,
    ),
    Action(
        "live",
        QT_TRANSLATE_NOOP("Actions", "Follow the training &live"),
        lambda c: c.cursor.go_live(),
        ("F9",),
        enabled=_looks_back,
    ),
)
