"""The panel that predicts, by hand: the answer is the network's own, for every kind of data."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from netbuilder import numbers
from netbuilder.data.reading import Reading
from netbuilder.data.table import Table
from netbuilder.document import templates
from netbuilder.document.check.defaults import suited_data
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.engine.program import Program
from netbuilder.exchange.trained import Trained
from netbuilder.gui.panels.predict.form import NumberRow, WordChoice
from netbuilder.gui.panels.predict.panel import PredictPanel
from netbuilder.gui.theme.colours import LIGHT

KEY, LEFT, NONE = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SMALL = (276, 248)


def texts(panel: PredictPanel) -> dict[str, str]:
    return {bar.name: bar.text for bar in panel.bars.bars}


def look(panel: PredictPanel) -> None:
    panel.qtbot.waitUntil(lambda: not panel.stale)


def expected(stage, X) -> np.ndarray:
    """Ŷ (n_y,) of raw features, by the engine alone, in the targets' own units."""
    store, weights = stage.store, stage.bridge.last.weights
    dataset = store.dataset
    X = np.array([X], float)
    scaled = X if dataset.scaling is None else dataset.scaling.apply(X)
    program = Program(store.compiled.plan, dtype="float32", weights=weights)
    return dataset.in_units(program.predict(scaled))[0]


def mixed() -> Project:
    rows = [[40 + 0.5 * (k % 9), k % 3, k % 2] for k in range(60)]
    rows[7][1] = np.nan
    words = {"island": ("Biscoe", "Dream", "Torgersen"), "kind": ("small", "large")}
    table = Table(np.array(rows), ("bill", "island", "kind"), words, ("kind",), name="birds")
    choice = DataChoice(source=FILE, path="b.npz", table=table, scale="standard")
    return templates.new_project(choice, "4 tanh, 1 sigmoid")


def prices() -> Project:
    rows = [[k % 7, k, 350_000 + 1000 * k] for k in range(40)]
    table = Table(np.array(rows, float), ("rooms", "area", "price"), targets=("price",), name="p")
    choice = DataChoice(
        source=FILE, path="p.npz", table=table, scale="standard", target_scale="standard"
    )
    return templates.new_project(choice, "1 linear")


@pytest.fixture
def open_panel(stage, qtbot):
    def make(project: Project | None = None, epochs: int = 20, size=SMALL):
        on = stage(project)
        on.bridge.train(epochs)
        panel = on.panel(PredictPanel, *size)
        panel.qtbot = qtbot
        return on, panel

    return make


def test_sliders_ask_the_network(open_panel):
    stage, panel = open_panel()
    first, second = panel.form.rows
    assert panel.form.values == [column.typical for column in panel.form.columns]
    before = texts(panel)
    first.slider.setFocus()
    QTest.keyClick(first.slider, KEY.Key_End)
    look(panel)
    assert panel.form.values[0] == pytest.approx(stage.store.dataset.train.X[:, 0].max(), abs=0.01)
    assert first.field.text() == f"{panel.form.values[0]:.2f}"
    (p,) = expected(stage, panel.form.values)
    assert texts(panel) == {"0": numbers.percent(1 - p), "1": numbers.percent(p)} != before
    assert panel.verdict.text() == str(int(p > 0.5))
    second.field.setFocus()
    second.field.selectAll()
    QTest.keyClicks(second.field, "-1,5")
    QTest.keyClick(second.field, KEY.Key_Up)
    look(panel)
    assert panel.form.values[1] == -1.49
    (p,) = expected(stage, panel.form.values)
    assert texts(panel)["1"] == numbers.percent(p)


def test_what_is_no_number_is_marked_and_the_last_one_stays(open_panel):
    _stage, panel = open_panel()
    field = panel.form.rows[0].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "3x")
    assert field.property("invalid") and panel.form.values[0] == 3.0
    panel.form.rows[1].field.setFocus()
    assert not field.property("invalid") and field.text() == "3.00"


def test_words_and_missing_values_are_seen_as_the_data_is(open_panel):
    stage, panel = open_panel(mixed())
    bill, island = panel.form.rows
    assert isinstance(bill, NumberRow) and isinstance(island, WordChoice)
    assert [island.itemText(k) for k in range(3)] == ["Biscoe", "Dream", "Torgersen"]
    island.setFocus()
    for key, hot in ((KEY.Key_Home, [1, 0, 0]), (KEY.Key_Down, [0, 1, 0])):
        QTest.keyClick(island, key)
        look(panel)
        (p,) = expected(stage, [panel.form.values[0], *hot])
        assert texts(panel)["large"] == numbers.percent(p)
    QTest.keyClick(island, KEY.Key_End)
    bill.field.setFocus()
    bill.field.selectAll()
    QTest.keyClick(bill.field, KEY.Key_Delete)
    look(panel)
    assert panel.form.values == [None, None]
    fills = [column.fill for column in stage.store.dataset.inputs]
    (p,) = expected(stage, [fills[0], *np.eye(3)[int(fills[1])]])
    assert texts(panel)["large"] == numbers.percent(p)
    assert bill.field.placeholderText() == "missing"


