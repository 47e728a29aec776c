"""The inspector fills the numbers of the chosen example into the formulas of the layer."""

from __future__ import annotations

from typing import Any

from netbuilder import numbers
from netbuilder.gui.panels.inspector.panel import Inspector
from netbuilder.gui.units import Unit
from netbuilder.lens.cases import Example


def test_the_numbers_of_the_chosen_example_and_unit(stage: Any) -> None:
    at = stage()
    at.bridge.train(20)
    panel = Inspector(at.centre)
    at.qtbot.addWidget(panel)
    panel.show()
    worked, examples = panel.worked, at.cursor.examples
    at.store.select(["n1"])
    assert not worked.isVisible(), "without an example there is nothing to work out"
    examples.hold(Example("train", 3), at.store.dataset)
    assert worked.isVisible() and worked.title.text() == "Training example 4"
    assert worked.facts.text().startswith("Z1[1] ")
    at.cursor.units.choose(Unit("n1", 2))
    A = examples.case(at.cursor.look()).A["n1"]
    assert "A1[3] tanh(" in worked.facts.text()
    assert f" = {numbers.number(float(A[2]))}" in worked.facts.text()
    before = worked.facts.text()
    at.bridge.train(60)
    assert worked.facts.text() != before, "the numbers move on"
    at.store.select(["cost"])
    assert "L −log " in worked.facts.text()
    examples.let_go()
    assert not worked.isVisible()
