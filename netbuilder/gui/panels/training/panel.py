"""The training panel: how the network learns, and when it is to stop."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.gui.centre import Centre
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.caption import caption
from netbuilder.gui.widgets.form import SettingsForm

_HOW = (
    *("optimizer", "beta", "learning_rate", "schedule", "decay", "period", "warmup"),
    *("batch_size", "order_seed", "mask_seed", "dtype"),
)
_REGULAR = ("l2", "l1", "clip_norm", "class_weights")
_LETTERS = 13


class TrainingPanel(QWidget):
    """Every training setting that applies; all of them may be changed while it trains."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        store = self._store = centre.store
        settings = {setting.name: setting for setting in TrainingSettings.settings()}
        how = [settings.pop(name) for name in _HOW]
        regular = [settings.pop(name) for name in _REGULAR]
        never, none = self.tr("never"), self.tr("none")
        zeros = {"batch_size": self.tr("all"), "warmup": none}
        zeros |= dict.fromkeys(("order_seed", "mask_seed"), self.tr("own"))
        self.how = SettingsForm(how, zeros, _LETTERS)
        self.regular = SettingsForm(regular, {"clip_norm": never}, _LETTERS)
        self.stops = SettingsForm(
            settings.values(), {"epochs": never, "target_cost": never, "patience": never}, _LETTERS
        )
        self.seed = SettingsForm(Project.settings(), letters=_LETTERS)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 10)
        column.setSpacing(2)
        column.addWidget(self.how)
        column.addWidget(self.seed)
        for words, form in (
            (self.tr("Regularisation"), self.regular),
            (self.tr("Stop and evaluate"), self.stops),
        ):
            column.addSpacing(4)
            column.addWidget(caption(words))
            column.addWidget(form)
        column.addStretch(1)
        for form in (self.how, self.regular, self.stops):
            form.edited.connect(self._edit)
        self.seed.edited.connect(self._edit_seed)
        store.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, old: Project, new: Project) -> None:
        if new.training is not old.training or new.seed != old.seed or new.data is not old.data:
            self._show()
        elif new.network is not old.network:
            self._show_masks(new)

    def _show_masks(self, project: Project) -> None:
        """Only a layer that draws has a use for the seed of its masks."""
        draws = any(node.layer.draws for node in project.network.nodes)
        self.how.set_row_visible("mask_seed", draws or project.training.mask_seed > 0)

    def _show(self) -> None:
        training, info = self._store.project.training, self._store.compiled.info
        for form in (self.how, self.regular, self.stops):
            form.show_values(training)
        self.seed.show_values(self._store.project)
        optimizer, schedule = OPTIMIZERS[training.optimizer], SCHEDULES[training.schedule]
        self.how.set_row_visible("beta", optimizer.uses_beta)
        self.how.set_row_visible("order_seed", training.batch_size > 0)
        self._show_masks(self._store.project)
        for name in ("decay", "period"):
            self.how.set_row_visible(name, name in schedule.uses)
        self.regular.set_row_visible("class_weights", info is None or info.task != "regression")
        self.how.fields["optimizer"].setToolTip(optimizer.formula)
        self.how.fields["schedule"].setToolTip(schedule.formula)

    def _edit(self, name: str, value: object) -> None:
        label = next(s.label for s in TrainingSettings.settings() if s.name == name)
        self._store.edit(
            lambda project: replace(
                project,
                training=replace(project.training, **{name: value}),  # type: ignore[arg-type]
            ),
            self.tr("{setting} of the training").format(setting=tr_text(label)),
            merge_key=f"training.{name}",
        )

    def _edit_seed(self, _name: str, value: int) -> None:
        self._store.edit(
            lambda project: replace(project, seed=value),
            self.tr("seed of the network"),
            merge_key="seed",
        )