def test_numbers_come_in_their_own_units(open_panel):
    stage, panel = open_panel(prices(), 200)
    (price,) = expected(stage, panel.form.values)
    assert panel.verdict.text() == f"price = {numbers.number(price, 5)}"
    assert 300_000 < price < 400_000
    (bar,) = panel.bars.bars
    assert (bar.name, bar.text) == ("350,000", "389,000")
    assert bar.share == pytest.approx((price - 350_000) / 39_000, abs=1e-3)


def test_an_example_of_the_data_comes_with_its_truth(open_panel, iris):
    stage, panel = open_panel(iris)
    dataset = stage.store.dataset
    part = dataset.validation if dataset.validation.m else dataset.train
    raw = part.X if dataset.scaling is None else dataset.scaling.undo(part.X)
    seen = set()
    for _ in range(3):
        QTest.mouseClick(panel.example, LEFT)
        look(panel)
        row = int(np.abs(raw - panel.form.values).sum(axis=1).argmin())
        np.testing.assert_allclose(raw[row], panel.form.values)
        name = dataset.info.class_names[int(part.Y[row].argmax())]
        assert panel.truth.text() == f"in truth {name}"
        seen.add(row)
    assert len(seen) == 3
    QTest.keyClick(panel.form.rows[0].field, KEY.Key_Up)
    assert panel.truth.text() == ""
    QTest.mouseClick(panel.typical, LEFT)
    assert panel.form.values == [column.typical for column in panel.form.columns]


def test_the_answer_follows_the_training_and_the_moment_at_rest(open_panel):
    stage, panel = open_panel()
    stage.bridge.train(200)
    look(panel)
    late = texts(panel)
    first = stage.bridge.last
    stage.bridge.train(1)
    look(panel)
    assert texts(panel) != late
    stage.cursor.rest_at(first)
    look(panel)
    assert texts(panel) == late


def test_the_form_stays_as_it_is_with_more_examples_and_begins_anew_with_other_data(open_panel):
    stage, panel = open_panel()
    field = panel.form.rows[0].field
    QTest.keyClick(field, KEY.Key_Up)
    kept, rows = list(panel.form.values), list(panel.form.rows)
    store = stage.store
    store.choose(lambda old: DataChoice(source="flower", examples=200), "fewer")
    stage.bridge.train(1)
    look(panel)
    assert panel.form.values == kept and panel.form.rows == rows
    store.choose(lambda old: DataChoice(source="iris"), "iris")
    stage.bridge.train(1)
    look(panel)
    assert len(panel.form.rows) == 4
    assert panel.form.values == [column.typical for column in panel.form.columns]


def test_a_network_that_diverged_gives_no_answer(open_panel):
    stage, panel = open_panel()
    shapes = stage.store.compiled.plan.parameters
    stage.bridge.show_weights(
        **{k.replace(".", "_"): np.full(s, np.nan) for k, s in shapes.items()}
    )
    look(panel)
    assert panel.verdict.text() == "–" and set(texts(panel).values()) == {"–"}
    assert not any(bar.chosen for bar in panel.bars.bars)
    QTest.mouseClick(panel.file.button, LEFT)
    assert "not finite" in panel.file.told.text()


def test_of_very_many_columns_the_first_have_rows(open_panel):
    x = np.random.RandomState(1).randn(40, 71)
    names = (*(f"c{k}" for k in range(70)), "y")
    table = Table(x, names, targets=("y",), name="wide")
    wide = DataChoice(source=FILE, path="w.npz", table=table)
    stage, panel = open_panel(templates.new_project(wide, "1 linear"))
    panel.qtbot.waitUntil(lambda: len(panel.form.rows) == 60)
    assert "10 more columns" in panel.form._rest.text()
    QTest.mouseClick(panel.example, LEFT)
    look(panel)
    row = int(np.abs(x[:, :70] - panel.form.values).sum(axis=1).argmin())
    np.testing.assert_allclose(panel.form.values, x[row, :70], rtol=1e-8)
    (y,) = expected(stage, panel.form.values)
    assert panel.verdict.text() == f"y = {numbers.number(y, 5)}"


