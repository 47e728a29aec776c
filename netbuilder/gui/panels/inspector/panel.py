"""The inspector: everything about the selected layer, or about the whole network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from netbuilder.document.check.compile import Problem
from netbuilder.document.model.network import COST, DATA, Node
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.inspector.facts import Facts
from netbuilder.gui.panels.inspector.health import Health
from netbuilder.gui.panels.inspector.worked import Worked
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.fields import MOST_LETTERS
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.form import SettingsForm
from netbuilder.gui.widgets.labels import tip
from netbuilder.lens.backward import Way, backward, update
from netbuilder.lens.formulas import Place, formulas
from netbuilder.lens.names import summary, symbol
from netbuilder.numbers import shape_text
from netbuilder.runs.snapshot import drawn_from


class NameField(QLineEdit):
    """The layer's name; what cannot be a name is told, and the old one stays."""

    def __init__(self, rename: Callable[[str], bool]) -> None:
        super().__init__()
        self._rename, self._shown = rename, ""
        self.setMaxLength(MOST_LETTERS)
        self.editingFinished.connect(self._finish)

    def show_name(self, name: str) -> None:
        self._shown = name
        if self.text() != name:
            self.setText(name)
            self.setCursorPosition(0)

    def _finish(self) -> None:
        if self.text() != self._shown and not self._rename(self.text()):
            self.show_name(self._shown)


class ProblemBox(QFrame):
    """One problem in words, with its remedy as a button."""

    def __init__(
        self, problem: Problem, themes: ThemeManager, mend: Callable[[], None], offer: bool
    ) -> None:
        """``offer`` is False where the same remedy is offered by another box."""
        super().__init__()
        theme = themes.theme
        role = {"error": "error", "warning": "warning"}.get(problem.severity, "accent")
        tint = theme.color(role)
        rgb = f"{tint.red()}, {tint.green()}, {tint.blue()}"
        self.setObjectName("problem")
        self.setStyleSheet(
            f"#problem {{ background: rgba({rgb}, 0.10); border-radius: 6px;"
            f" border-left: 3px solid {tint.name()}; }}"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 6, 8, 7)
        column.setSpacing(6)
        words = QLabel(tr_message(problem.message))
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        column.addWidget(words)
        self.button: QPushButton | None = None
        if problem.fix is not None and offer:
            self.button = remedy_button(tr_message(problem.fix.label))
            self.button.clicked.connect(lambda: mend())
            column.addWidget(self.button)


