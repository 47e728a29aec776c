"""The panel of examples: the order, choosing by mouse and keys, images, cells, the loss curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.gui.panels.examples.panel import ExamplesPanel
from netbuilder.lens.cases import Example
from netbuilder.lens.mistakes import Sight, rows_of

LEFT, Key = Qt.MouseButton.LeftButton, Qt.Key


@pytest.fixture
def panel(stage: Any, iris: Project) -> ExamplesPanel:
    at = stage(iris)
    at.bridge.train(15)
    return at.panel(ExamplesPanel, 620, 240)


def click(panel: ExamplesPanel, number: int) -> None:
    place = panel.gallery.place_of(number).center().toPoint()
    QTest.mouseClick(panel.gallery.viewport(), LEFT, pos=place)
    panel.look_now()


def pick(box: Any, number: int) -> None:
    """As a user does with the keyboard."""
    box.setFocus()
    QTest.keyClick(box, Key.Key_Home)
    for _ in range(number):
        QTest.keyClick(box, Key.Key_Down)


def test_the_worst_mistakes_come_first_with_their_columns(panel: ExamplesPanel) -> None:
    look, items = panel.cursor_.look(), panel.gallery.items
    rows = rows_of(look, Sight())
    assert len(rows) > 2 and items.rows.tolist() == rows.tolist()
    row = int(rows[0])
    cells = panel.gallery._cells(items, row)
    names = look.dataset.info.class_names
    Y_hat = look.prediction().Y_hat[row]
    assert cells[:3] == (
        f"{row + 1}",
        names[int(look.dataset.train.Y[row].argmax())],
        names[int(Y_hat.argmax())],
    )
    raw = look.dataset.scaling.undo(look.dataset.train.X[row])
    assert [float(cell) for cell in cells[4:]] == pytest.approx(raw.tolist(), abs=0.01)
    assert panel.count.text() == f"{len(rows)} of {look.dataset.train.m}"


def test_a_click_chooses_a_row_and_a_second_one_lets_go(panel: ExamplesPanel) -> None:
    rows, examples = panel.gallery.items.rows, panel.examples
    before = panel.gallery.viewport().grab().toImage()
    click(panel, 1)
    assert examples.chosen == Example("train", int(rows[1]))
    at = panel.gallery.place_of(1).toRect()
    edge = at.left() + at.width() // 2, at.top() + 1
    after = panel.gallery.viewport().grab().toImage()
    assert after.pixelColor(*edge) != before.pixelColor(*edge)
    click(panel, 1)
    assert examples.chosen is None


def test_arrow_keys_go_through_the_gallery(panel: ExamplesPanel) -> None:
    rows, examples, gallery = panel.gallery.items.rows, panel.examples, panel.gallery
    gallery.setFocus()
    QTest.keyClick(gallery, Key.Key_Down)
    assert examples.chosen == Example("train", int(rows[0]))
    QTest.keyClick(gallery, Key.Key_Down)
    QTest.keyClick(gallery, Key.Key_Right)
    assert examples.chosen == Example("train", int(rows[2]))
    QTest.keyClick(gallery, Key.Key_Up)
    assert examples.chosen == Example("train", int(rows[1]))
    QTest.keyClick(gallery, Key.Key_Escape)
    assert examples.chosen is None


def test_all_examples_of_the_validation_part(panel: ExamplesPanel) -> None:
    pick(panel.which, 1)
    pick(panel.part, 1)
    panel.look_now()
    m = panel.store.dataset.validation.m
    assert panel.gallery.items.rows.tolist() == list(range(m))
    assert panel.count.text() == f"{m} of {m}"
    click(panel, 2)
    assert panel.examples.chosen == Example("validation", 2)
    # What is chosen stays in sight.
    QTest.keyClick(panel.gallery, Key.Key_Up)
    for _ in range(m - 2):
        QTest.keyClick(panel.gallery, Key.Key_Down)
    panel.look_now()
    assert panel.examples.chosen == Example("validation", m - 1)
    place = panel.gallery.place_of(m - 1)
    assert panel.gallery.viewport().rect().contains(place.toRect())


def test_a_cell_that_is_brought_is_what_it_shows(panel: ExamplesPanel) -> None:
    counts = panel.cursor_.look().confusion()
    cell = next((r, c) for r, c in np.argwhere(counts > 0).tolist() if r != c)
    panel.examples.bring(Sight(cell=cell))
    panel.look_now()
    assert len(panel.gallery.items.rows) == counts[cell]
    names = panel.store.dataset.info.class_names
    assert panel.which.currentText() == f"{names[cell[0]]} taken for {names[cell[1]]}"
    pick(panel.which, 0)
    panel.look_now()
    assert len(panel.gallery.items.rows) == counts.sum() - np.diag(counts).sum()
    assert panel.which.count() == 2, "the cell is no longer offered"


def test_the_loss_of_the_chosen_one_lies_on_its_curve(panel: ExamplesPanel) -> None:
    assert not panel.likelihood.isVisible()
    click(panel, 0)
    view, case = panel.likelihood, panel.examples.case(panel.cursor_.look())
    assert view.isVisible()
    p = float(case.Y_hat[int(case.y.argmax())])
    assert (view.curve.at, view.curve.loss) == pytest.approx((p, -np.log(p)), rel=1e-4)
    at = view.place(p, -np.log(p)).toPoint()
    color = view.grab().toImage().pixelColor(at)
    assert color.name() == panel.themes.theme.accent
    assert f"likelihood {p:.3}" in view.words.replace("\u2212", "-")
    panel.resize(300, 240)
    panel.look_now()
    assert not view.isVisible(), "there is no room for it"


def test_where_nothing_is_wrong_that_is_said(stage: Any) -> None:
    choice = DataChoice(source="gaussians", examples=20, noise=0.2)
    at = stage(templates.new_project(choice, "1 sigmoid"))
    at.bridge.train(300)
    panel = at.panel(ExamplesPanel)
    assert panel.nothing.isVisible() and not panel.gallery.isVisible()
    assert panel.nothing.text() == "No example of this part is predicted wrong."


def test_images_are_shown_as_images(stage: Any) -> None:
    at = stage(templates.new_project(DataChoice(source="digits"), "10 softmax"))
    at.bridge.train(1)
    panel = at.panel(ExamplesPanel, 330, 206)
    gallery, train = panel.gallery, at.store.dataset.train
    assert gallery.columns > 3
    row = int(gallery.items.rows[1])
    place, ink = gallery.place_of(1), gallery.items.style.share(train.X[row])
    picture = gallery.viewport().grab().toImage()
    top = place.top() + 2
    left = place.center().x() - 23
    pixel = 46 / 8

    def seen(y: int, x: int) -> int:
        return picture.pixelColor(
            round(left + (x + 0.5) * pixel), round(top + (y + 0.5) * pixel)
        ).lightness()

    dark = np.argwhere(ink > 0.95)[0]
    pale = np.argwhere(ink == 0)[0]
    assert seen(*dark) < 80 < 200 < seen(*pale)
    click(panel, 1)
    assert panel.examples.chosen == Example("train", row)
    gallery.setFocus()
    QTest.keyClick(gallery, Key.Key_Down)
    assert panel.examples.chosen.row == gallery.items.rows[1 + gallery.columns]


def test_of_numbers_the_largest_errors_come_first(stage: Any, plane: Project) -> None:
    at = stage(plane)
    at.bridge.train(3)
    panel = at.panel(ExamplesPanel, 620, 240)
    assert panel.which.currentText() == "Largest errors"
    items, seen = panel.gallery.items, panel.cursor_.look().prediction()
    away = np.abs(seen.Y_hat - seen.part.Y).ravel()
    assert away[items.rows[0]] == away.max()
    click(panel, 0)
    curve = panel.likelihood.curve
    assert curve.likelihood is None
    assert curve.loss == pytest.approx((curve.at - curve.true) ** 2 / 2, rel=1e-4)


@pytest.mark.parametrize("size", [np.nan, 1e38])
def test_a_network_that_diverged_is_shown_too(stage: Any, plane: Project, size: float) -> None:
    at = stage(plane)
    at.bridge.show_weights(n1_b=np.full((4, 1), 1.0), n2_W=np.full((1, 4), size))
    panel = at.panel(ExamplesPanel, 620, 240)
    click(panel, 0)
    assert panel.examples.chosen is not None
    assert not panel.sentence and panel.likelihood.isVisible()
    panel.likelihood.grab()
    at = stage()
    at.bridge.show_weights(n2_b=[[size]])
    panel = at.panel(ExamplesPanel, 620, 240)
    click(panel, 0)
    assert not panel.sentence and panel.likelihood.isVisible()
    panel.likelihood.grab()