def test_nothing_is_computed_unseen_or_unchanged(open_panel, monkeypatch):
    stage, panel = open_panel()
    answers = []
    kind = type(stage.cursor.look())
    answer = kind.answer
    monkeypatch.setattr(kind, "answer", lambda self, x: answers.append(1) or answer(self, x))
    panel.hide()
    stage.bridge.publish(stage.bridge.last)
    QApplication.processEvents()
    assert not answers
    computed = []
    predicted = kind._predicted
    monkeypatch.setattr(
        kind, "_predicted", lambda self, X: computed.append(1) or predicted(self, X)
    )
    panel.show()
    look(panel)
    stage.bridge.publish(stage.bridge.last)
    look(panel)
    assert answers and not computed


# --- drawing ---------------------------------------------------------------------------------


def digits() -> Project:
    return templates.new_project(
        DataChoice(source="digits", scale="standard", validation=0.2), "16 relu, 10 softmax"
    )


def draw(field, points) -> None:
    """A stroke with the mouse; points from 0 to 1 of the paper."""
    paper = field._paper()
    at = [
        QPointF(paper.left() + x * paper.width(), paper.top() + y * paper.height())
        for x, y in points
    ]
    QTest.mousePress(field, LEFT, NONE, at[0].toPoint())
    for point in at[1:]:
        place = field.mapToGlobal(point)
        move = QMouseEvent(QEvent.Type.MouseMove, point, place, Qt.MouseButton.NoButton, LEFT, NONE)
        QApplication.sendEvent(field, move)
    QTest.mouseRelease(field, LEFT, NONE, at[-1].toPoint())


def test_a_drawn_digit_is_answered_as_the_command_answers_it(open_panel, tmp_path):
    stage, panel = open_panel(digits(), 3, (276, 300))
    draw(panel.drawing, [(0.3, 0.3), (0.7, 0.3), (0.5, 0.8)])
    look(panel)
    pixels = panel.drawing.pixels()
    assert 0.1 < pixels.mean() < 0.5 and panel.truth.text() == ""
    trained = Trained.of(stage.store.compiled.plan, stage.bridge.last.weights, stage.store.dataset)
    names = [column.name for column in stage.store.dataset.inputs]
    source = tmp_path / "one.csv"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([names, pixels.tolist()])
    out = tmp_path / "out.csv"
    panel.file.begin(source, out, trained, "float32", Reading(header="yes", delimiter=","))
    panel.qtbot.waitUntil(lambda: not panel.file.busy)
    with out.open(newline="") as file:
        header, row = list(csv.reader(file))
    found = dict(zip(header, row, strict=True))
    assert found["prediction"] == panel.verdict.text()
    for name, text in texts(panel).items():
        assert text == numbers.percent(float(found[f"probability {name}"]))


def test_a_stroke_over_an_example_begins_anew_and_clear_empties_the_field(open_panel):
    stage, panel = open_panel(digits(), 1, (276, 300))
    dataset = stage.store.dataset
    first = panel.drawing.pixels()
    assert np.abs(dataset.scaling.undo(dataset.validation.X) - first).sum(axis=1).min() < 1e-6
    assert panel.truth.text().startswith("in truth ")
    QTest.mouseClick(panel.example, LEFT)
    look(panel)
    assert not np.array_equal(panel.drawing.pixels(), first)
    draw(panel.drawing, [(0.5, 0.2), (0.5, 0.8)])
    look(panel)
    upright = panel.drawing.pixels().reshape(8, 8)
    assert (upright[:, :2] == 0).all() and upright[:, 3:5].max() > 0.5
    draw(panel.drawing, [(0.2, 0.5), (0.8, 0.5)])
    look(panel)
    assert panel.drawing.pixels().sum() > upright.sum()
    QTest.mouseClick(panel.clear, LEFT)
    look(panel)
    assert panel.drawing.empty
    assert set(texts(panel).values()) == {""}


def test_what_is_drawn_is_painted_where_the_mouse_was(open_panel):
    _stage, panel = open_panel(digits(), 1, (276, 300))
    draw(panel.drawing, [(0.5, 0.2), (0.5, 0.8)])
    look(panel)
    picture: QImage = panel.drawing.grab().toImage()
    paper = panel.drawing._paper()
    ink, beside = (
        picture.pixelColor(QPoint(int(paper.left() + x * paper.width()), int(paper.center().y())))
        for x in (0.5, 0.15)
    )
    assert ink == LIGHT.color("text")
    assert beside.lightness() > 200
    seen = panel.seen_as.grab().toImage()
    assert seen.pixelColor(15, 15).lightness() < 150 < seen.pixelColor(4, 15).lightness()


def arc(x, y, wide, high, start, end):
    steps = [start + (end - start) * k / 20 for k in range(21)]
    return [(x + wide * math.cos(a), y + high * math.sin(a)) for a in steps]


