"""Everything the user can do, in one table that menus, toolbar, panels and help share."""

from __future__ import annotations

from functools import partial

from netbuilder.document.model.project import FILE
from netbuilder.gui.panels.predict.panel import PredictPanel
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.window.action import Action, ready
from netbuilder.gui.window.context import Context
from netbuilder.gui.window.train_actions import TRAIN
from netbuilder.gui.window.workspaces import WORKSPACES


def _selected_nodes(context: Context) -> bool:
    nodes = context.store.project.network.by_id
    return any(id in nodes and not nodes[id].fixed for id in context.store.selection)


def _selected(context: Context) -> bool:
    return _selected_nodes(context) or bool(context.canvas.selection.edges)


def _show_workspace(name: str, context: Context) -> None:
    context.workspaces.show(name)


def _shows_workspace(name: str, context: Context) -> bool:
    return context.workspaces.current == name


def _predict_file(context: Context) -> None:
    """Where it is told of how it goes, it is asked for."""
    context.workspaces.bring("predict")
    panel = context.workspaces.panels["predict"]
    assert isinstance(panel, PredictPanel)
    panel.ask_file()


ACTIONS: tuple[Action, ...] = (
    # File
    Action(
        "new", QT_TRANSLATE_NOOP("Actions", "&New"), lambda c: c.documents.new(), ("Ctrl+N",), "new"
    ),
    Action(
        "open",
        QT_TRANSLATE_NOOP("Actions", "&Open…"),
        lambda c: c.documents.ask_open(),
        ("Ctrl+O",),
        "open",
    ),
    Action(
        "lab",
        QT_TRANSLATE_NOOP("Actions", "&Course lab…"),
        lambda c: c.window.show_lab(),
        ("Ctrl+Shift+L",),
        "lab",
    ),
    Action(
        "save",
        QT_TRANSLATE_NOOP("Actions", "&Save"),
        lambda c: c.documents.save(),
        ("Ctrl+S",),
        "save",
    ),
    Action(
        "save_as",
        QT_TRANSLATE_NOOP("Actions", "Save &as…"),
        lambda c: c.documents.save_as(),
        ("Ctrl+Shift+S",),
    ),
    Action(
        "import_data",
        QT_TRANSLATE_NOOP("Actions", "&Import data…"),
        lambda c: c.documents.ask_import(),
        ("Ctrl+I",),
        "import",
    ),
    Action(
        "import_test",
        QT_TRANSLATE_NOOP("Actions", "Import &test data…"),
        lambda c: c.documents.ask_import_test(),
        enabled=lambda c: c.store.project.data.source == FILE,
    ),
    Action(
        "export_data",
        QT_TRANSLATE_NOOP("Actions", "Save data as CS&V…"),
        lambda c: c.documents.ask_export_data(),
        enabled=lambda c: c.store.dataset is not None,
    ),
    Action(
        "load_weights",
        QT_TRANSLATE_NOOP("Actions", "&Load weights…"),
        lambda c: c.documents.ask_load_weights(),
        ("Ctrl+Shift+I",),
        enabled=ready,
    ),
    Action(
        "export",
        QT_TRANSLATE_NOOP("Actions", "&Export the network…"),
        lambda c: c.documents.ask_export(),
        # Not Ctrl+E: in a text field that goes to the end of the line.
        ("Ctrl+Shift+E",),
        "export",
        enabled=ready,
    ),
    Action(
        "show_code",
        QT_TRANSLATE_NOOP("Actions", "Open as NumPy co&de…"),
        lambda c: c.window.show_code(),
        enabled=ready,
    ),
    Action(
        "serve",
        QT_TRANSLATE_NOOP("Actions", "As&k from another program…"),
        lambda c: c.documents.show_service(),
        enabled=ready,
    ),
    Action(
        "export_curves",
        QT_TRANSLATE_NOOP("Actions", "Export the c&urves…"),
        lambda c: c.window.export_curves(),
        enabled=ready,
    ),
    Action(
        "report",
        QT_TRANSLATE_NOOP("Actions", "&Write a report…"),
        lambda c: c.documents.ask_report(),
        enabled=ready,
    ),
    Action(
        "export_film",
        QT_TRANSLATE_NOOP("Actions", "Export the &film…"),
        lambda c: c.window.export_film(),
        icon="film",
        enabled=ready,
    ),
    Action(
        "predict_file",
        QT_TRANSLATE_NOOP("Actions", "&Predict a file…"),
        _predict_file,
        enabled=ready,
    ),
    Action("quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), lambda c: c.window.close(), ("Ctrl+Q",)),
    # Edit
    Action(
        "undo",
        QT_TRANSLATE_NOOP("Actions", "&Undo"),
        lambda c: c.store.undo(),
        ("Ctrl+Z",),
        "undo",
        lambda c: c.store.can_undo,
    ),
    Action(
        "redo",
        QT_TRANSLATE_NOOP("Actions", "&Redo"),
        lambda c: c.store.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        lambda c: c.store.can_redo,
    ),
    Action(
        "cut",
        QT_TRANSLATE_NOOP("Actions", "Cu&t"),
        lambda c: c.canvas.edits.cut(),
        ("Ctrl+X",),
        "cut",
        _selected_nodes,
    ),
    Action(
        "copy",
        QT_TRANSLATE_NOOP("Actions", "&Copy"),
        lambda c: c.canvas.edits.copy(),
        ("Ctrl+C",),
        "copy",
        _selected_nodes,
    ),
    Action(
        "paste",
        QT_TRANSLATE_NOOP("Actions", "&Paste"),
        lambda c: c.canvas.edits.paste(),
        ("Ctrl+V",),
        "paste",
    ),
    Action(
        "duplicate",
        QT_TRANSLATE_NOOP("Actions", "Dup&licate"),
        lambda c: c.canvas.edits.duplicate(),
        ("Ctrl+D",),
        "duplicate",
        _selected_nodes,
    ),
    Action(
        "delete",
        QT_TRANSLATE_NOOP("Actions", "&Delete"),
        lambda c: c.canvas.edits.delete_selection(),
        ("Del",),
        "delete",
        lambda c: _selected_nodes(c) or bool(c.canvas.selection.edges),
    ),
    Action(
        "select_all",
        QT_TRANSLATE_NOOP("Actions", "Select &all"),
        lambda c: c.canvas.selection.all(),
        ("Ctrl+A",),
    ),
    Action(
        "rename",
        QT_TRANSLATE_NOOP("Actions", "Re&name"),
        lambda c: c.canvas.fields.rename_selected(),
        ("F2",),
        "rename",
        _selected_nodes,
    ),
    # View
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
        lambda c: c.canvas.camera.fit(),
        ("Ctrl+9",),
        "fit",
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
    # Train
    *TRAIN,
    # Help
    Action(
        "shortcuts",
        QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"),
        lambda c: c.window.show_shortcuts(),
        ("F1",),
        "keyboard",
    ),
    Action(
        "about",
        QT_TRANSLATE_NOOP("Actions", "&About netbuilder"),
        lambda c: c.window.show_about(),
        icon="info",
    ),
)
