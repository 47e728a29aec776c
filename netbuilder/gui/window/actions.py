"""Everything the user can do, in one table that menus, toolbar, panels and help share."""

from __future__ import annotations

from netbuilder.document.model.project import FILE
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.window.action import Action, ready
from netbuilder.gui.window.context import Context
from netbuilder.gui.window.train_actions import TRAIN
from netbuilder.gui.window.view_actions import VIEW


def _selected_nodes(context: Context) -> bool:
    nodes = context.store.project.network.by_id
    return any(id in nodes and not nodes[id].fixed for id in context.store.selection)


def _selected(context: Context) -> bool:
    return _selected_nodes(context) or bool(context.canvas.selection.edges)


def _predict_file(context: Context) -> None:
    """Where it is told of how it goes, it is asked for."""
    # Imported late: not every start of the program predicts.
    from netbuilder.gui.panels.predict.panel import PredictPanel

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
        "new_from_template",
        QT_TRANSLATE_NOOP("Actions", "New from a te&mplate…"),
        lambda c: c.window.show_templates(),
        ("Ctrl+Shift+N",),
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
        "import_network",
        QT_TRANSLATE_NOOP("Actions", "Import wei&ghts or a network…"),
        lambda c: c.documents.ask_import_network(),
        ("Ctrl+Shift+I",),
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
    Action(
        "save_picture",
        QT_TRANSLATE_NOOP("Actions", "Save a picture of t&he canvas…"),
        lambda c: c.pictures.save_canvas(),
    ),
    Action(
        "copy_picture",
        QT_TRANSLATE_NOOP("Actions", "Cop&y the canvas as a picture"),
        lambda c: c.pictures.copy_canvas(),
        ("Ctrl+Shift+C",),
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
    *VIEW,
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
