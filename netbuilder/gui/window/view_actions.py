"""The actions of the View menu: zoom, theme, workspaces."""

from __future__ import annotations

from functools import partial

from netbuilder.gui.canvas.camera import LARGEST
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.window.action import Action
from netbuilder.gui.window.context import Context
from netbuilder.gui.window.workspaces import WORKSPACES


def _show_workspace(name: str, context: Context) -> None:
    context.workspaces.show(name)


def _shows_workspace(name: str, context: Context) -> bool:
    return context.workspaces.current == name


VIEW: tuple[Action, ...] = (
    Action(
        "zoom_in",
        QT_TRANSLATE_NOOP("Actions", "Zoom &in"),
        lambda c: c.canvas.camera.zoom_in(),
        ("Ctrl++", "Ctrl+="),
        "zoom-in",
    ),
    Action(
        "zoom_out",
        QT_TRANSLATE_NOOP("Actions", "Zoom &out"),
        lambda c: c.canvas.camera.zoom_out(),
        ("Ctrl+-",),
        "zoom-out",
    ),
    Action(
        "zoom_reset",
        QT_TRANSLATE_NOOP("Actions", "&Actual size"),
        lambda c: c.canvas.camera.reset_zoom(),
        ("Ctrl+0",),
    ),
    Action(
        "fit",
        QT_TRANSLATE_NOOP("Actions", "&Fit network"),
        lambda c: c.canvas.camera.fit(1.0),
        ("Ctrl+9",),
        "fit",
    ),
    Action(
        "fill",
        QT_TRANSLATE_NOOP("Actions", "Fi&ll the view"),
        lambda c: c.canvas.camera.fit(LARGEST),
        ("Ctrl+Shift+9",),
    ),
    Action(
        "full_screen",
        QT_TRANSLATE_NOOP("Actions", "Full s&creen"),
        lambda c: c.window.toggle_full_screen(),
        ("F11",),
        checked=lambda c: c.window.isFullScreen(),
    ),
    Action(
        "arrange",
        QT_TRANSLATE_NOOP("Actions", "A&rrange network"),
        lambda c: c.canvas.edits.arrange(),
        ("Ctrl+L",),
        "arrange",
    ),
    Action(
        "theme_system",
        QT_TRANSLATE_NOOP("Actions", "As the &system"),
        lambda c: c.themes.choose("system"),
        checked=lambda c: c.themes.choice == "system",
    ),
    Action(
        "theme_light",
        QT_TRANSLATE_NOOP("Actions", "&Light"),
        lambda c: c.themes.choose("light"),
        icon="sun",
        checked=lambda c: c.themes.choice == "light",
    ),
    Action(
        "theme_dark",
        QT_TRANSLATE_NOOP("Actions", "&Dark"),
        lambda c: c.themes.choose("dark"),
        icon="moon",
        checked=lambda c: c.themes.choice == "dark",
    ),
    *(
        Action(
            f"workspace_{name}",
            workspace.title,
            partial(_show_workspace, name),
            (workspace.shortcut,),
            checked=partial(_shows_workspace, name),
        )
        for name, workspace in WORKSPACES.items()
    ),
    Action(
        "reset_layout",
        QT_TRANSLATE_NOOP("Actions", "Reset la&yout"),
        lambda c: c.workspaces.reset(),
    ),
)
