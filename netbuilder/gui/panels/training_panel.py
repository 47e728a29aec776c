"""The training panel: how the network learns, and when it is to stop."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from netbuilder.document.project import Project, TrainingSettings
from netbuilder.gui.form import SettingsForm
from netbuilder.gui.i18n import tr_text
from netbuilder.gui.panels.caption import caption
from netbuilder.gui.store import Store

_HOW = ("optimizer", "learning_rate", "beta", "batch_size", "l2", "dtype")
_LETTERS = 13
_WITH_BETA = ("momentum", "adam")


class TrainingPanel(QWidget):
    """Every training setting; all of them may be changed while it trains."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        settings = {setting.name: setting for setting in TrainingSettings.settings()}
        how = [settings.pop(name) for name in _HOW]
        never = self.tr("never")
        self.how = SettingsForm(how, {"batch_size": self.tr("all")}, _LETTERS)
        self.stops = SettingsForm(
            settings.values(), {"epochs": never, "target_cost": never, "patience": never}, _LETTERS
        )
        self.seed = SettingsForm(Project.settings(), letters=_LETTERS)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 10)
        column.setSpacing(2)
        column.addWidget(self.how)
        column.addWidget(self.seed)
        column.addSpacing(4)
        column.addWidget(caption(self.tr("Stop and evaluate")))
        column.addWidget(self.stops)
        column.addStretch(1)
        for form in (self.how, self.stops):
            form.edited.connect(self._edit)
        self.seed.edited.connect(self._edit_seed)
        store.changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        training = self._store.project.training
        self.how.show_values(training)
        self.how.set_row_visible("beta", training.optimizer in _WITH_BETA)
        self.stops.show_values(training)
        self.seed.show_values(self._store.project)

    def _edit(self, name: str, value: object) -> None:
        label = next(s.label for s in TrainingSettings.settings() if s.name == name)
        self._store.edit(
            lambda project: replace(
                project,
                training=replace(project.training, **{name: value}),  # type: ignore[arg-type]
            ),
            tr_text(label),
            merge_key=f"training.{name}",
        )

    def _edit_seed(self, _name: str, value: int) -> None:
        self._store.edit(
            lambda project: replace(project, seed=value), self.tr("seed"), merge_key="seed"
        )
