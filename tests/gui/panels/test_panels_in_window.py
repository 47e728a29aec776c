"""Toolbar, inspector, training and data panel in the window: what they show, what they change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QStyle, QStyleOptionComboBox

from netbuilder import numbers
from netbuilder.document.model.network import COST, DATA
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.gui.widgets.fields import ChoiceField, NumberField
from netbuilder.gui.widgets.form import SettingsForm
from netbuilder.gui.window.main_window import MainWindow

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


@pytest.fixture
def window(standing_window: MainWindow) -> MainWindow:
    """One for all: every test begins on the flower of the first start."""
    return standing_window


def click(widget) -> None:
    QTest.mouseClick(widget, LEFT)


def enter(field: NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def choose(field: ChoiceField, name: str) -> None:
    """With the keyboard, as the list is typed through."""
    field.setFocus()
    QTest.keyClick(field, KEY.Key_Home)
    for _ in range(field.findData(name)):
        QTest.keyClick(field, KEY.Key_Down)
    assert field.currentData() == name


# --- toolbar -------------------------------------------------------------------------------------


def test_play_from_the_toolbar_and_its_numbers(window, qtbot):
    bar, bridge = window.toolbar, window.bridge
    qtbot.waitUntil(lambda: bar.cost.value.text() == "0.69305")
    assert bar.state.text() == "Ready"
    click(bar.play)
    qtbot.waitUntil(lambda: bridge.running and bridge.last.step > 200)
    qtbot.waitUntil(lambda: bar.state.text() == "Training" and bar.speed.value.text() != "–")
    click(bar.play)
    qtbot.waitUntil(lambda: bar.state.text() == "Paused")
    assert bar.epoch.value.text() == f"{bridge.last.epoch:,}"
    assert bar.cost.value.text() == numbers.cost(bridge.last.cost)
    assert bar.score.value.text().endswith("%")
    assert bar.speed.value.text() == "–"
    assert not bar.left.isVisible()


def test_step_epoch_and_reset_buttons(window, qtbot):
    buttons, bridge = window.toolbar.buttons, window.bridge
    click(buttons["step"])
    qtbot.waitUntil(lambda: bridge.last is not None and bridge.last.step == 1)
    click(buttons["epoch"])
    qtbot.waitUntil(lambda: window.toolbar.epoch.value.text() == "2")
    click(buttons["reset"])
    qtbot.waitUntil(lambda: window.toolbar.epoch.value.text() == "0")
    click(buttons["new_seed"])
    assert window.store.undo_label == "new seed of the network"


def test_the_learning_rate_is_changed_while_it_trains(window, qtbot):
    bar, store = window.toolbar, window.store
    click(bar.play)
    qtbot.waitUntil(lambda: window.bridge.running)
    enter(bar.rate, "3e-1")
    assert store.project.training.learning_rate == 0.3
    assert window.workspaces.panels["training"].how.fields["learning_rate"].text() == "0.3"
    QTest.keyClick(bar.rate, KEY.Key_Up)
    QTest.keyClick(bar.rate, KEY.Key_Up)
    assert store.project.training.learning_rate == 3.0
    assert window.bridge.running
    enter(bar.rate, "1e30")
    assert store.project.training.learning_rate == 3.0
    assert "Still 3." in bar.state.text()
    assert bar.state.property("tone") == "error"
    qtbot.waitUntil(lambda: window.bridge.last.step > 500)
    assert bar.rate.text() == "1e30"
    QTest.keyClick(bar.rate, KEY.Key_Escape)
    assert bar.state.text() == "Training"


def test_changes_of_the_learning_rate_in_a_row_are_one_step_of_undo(window):
    bar, store = window.toolbar, window.store
    before = store.project.training.learning_rate
    enter(bar.rate, "0.4")
    QTest.keyClick(bar.rate, KEY.Key_Down)
    # The field of the panel goes on where the toolbar's left off.
    enter(window.workspaces.panels["training"].how.fields["learning_rate"], "0.2")
    assert store.undo_label == "learning rate of the training"
    store.undo()
    assert store.project.training.learning_rate == before
    assert not store.can_undo


def test_the_rate_in_force_stands_beside_the_setting(window, qtbot):
    bar, store = window.toolbar, window.store
    assert not bar.in_force.isVisible()
    choose(window.workspaces.panels["training"].how.fields["schedule"], "inverse_time")
    enter(window.workspaces.panels["training"].how.fields["period"], "1")
    qtbot.waitUntil(lambda: bar.in_force.value.text() == "1.20")
    click(bar.buttons["step"])
    qtbot.waitUntil(lambda: bar.in_force.value.text() == "0.800")  # 1.2 / (1 + 0.5)
    assert bar.rate.text() == "1.2"
    store.undo()
    store.undo()
    assert not bar.in_force.isVisible()


def test_time_left_where_there_is_an_end(window, qtbot):
    enter(window.workspaces.panels["training"].stops.fields["epochs"], "1000000")
    click(window.toolbar.play)
    qtbot.waitUntil(lambda: window.toolbar.left.isVisible())
    qtbot.waitUntil(lambda: window.toolbar.left.value.text() not in ("–", ""))


def test_a_broken_network_says_so_beside_the_buttons(window):
    window.store.edit(lambda p: p.with_network(p.network.disconnect(p.network.edges)), "cut all")
    assert not window.toolbar.play.isEnabled()
    assert window.toolbar.state.text() == "Cannot train yet"
    window.store.undo()
    assert window.toolbar.play.isEnabled()


def test_regression_shows_r2(window, qtbot, tmp_path):
    path = tmp_path / "line.csv"
    path.write_text("x,y\n" + "".join(f"{i},{2 * i + 0.5}\n" for i in range(40)))
    window.store.replace(
        new_project(DataChoice(source="file", path=str(path), scale="standard"), "1 linear")
    )
    qtbot.waitUntil(lambda: window.toolbar.score.caption.text() == "R²")
    qtbot.waitUntil(lambda: window.toolbar.score.value.text() != "–")


# --- inspector -----------------------------------------------------------------------------------


def test_nothing_selected_shows_the_whole(window):
    assert window.workspaces.panels["inspector"].title.text() == "Network"
    facts = window.workspaces.panels["inspector"].facts.text()
    assert "2-4-1, 17 parameters" in facts
    assert "m = 400" in facts
    assert "seed 2" in facts


def test_a_dense_layer_shows_shapes_formula_and_parameters(window):
    window.store.select(["n1"])
    facts = window.workspaces.panels["inspector"].facts.text()
    for fact in ("Z1 = W1·X + b1,  A1 = g(Z1)", "W1 (4, 2)", "b1 (4, 1)", "A1 (4, 400)"):
        assert fact in facts
    assert "parameters 12" in facts
    window.store.select(["n2"])
    assert "Z2 = W2·A1 + b2" in window.workspaces.panels["inspector"].facts.text()


def test_units_activation_and_name_are_changed_and_the_card_follows(window):
    window.store.select(["n1"])
    inspector, store = window.workspaces.panels["inspector"], window.store
    enter(inspector.form.fields["units"], "6")
    choose(inspector.form.fields["activation"], "relu")
    layer = store.project.network.node("n1").layer
    assert (layer.units, layer.activation) == (6, "relu")
    assert store.undo_label == "activation of Dense 1"
    assert "W1 (6, 2)" in inspector.facts.text()
    assert window.canvas.canvas.cards["n1"].content.units == 6
    inspector.name.setFocus()
    inspector.name.selectAll()
    QTest.keyClicks(inspector.name, "Hidden")
    QTest.keyClick(inspector.name, KEY.Key_Return)
    assert store.project.network.node("n1").name == "Hidden"
    store.undo()
    assert inspector.name.text() == "Dense 1"


def test_a_name_that_is_taken_is_refused_in_the_strip(window):
    window.store.select(["n1"])
    name = window.workspaces.panels["inspector"].name
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "Dense 2")
    QTest.keyClick(name, KEY.Key_Return)
    assert name.text() == "Dense 1"
    assert window.strip.isVisible()
    assert "Dense 2" in window.strip.text.text()


def test_wrong_units_are_refused_beside_the_field(window):
    window.store.select(["n1"])
    for text in ("0", "-3", "1000000000", "four"):
        enter(window.workspaces.panels["inspector"].form.fields["units"], text)
        assert "Still 4." in window.workspaces.panels["inspector"].form.complaint("units")
    assert window.store.project.network.node("n1").layer.units == 4
    assert not window.store.can_undo


def test_data_and_cost_have_their_facts(window):
    window.store.select([DATA])
    assert window.workspaces.panels["inspector"].title.text() == "Data"
    assert "X (2, 400)" in window.workspaces.panels["inspector"].facts.text()
    window.store.select([COST])
    assert "1/m Σ" in window.workspaces.panels["inspector"].facts.text()
    choose(window.workspaces.panels["inspector"].form.fields["loss"], "mse")
    assert window.store.project.network.node(COST).layer.loss == "mse"


def test_a_problem_is_mended_by_its_button(window):
    click(window.workspaces.panels["data"].buttons["iris"])
    network = window.store.project.network
    two = network.set_layer("n2", network.node("n2").layer.with_width(2))
    window.store.edit(lambda project: project.with_network(two), "units of Dense 2")
    assert not window.store.compiled.ok
    boxes = [
        box for box in window.workspaces.panels["inspector"].problems if box.button is not None
    ]
    assert boxes
    window.workspaces.panels["inspector"].grab()
    click(boxes[0].button)
    assert window.store.compiled.ok
    output = window.store.project.network.node("n2").layer
    assert (output.units, output.activation) == (3, "softmax")
    assert window.workspaces.panels["inspector"].problems == [] or all(
        "error" not in box.objectName() for box in window.workspaces.panels["inspector"].problems
    )
    window.store.undo()
    assert not window.store.compiled.ok


# --- training panel ------------------------------------------------------------------------------


def shown(form: SettingsForm) -> set[str]:
    return {name for name, field in form.fields.items() if not field.isHidden()}


def test_beta_is_shown_only_where_it_applies(window):
    form = window.workspaces.panels["training"].how
    assert "beta" not in shown(form)
    for name in OPTIMIZERS:
        choose(form.fields["optimizer"], name)
        assert window.store.project.training.optimizer == name
        assert ("beta" in shown(form)) == (name != "gd")
        assert form.fields["optimizer"].toolTip() == OPTIMIZERS[name].formula
    window.store.undo()
    assert "beta" not in shown(form)


def test_decay_and_period_are_shown_with_the_schedules_that_use_them(window):
    form = window.workspaces.panels["training"].how
    assert not {"decay", "period"} & shown(form)
    assert "warmup" in shown(form)
    for name, schedule in SCHEDULES.items():
        choose(form.fields["schedule"], name)
        assert window.store.project.training.schedule == name
        assert {"decay", "period"} & shown(form) == set(schedule.uses)
        assert form.fields["schedule"].toolTip() == schedule.formula


def test_the_order_of_mini_batches_is_shown_where_there_are_any(window):
    form = window.workspaces.panels["training"].how
    assert "order_seed" not in shown(form)
    enter(form.fields["batch_size"], "64")
    assert "order_seed" in shown(form)
    enter(form.fields["order_seed"], "11")
    assert window.store.project.training.order_seed == 11
    enter(form.fields["order_seed"], "own")
    assert window.store.project.training.order_seed == 0


def test_the_courses_points_are_a_click_and_have_their_size_and_noise(window):
    panel = window.workspaces.panels["data"]
    names = [*panel.buttons]
    assert names[0] == "file"
    assert names[-3:] == ["course_circles", "course_moons", "course_spiral"]
    panel.buttons["course_circles"].click()
    assert {"examples", "noise", "seed"} <= shown(panel.form)
    dataset = window.store.compiled.info
    assert (dataset.name, dataset.m) == ("course_circles", 400)


def test_a_regression_has_no_class_weights(window, tmp_path):
    form = window.workspaces.panels["training"].regular
    assert "class_weights" in shown(form)
    path = tmp_path / "line.csv"
    path.write_text("x,y\n" + "".join(f"{i},{2 * i + 0.5}\n" for i in range(40)))
    window.store.replace(new_project(DataChoice(source="file", path=str(path)), "1 linear"))
    assert shown(form) == {"l2", "l1", "clip_norm"}


def test_every_training_setting_has_a_field_that_follows(window):
    panel, store = window.workspaces.panels["training"], window.store
    enter(panel.how.fields["batch_size"], "32")
    enter(panel.how.fields["warmup"], "2.5")
    choose(panel.how.fields["schedule"], "step")
    enter(panel.how.fields["decay"], "0.3")
    enter(panel.how.fields["period"], "40")
    enter(panel.regular.fields["l2"], "0.7")
    enter(panel.regular.fields["l1"], "0.01")
    enter(panel.regular.fields["clip_norm"], "5")
    choose(panel.regular.fields["class_weights"], "balanced")
    enter(panel.stops.fields["epochs"], "500")
    enter(panel.stops.fields["target_cost"], "0.2")
    enter(panel.stops.fields["patience"], "20")
    enter(panel.stops.fields["evaluate_every"], "5")
    enter(panel.seed.fields["seed"], "7")
    training = store.project.training
    assert (training.batch_size, training.l2, training.epochs) == (32, 0.7, 500)
    assert (training.target_cost, training.patience, training.evaluate_every) == (0.2, 20, 5)
    assert (training.schedule, training.decay, training.period) == ("step", 0.3, 40)
    assert (training.warmup, training.l1, training.clip_norm) == (2.5, 0.01, 5.0)
    assert training.class_weights == "balanced"
    assert store.project.seed == 7
    enter(panel.how.fields["warmup"], "none")
    enter(panel.regular.fields["clip_norm"], "never")
    assert (store.project.training.warmup, store.project.training.clip_norm) == (0.0, 0.0)
    enter(panel.how.fields["batch_size"], "all")
    assert store.project.training.batch_size == 0


def test_every_choice_can_be_read_in_full(window):
    """In a window of 1280 by 720, where the panel scrolls."""
    panel = window.workspaces.panels["training"]
    for form in (panel.how, panel.regular):
        for field in form.fields.values():
            if isinstance(field, ChoiceField):
                option = QStyleOptionComboBox()
                field.initStyleOption(option)
                room = field.style().subControlRect(
                    QStyle.ComplexControl.CC_ComboBox,
                    option,
                    QStyle.SubControl.SC_ComboBoxEditField,
                    field,
                )
                for index in range(field.count()):
                    words = field.itemText(index)
                    assert field.fontMetrics().horizontalAdvance(words) <= room.width(), words


# --- data panel ----------------------------------------------------------------------------------


def test_a_set_is_chosen_by_its_picture(window, qtbot):
    buttons = window.workspaces.panels["data"].buttons
    assert buttons["flower"].isChecked()
    click(buttons["spirals"])
    assert window.store.project.data.source == "spirals"
    assert buttons["spirals"].isChecked()
    assert not buttons["flower"].isChecked()
    click(buttons["spirals"])
    assert buttons["spirals"].isChecked()
    assert window.store.undo_label == "data set Spirals"
    window.store.undo()
    assert buttons["flower"].isChecked()


def test_pictures_are_painted_from_the_real_points(window):
    pictures = {
        name: button.grab().toImage()
        for name, button in window.workspaces.panels["data"].buttons.items()
    }
    assert all(
        button.table is not None
        for name, button in window.workspaces.panels["data"].buttons.items()
        if not button.icon_name
    )
    names = [name for name in pictures if name != "file"]
    assert all(pictures[a] != pictures[b] for i, a in enumerate(names) for b in names[i + 1 :])


def test_size_noise_scaling_and_split(window):
    form, store = window.workspaces.panels["data"].form, window.store
    enter(form.fields["examples"], "200")
    enter(form.fields["noise"], "2")
    enter(form.fields["seed"], "3")
    choose(form.fields["scale"], "standard")
    enter(form.fields["validation"], "0.25")
    enter(form.fields["test"], "0.25")
    data, dataset = store.project.data, store.dataset
    assert (data.examples, data.noise, data.seed, data.scale) == (200, 2.0, 3, "standard")
    assert (dataset.train.m, dataset.validation.m, dataset.test.m) == (100, 50, 50)
    assert dataset.scaling is not None


def test_a_split_that_leaves_nothing_is_refused_and_the_old_one_stays(window):
    form, store = window.workspaces.panels["data"].form, window.store
    enter(form.fields["validation"], "0.6")
    enter(form.fields["test"], "0.6")
    assert store.project.data.test == 0.0
    assert form.fields["test"].text() == "0"
    assert window.strip.isVisible()


def test_only_toy_sets_have_a_size_and_noise(window):
    form = window.workspaces.panels["data"].form
    click(window.workspaces.panels["data"].buttons["iris"])
    assert not form.fields["examples"].isVisible()
    assert not form.fields["noise"].isVisible()
    assert form.fields["scale"].isVisible()
    click(window.workspaces.panels["data"].buttons["moons"])
    assert form.fields["examples"].isVisible()


def test_the_target_of_an_own_file_can_be_chosen_again(window, tmp_path, imported):
    path = tmp_path / "a.csv"
    path.write_text("p,q,kind\n" + "".join(f"{i},{i % 2},{'ab'[i % 2]}\n" for i in range(20)))
    imported(window, path).accept()
    target: QComboBox = window.workspaces.panels["data"].target
    assert target.isVisible()
    assert target.currentText() == "kind"
    target.setFocus()
    QTest.keyClick(target, KEY.Key_Up)
    assert window.store.project.data.roles.targets == ("q",)
    assert window.findChildren(QLabel)
