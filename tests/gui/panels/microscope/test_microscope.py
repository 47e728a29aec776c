"""The microscope in its panel: stepping by buttons and keys, following a number by the mouse."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from latex2mathml.converter import convert
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.program import Program
from netbuilder.engine.stops import Quantity
from netbuilder.gui.panels.microscope.panel import MicroscopePanel
from netbuilder.gui.panels.microscope.sentence import tokens
from netbuilder.gui.store import Store
from netbuilder.lens.inside import inside

IMAGES = "reshape 1x8x8, conv 2 3x3 relu, max pool 2, flatten, layer norm, dropout 0.2, 10 softmax"
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


Open = Callable[..., MicroscopePanel]


@pytest.fixture
def microscope(stage: Any, qtbot: Any) -> Iterator[Open]:
    """Opens it on a project, so many updates old; at the end its threads are ended."""
    stages = []

    def open_(project: Project | None = None, updates: int = 0, said: str = "") -> MicroscopePanel:
        at = stage(project)
        stages.append(at)
        if updates:
            at.bridge.train(updates)
        panel = at.panel(MicroscopePanel, 980, 380)
        if said:
            qtbot.waitUntil(lambda: said in panel.sentence, timeout=20_000)
        else:
            qtbot.waitUntil(lambda: panel.inside is not None and panel.ready, timeout=20_000)
        return panel

    yield open_
    for at in stages:
        at.bridge.closed.emit()


@pytest.fixture
def flower(microscope: Open) -> MicroscopePanel:
    """On the flower, three updates old."""
    return microscope(updates=3)


def name(panel: MicroscopePanel) -> str:
    assert panel.stop is not None
    return str(panel.stop.result.name)


def number_of(panel: MicroscopePanel, quantity: Quantity, *at: int) -> QPoint:
    place = panel.page.place_of(quantity, at)
    assert place is not None
    return place.toPoint()


def test_one_whole_update_and_back_by_buttons(flower: MicroscopePanel) -> None:
    seen = [name(flower)]
    while flower.buttons["on"].isEnabled():
        QTest.mouseClick(flower.buttons["on"], LEFT)
        seen.append(name(flower))
    assert " ".join(seen) == (
        "Z[1] A[1] Z[2] A[2] L J dA[2] dZ[2] dW[2] db[2] dA[1] dZ[1] dW[1] db[1] "
        "W[1] b[1] W[2] b[2]"
    )
    back = [name(flower)]
    while flower.buttons["back"].isEnabled():
        QTest.mouseClick(flower.buttons["back"], LEFT)
        back.append(name(flower))
    assert back == seen[::-1]


def test_its_numbers_are_those_of_the_update_that_comes(flower: MicroscopePanel) -> None:
    panel = flower
    assert panel.inside is not None
    told = {
        f"{stop.node}.{stop.result.name.text}": stop.result.values
        for stop in panel.inside.stops
        if stop.phase == "update"
    }
    after = panel.bridge.train(4).weights
    assert told.keys() == after.keys()
    for key, values in after.items():
        np.testing.assert_allclose(told[key], values, rtol=1e-4, atol=1e-7)


def test_keys_and_the_track_go_to_a_stop_and_light_its_layer(flower: MicroscopePanel) -> None:
    flower.setFocus()
    QTest.keyClick(flower, KEY.Key_Right)
    assert name(flower) == "A[1]" and flower.store.selection == {"n1"}
    QTest.keyClick(flower, KEY.Key_End)
    assert name(flower) == "b[2]" and flower.store.selection == {"n2"}
    QTest.keyClick(flower, KEY.Key_Home)
    assert name(flower) == "Z[1]"
    QTest.mouseClick(flower.track, LEFT, pos=flower.track.cell(5).center().toPoint())
    assert name(flower) == "J" and flower.store.selection == {"cost"}
    assert flower.where.text() == "6 of 18 · cost · Cost · update 4"


def test_a_layer_chosen_elsewhere_is_gone_to(flower: MicroscopePanel) -> None:
    flower.store.select(["n2"])
    assert name(flower) == "Z[2]"
    flower.go_to(9)
    assert name(flower) == "db[2]", "its own choice of the layer leads nowhere else"
    flower.store.select(["n1", "n2"])
    flower.store.select(["data"])
    assert name(flower) == "db[2]"


def test_a_number_is_followed_to_the_features_of_its_example_and_back(
    flower: MicroscopePanel, qtbot: Any
) -> None:
    flower.go_to(3)  # A[2] = σ(Z[2])
    for expected in ("Z[2]", "A[1]", "Z[1]", "A[0]"):
        assert flower.stop is not None
        box = next(b for b in flower.page.boxes if str(b.quantity.name) == expected)
        QTest.mouseClick(flower.page, LEFT, pos=number_of(flower, box.quantity, 0, 2))
        assert flower.chosen is not None
        assert (str(flower.chosen[0].name), flower.chosen[1]) == (expected, (0, 2))
    data = flower.store.dataset
    assert data is not None and flower.page.sentence is None
    value = f"{data.train.X[2, 0]:.4f}".replace("-", "−")
    assert f"x1 of example 3 is {value}" in flower.page._given
    for expected in ("Z[1]", "A[1]", "Z[2]", "A[2]"):
        QTest.keyClick(flower, KEY.Key_Backspace)
        assert flower.chosen is not None and str(flower.chosen[0].name) == expected
    assert not flower.buttons["return"].isEnabled()


def test_a_sum_is_written_out_and_each_of_its_numbers_can_be_clicked(
    flower: MicroscopePanel,
) -> None:
    sentence = flower.page.sentence
    assert sentence is not None
    told = [token.factor for token in sentence.tokens if token.factor is not None]
    assert [str(factor.quantity.name) for factor in told] == [
        "W[1]", "A[0]", "W[1]", "A[0]", "b[1]",
    ]  # fmt: skip
    a, b, c, d, e = (factor.value for factor in told)
    assert flower.chosen is not None
    assert a * b + c * d + e == pytest.approx(flower.chosen[0].values[flower.chosen[1]])
    place = next(token.rect for token in sentence.tokens if token.factor is told[1])
    assert place is not None
    where = place.center().toPoint() + QPoint(0, round(flower.page._shift))
    QTest.mouseClick(flower.page, LEFT, pos=where)
    assert flower.chosen is not None and str(flower.chosen[0].name) == "A[0]"


def test_a_sum_of_many_is_abridged(flower: MicroscopePanel) -> None:
    flower.go_to(8)  # dW[2] = 1/400 dZ[2] A[1]ᵀ
    assert flower.chosen is not None
    origin = flower.chosen[0].origin((0, 0))
    assert origin is not None and len(origin.terms) == 400
    words = [token.value for token in tokens(origin) if "more" in token.value]
    assert words == ["397 more"]


def test_it_is_painted_with_its_formula_in_the_colours_of_the_theme(
    flower: MicroscopePanel, qtbot: Any
) -> None:
    pictures = []
    for theme in ("light", "dark"):
        flower.themes.choose(theme)
        qtbot.waitUntil(lambda: flower.ready, timeout=20_000)
        picture = flower.page.grab().toImage()
        ink = flower.themes.theme.color("text")
        top = picture.copy(200, round(flower.page._shift), 400, 40)
        found = sum(
            top.pixelColor(x, y) == ink for x in range(top.width()) for y in range(top.height())
        )
        assert found > 200, theme
        pictures.append(picture)
    assert pictures[0] != pictures[1]


def test_while_it_trains_it_asks_for_a_pause_and_computes_nothing(
    flower: MicroscopePanel, qtbot: Any
) -> None:
    last, before = flower.bridge.last, flower.inside
    flower.bridge.publish(dataclasses.replace(last, state="running", step=last.step + 1))
    flower.look_now()
    assert "Pause" in flower.sentence and flower.inside is before
    flower.bridge.publish(last)
    flower.look_now()
    assert flower.sentence == ""


def test_another_moment_stays_at_the_same_stop(flower: MicroscopePanel, qtbot: Any) -> None:
    flower.go_to(8)
    before = flower.inside
    flower.bridge.train(7)
    flower.look_now()
    qtbot.waitUntil(lambda: flower.inside is not before and flower.ready, timeout=20_000)
    assert name(flower) == "dW[2]" and "update 8" in flower.where.text()


def test_a_network_that_is_too_large_is_told_in_a_sentence(microscope: Open) -> None:
    project = templates.new_project(DataChoice(source="digits"), "12000 relu, 10 softmax")
    panel = microscope(project, said="parameters")
    assert "up to 800,000" in panel.sentence


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_formula_can_be_typeset(optimizer: str) -> None:
    project = templates.new_project(DataChoice(source="digits"), IMAGES)
    training = dataclasses.replace(
        project.training, optimizer=optimizer, l2=0.5, l1=0.1, clip_norm=0.01
    )
    store = Store(dataclasses.replace(project, training=training))
    plan, dataset = store.compiled.plan, store.dataset
    assert plan is not None and dataset is not None
    weights = Program(plan).weights()
    found = inside(plan, dataset, training, 1, weights, None, threading.Event())
    for stop in found.stops:
        origin = stop.result.origin((0,) * len(stop.result.shape))
        written = [token.latex for token in tokens(origin)] if origin is not None else []
        parts = [part.latex for part in stop.parts]
        for latex in (stop.formula, stop.indexed, *stop.also, *parts, *written):
            if latex:
                assert "<math" in convert(latex)


def test_in_the_window_it_follows_the_run_and_its_settings(open_window: Any, qtbot: Any) -> None:
    window = open_window()
    bridge, panel = window.bridge, window.workspaces.panels["microscope"]
    qtbot.waitUntil(lambda: bridge.last is not None)
    assert panel.inside is None, "it is not seen yet"
    QTest.keyClick(window, KEY.Key_4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.inside is not None, timeout=20_000)
    panel.go_to(14)
    found = panel.inside.stops[14].result.values
    assert name(panel) == "W[1]" and "update 1" in panel.where.text()
    QTest.mouseClick(window.toolbar.buttons["step"], LEFT)
    qtbot.waitUntil(lambda: panel.inside.step == 1, timeout=20_000)
    np.testing.assert_allclose(bridge.last.weights["n1.W"], found, rtol=1e-5)
    assert name(panel) == "W[1]"

    def alpha() -> float:
        origin = panel.stop.result.origin((0, 0))
        return float(origin.terms[1].factors[0].value)

    assert alpha() == 1.2
    window.store.edit(
        lambda project: dataclasses.replace(
            project, training=dataclasses.replace(project.training, learning_rate=0.3)
        ),
        "slower",
    )
    qtbot.waitUntil(lambda: alpha() == 0.3, timeout=20_000)