def remedy_button(words: str) -> QPushButton:
    """A button that may be told in a narrow panel: long words are broken into lines."""
    button = QPushButton()
    button.setProperty("remedy", True)
    button.setAccessibleName(words)
    button.setToolTip(tip(words))
    label = QLabel(words, button, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    inside = QVBoxLayout(button)
    inside.setContentsMargins(10, 5, 10, 5)
    inside.addWidget(label)
    button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
    return button


class Inspector(QWidget):
    """Built from the selected layer's own description; it follows the document as cards do."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        store, themes = centre.store, centre.themes
        self._store, self._themes = store, themes
        self._shown: tuple[str, str] | None = None
        self._bridge, self._perform = centre.bridge, centre.perform
        self.form: SettingsForm | None = None
        self.from_reset: QWidget | None = None  # says that the weights did not begin so
        self.problems: list[ProblemBox] = []
        self._told: tuple[object, ...] = ()
        self._says, self._stretch = store.compiled, store.stretch
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 4, 12, 8)
        self._column.setSpacing(6)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(tabular(self.title.font(), 1.2))
        self.name = NameField(self._rename)
        self.name.setAccessibleName(self.tr("name"))
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("tone", "muted")
        self._problem_area = QVBoxLayout()
        self._problem_area.setSpacing(6)
        self._form_area = QVBoxLayout()
        self.facts = Facts()
        self.worked = Worked(store, centre.cursor)
        self.health = Health(store, centre.cursor)
        for label in (self.title, self.name, self.about):
            self._column.addWidget(label)
        self._column.addLayout(self._problem_area)
        self._column.addLayout(self._form_area)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.worked)
        self._column.addWidget(self.health)
        self._column.addStretch(1)
        store.changed.connect(self._on_changed)
        store.selection_changed.connect(self._show)
        themes.changed.connect(self._on_theme)
        self._show()

    @property
    def node(self) -> Node | None:
        """The one node that is selected."""
        if len(self._store.selection) != 1:
            return None
        return self._store.project.network.by_id.get(next(iter(self._store.selection)))

    # --- showing -------------------------------------------------------------------------------

    def _on_changed(self, old: Project, new: Project) -> None:
        says, self._says = self._says, self._store.compiled
        stretch, self._stretch = self._stretch, self._store.stretch
        same = self._says is says and self._stretch is stretch
        settings = new.seed != old.seed or new.training is not old.training
        if new.network is not old.network or settings or not same:
            self._show()

    def _show(self, *_: object) -> None:
        node = self.node
        if node is None:
            self._show_project()
        else:
            self._show_node(node)

    def _show_node(self, node: Node) -> None:
        key = (node.id, node.layer.kind)
        if self._shown != key:
            self._shown = key
            self._build_form(node.layer)
        self.title.setVisible(node.fixed)
        self.name.setVisible(not node.fixed)
        self.title.setText(tr_text(node.name))
        self.name.show_name(node.name)
        summary_ = tr_text(type(node.layer).summary)
        self.about.setText(summary_)
        self.about.setVisible(not node.layer.formula_says_all)
        self.name.setToolTip(summary_)
        if self.form is not None:
            self.form.show_values(node.layer)
        if self.from_reset is not None:
            drawn = drawn_from(self._store.stretch, self._bridge.last)
            begun = drawn.get(node.id, node.layer.initializer)
            self.from_reset.setVisible(begun != node.layer.initializer)
        self._show_problems(self._store.compiled.problems_of(node.id))
        self.facts.show_rows(self._facts_of(node))

    def _show_project(self) -> None:
        if self._shown is not None or self.form is not None:
            self._shown = None
            self._build_form(None)
        project, compiled = self._store.project, self._store.compiled
        many = len(self._store.selection)
        self.name.hide()
        self.title.show()
        self.title.setText(
            self.tr("{count} selected").format(count=many) if many else self.tr("Network")
        )
        self.about.show()
        self.about.setText(self.tr("Select a layer to see what it does and to change it."))
        self._show_problems(compiled.problems)
        info = compiled.info
        rows = [(self.tr("network"), tr_message(summary(compiled.plan)))]
        if info is not None:
            rows += [
                (self.tr("data"), info.name),
                (self.tr("examples"), f"m = {info.m_train:,}"),
                (self.tr("features"), f"n_x = {info.n_x:,}"),
                (self.tr("output"), f"n_y = {info.n_y:,}"),
            ]
        if compiled.plan is not None:
            # As the course counts them: those with weights W.
            rows.append((self.tr("layers"), f"L = {max(compiled.plan.course_numbers.values()):,}"))
        rows.append((self.tr("seed"), f"{project.seed}"))
        self.facts.show_rows(rows)

    def _build_form(self, layer: Layer | None) -> None:
        if self.form is not None:
            self._form_area.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = self.from_reset = None
        if layer is not None and layer.settings():
            self.form = SettingsForm(layer.settings())
            self.form.edited.connect(self._edit)
            self._form_area.addWidget(self.form)
            if layer.initializer is not None:
                words, reset = self.tr("From the next reset on."), partial(self._perform, "reset")
                self.from_reset = self.form.add_note("initializer", words, self.tr("Reset"), reset)

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        told = tuple((p.message, p.fix.label if p.fix else None, p.severity) for p in problems)
        if told == self._told and len(self.problems) == len(problems):
            # The words are the same, but a remedy belongs to the document it was made for.
            self._problems = problems
            return
        self._told, self._problems = told, problems
        for box in self.problems:
            self._problem_area.removeWidget(box)
            box.hide()
            box.deleteLater()
        self.problems = []
        offered: set[object] = set()
        for number, problem in enumerate(problems):
            label = problem.fix.label if problem.fix is not None else None
            box = ProblemBox(
                problem, self._themes, partial(self._mend, number), label not in offered
            )
            offered.add(label)
            self.problems.append(box)
            self._problem_area.addWidget(box)

    def _on_theme(self, *_: object) -> None:
        self._told = ()
        self._show()

    def _facts_of(self, node: Node) -> list[tuple[str, str]]:
        compiled = self._store.compiled
        info = compiled.info
        if node.id == DATA:
            if info is None:
                return [(self.tr("data"), self.tr("none"))]
            targets = ", ".join(info.target_names)
            rows = [
                (self.tr("data set"), info.name),
                ("X", f"({info.n_x:,}, {info.m_train:,})"),
                ("Y", f"({info.n_y:,}, {info.m_train:,})"),
                (self.tr("target"), targets if len(targets) < 40 else f"{targets[:38]}…"),
            ]
            if info.class_names:
                names = ", ".join(info.class_names)
                rows.append((self.tr("classes"), names if len(names) < 60 else f"{names[:58]}…"))
            return rows
        number = compiled.plan.course_layers.get(node.id) if compiled.plan else None
        suffix = "" if number is None else f"{number}"
        sources = self._store.project.network.inputs(node.id)
        known = all(source in compiled.shapes for source in sources)
        place = Place(
            node.layer,
            [self._name_of(source, len(sources) > 1) for source in sources] or ["A_prev"],
            [compiled.shapes[source] for source in sources] if known else [],
            suffix,
        )
        forward = [(tr_message(name), tr_message(value)) for name, value in formulas(place)]
        back = self._way_back(node, place)
        rows = [(self.tr("Forward"), ""), *forward] if back else forward
        shapes = compiled.parameter_shapes.get(node.id, {})
        rows += [(f"{symbol(name)}{suffix}", shape_text(shape)) for name, shape in shapes.items()]
        for name, shape in compiled.statistic_shapes.get(node.id, {}).items():
            label = self.tr("{symbol}, running").format(symbol=symbol(name))
            rows.append((label, shape_text(shape)))
        if node.id != COST:
            output = compiled.shapes.get(node.id)
            if output:
                rows.append((f"A{suffix}", shape_text(output, info.m_train if info else "m")))
            parameters = sum(map(math.prod, shapes.values()))
            rows.append((self.tr("parameters"), f"{parameters:,}"))
        return rows + back

    def _way_back(self, node: Node, place: Place) -> list[tuple[str, str]]:
        """What an update does here, below headings; nothing while the network cannot run."""
        compiled, training = self._store.compiled, self._store.project.training
        plan, info = compiled.plan, compiled.info
        if plan is None or node.id not in plan.consumers:
            return []
        step, output = plan.node(node.id), plan.nodes[-1].inputs[0]
        m = None if info is None else min(training.batch_size or info.m_train, info.m_train)
        of_Z = node.id == output and LOSSES[plan.loss].logits_activation is not None
        joined = f"A{place.number} − Y" if of_Z else ""
        learning = tuple(id in plan.learning for id in step.inputs)
        rows = [(self.tr("Backward"), "")]
        rows += [
            (tr_message(name), tr_message(value))
            for name, value in backward(place, Way(m, step.shape, learning, joined))
        ]
        if node.layer.activation is not None and step.parameter_shapes:
            n = place.number
            rows.append((self.tr("cache"), f"{place.A_prev}, W{n}, b{n}, Z{n}"))
        if len(rows) == 1:
            return []
        learned = [name for name in step.parameter_shapes if f"{node.id}.{name}" not in plan.frozen]
        symbols = [f"{symbol(name)}{place.number}" for name in learned]
        found = update(training, symbols, m)
        if found:
            title = tr_text(OPTIMIZERS[training.optimizer].title)
            rows.append((self.tr("Update: {optimizer}").format(optimizer=title), ""))
        return rows + [(tr_message(name), tr_message(value)) for name, value in found]

    def _name_of(self, source: str, one_of_several: bool) -> str:
        """What feeds a layer, as formulas write it: X, A1, or A_prev where it has no number."""
        if source == DATA:
            return "X"
        plan = self._store.compiled.plan
        number = plan.course_layers.get(source) if plan is not None else None
        if number is not None:
            return f"A{number}"
        return self._store.project.network.node(source).name if one_of_several else "A_prev"

    # --- changing ------------------------------------------------------------------------------

    def _edit(self, name: str, value: object) -> None:
        node = self.node
        if node is None:
            return

        def change(project: Project) -> Project:
            layer = replace(project.network.node(node.id).layer, **{name: value})
            return project.with_network(project.network.set_layer(node.id, layer))

        label = next(s.label for s in node.layer.settings() if s.name == name)
        words = self.tr("{setting} of {layer}").format(
            setting=tr_text(label), layer=tr_text(node.name)
        )
        self._store.edit(change, words, merge_key=f"{node.id}.{name}")

    def _rename(self, name: str) -> bool:
        node = self.node
        if node is None:
            return False
        return self._store.edit(
            lambda project: project.with_network(project.network.rename(node.id, name)),
            self.tr("rename {old} to {new}").format(old=node.name, new=name.strip()),
        )

    def _mend(self, number: int) -> None:
        self._store.mend(self._problems[number])
