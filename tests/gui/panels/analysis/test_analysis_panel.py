"""The analysis: its table, its remarks, and where a click leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt

from netbuilder.document.check.analysis import analysis
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import new_project
from netbuilder.gui.panels.analysis.panel import AnalysisPanel

LEFT = Qt.MouseButton.LeftButton


def row(panel: AnalysisPanel, at: int) -> list[str]:
    item = panel.table.topLevelItem(at)
    return [item.text(column) for column in range(panel.table.columnCount())]


def test_every_layer_has_a_row_with_what_it_holds_and_costs(stage: Any) -> None:
    panel = stage().panel(AnalysisPanel)
    names = [row(panel, at)[0] for at in range(panel.table.topLevelItemCount())]
    assert names == ["Data", "Dense 1", "Dense 2", "Cost", "together"]
    assert row(panel, 1)[1:5] == ["Dense", "(4, 400)", "W (4, 2)  b (4, 1)", "12"]
    # Forward and dW for the first layer, and dA for the second, of 400 examples.
    assert row(panel, 1)[6] == f"{400 * 8 * 2:,}" and row(panel, 2)[6] == f"{400 * 4 * 3:,}"
    assert row(panel, 4)[4] == "17" and "nothing to say" in panel.remarks.text()


def test_the_sizes_follow_the_batch(qtbot: Any, stage: Any) -> None:
    at = stage()
    panel = at.panel(AnalysisPanel)
    before = row(panel, 4)[5]
    training = replace(at.store.project.training, batch_size=10)
    at.store.edit(lambda project: replace(project, training=training), "batch size")
    qtbot.waitUntil(lambda: row(panel, 1)[2] == "(4, 10)")
    assert row(panel, 4)[5] != before


def test_a_click_on_a_row_selects_the_card_and_the_other_way_round(qtbot: Any, stage: Any) -> None:
    at = stage()
    panel = at.panel(AnalysisPanel, 800, 260)
    place = panel.table.visualItemRect(panel.table.topLevelItem(2)).center()
    qtbot.mouseClick(panel.table.viewport(), LEFT, pos=place)
    assert at.store.selection == {"n2"}
    at.store.select(["n1"])
    assert panel.table.currentItem().text(0) == "Dense 1"
    at.store.select([])
    assert not panel.table.selectedItems()


def test_a_remark_leads_to_its_card_and_has_its_remedy(qtbot: Any, stage: Any) -> None:
    at = stage(new_project(DataChoice(source="gaussians"), "4 sigmoid, 1 sigmoid", "", "zeros"))
    panel = at.panel(AnalysisPanel)
    number, problem = next(
        (n, p) for n, p in enumerate(at.store.compiled.problems) if p.fix is not None
    )
    assert f"node:{problem.node}" in panel.remarks.text()
    panel.remarks.linkActivated.emit(f"node:{problem.node}")
    assert at.store.selection == {problem.node}
    before, told = at.store.project, panel.remarks.text()
    panel.remarks.linkActivated.emit(f"mend:{number}")
    assert at.store.project != before
    qtbot.waitUntil(lambda: panel.remarks.text() != told)


def test_a_network_that_cannot_run_is_analysed_as_far_as_it_goes(qtbot: Any, stage: Any) -> None:
    at = stage()
    panel = at.panel(AnalysisPanel)
    network = at.store.project.network.remove(["n1", "n2"])
    at.store.edit(lambda project: project.with_network(network), "remove")
    qtbot.waitUntil(lambda: panel.table.topLevelItemCount() == 3)
    assert panel.sentence == "" and row(panel, 2)[5] == "" and "node:" in panel.remarks.text()


def test_nothing_is_worked_out_anew_while_it_trains(stage: Any) -> None:
    at = stage()
    panel = at.panel(AnalysisPanel)
    item = panel.table.topLevelItem(1)
    at.bridge.train(3)
    assert panel.table.topLevelItem(1) is item


def test_convolutions_count_every_place_of_their_window(stage: Any) -> None:
    at = stage(
        new_project(DataChoice(source="digits"), "reshape 1x8x8, conv 2 3x3, flatten, 10 softmax")
    )
    rows = {r.id: r for r in analysis(at.store.project, at.store.compiled)}
    m = at.store.project.training.batch_size
    assert rows["n2"].products == m * 2 * (2 * 9 * 36)
    assert rows["n1"].products == 0 and rows["n1"].parameters == 0