HALF = math.pi / 2
DIGITS = (
    [arc(0.5, 0.5, 0.22, 0.35, 0, 4 * HALF)],
    [[(0.5, 0.15), (0.5, 0.85)]],
    [[*arc(0.5, 0.35, 0.2, 0.2, -2 * HALF, 0.3), (0.3, 0.85), (0.72, 0.85)]],
    [arc(0.45, 0.32, 0.2, 0.17, -2.6, HALF) + arc(0.45, 0.67, 0.22, 0.18, -HALF, 2.6)],
    [[(0.55, 0.15), (0.25, 0.6), (0.78, 0.6)], [(0.6, 0.4), (0.6, 0.88)]],
    [[(0.7, 0.15), (0.35, 0.15), (0.33, 0.45), *arc(0.48, 0.65, 0.22, 0.2, -2.2, 2.4)]],
    [[(0.6, 0.12), (0.42, 0.35), *arc(0.5, 0.65, 0.2, 0.2, -2 * HALF, 2 * HALF)]],
    [[(0.25, 0.15), (0.72, 0.15), (0.45, 0.85)]],
    [
        arc(0.5, 0.32, 0.16, 0.16, HALF, 5 * HALF) + arc(0.5, 0.66, 0.2, 0.18, -HALF, 3 * HALF),
    ],
    [[*arc(0.5, 0.33, 0.18, 0.18, 0, 4 * HALF), (0.68, 0.5), (0.6, 0.88)]],
)


@pytest.mark.parametrize("size", [1.0, 0.5])
def test_digits_by_hand_are_recognised(stage, size):
    data = suited_data(DataChoice(source="digits"))
    on = stage(templates.new_project(data, "64 relu, 10 softmax"))
    on.bridge.train(8, optimizer="adam", learning_rate=0.01, batch_size=32)
    panel = on.panel(PredictPanel, 276, 300)
    found = []
    for strokes in DIGITS:
        QTest.mouseClick(panel.clear, LEFT)
        for stroke in strokes:
            draw(panel.drawing, [(size * x, size * y) for x, y in stroke])
        on.qtbot.waitUntil(lambda: not panel.stale)
        found.append(panel.verdict.text())
    right = sum(name == str(digit) for digit, name in enumerate(found))
    assert right >= 9, found


# --- a file ----------------------------------------------------------------------------------


def test_a_file_is_predicted_from_the_button(open_panel, tmp_path, monkeypatch):
    _stage, panel = open_panel()
    source = tmp_path / "points.csv"
    source.write_text("name,x2,x1\nA,1.5,0.5\nB,,2\n")
    answers = iter([str(source), str(tmp_path / "out")])
    for ask in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_: (next(answers), ""))
    QTest.mouseClick(panel.file.button, LEFT)
    panel.qtbot.waitUntil(lambda: bool(panel.file.told.text()))
    assert panel.file.told.isVisible() and not panel.file.bar.isVisible()
    assert panel.file.told.text().startswith(f"2 predictions are in {tmp_path / 'out.csv'}.")
    assert "no value for 'x2'" in panel.file.told.text()
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "name,x2,x1,prediction,probability 0,probability 1"
    assert lines[1].startswith("A,1.5,0.5,") and lines[2].startswith("B,,2,")


def test_what_is_wrong_with_a_file_is_said_in_the_panel(open_panel, tmp_path, monkeypatch):
    _stage, panel = open_panel()
    source = tmp_path / "points.csv"
    source.write_text("a,b\n1,2\n")
    answers = iter([str(source), str(tmp_path / "out.csv")])
    for ask in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_: (next(answers), ""))
    QTest.mouseClick(panel.file.button, LEFT)
    panel.qtbot.waitUntil(lambda: bool(panel.file.told.text()))
    assert "no column 'x1'" in panel.file.told.text()
    assert panel.file.told.property("tone") == "error"
    assert not (tmp_path / "out.csv").exists()


def test_cancel_leaves_no_file(open_panel, tmp_path):
    stage, panel = open_panel()
    source = tmp_path / "points.csv"
    source.write_text("x1,x2\n" + "1,2\n" * 200_000)
    store = stage.store
    trained = Trained.of(store.compiled.plan, stage.bridge.last.weights, store.dataset)
    panel.file.begin(source, tmp_path / "out.csv", trained, "float32", Reading())
    assert panel.file.cancel_button.isVisible() and not panel.file.button.isEnabled()
    QTest.mouseClick(panel.file.cancel_button, LEFT)
    panel.qtbot.waitUntil(lambda: not panel.file.busy)
    assert [path.name for path in tmp_path.iterdir()] == ["points.csv"]
    assert panel.file.button.isEnabled() and not panel.file.isVisible()
