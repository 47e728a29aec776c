"""The run book: runs follow the training, what is said of them is undone, files keep them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netbuilder.document.file import storage
from netbuilder.document.model.project import DataChoice
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import Dense
from netbuilder.gui import run_book
from netbuilder.gui.run_book import RunBook
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.saving import learned_of
from netbuilder.runs.stored import others


class Hands:
    """Trains, edits and undoes as a user does, without a window."""

    def __init__(self, store: Store, bridge: TrainingBridge, qtbot: Any) -> None:
        self.store, self.bridge, self.wait = store, bridge, qtbot.waitUntil
        self.book = RunBook(store, bridge)

    def rest(self) -> None:
        self.wait(
            lambda: (
                (last := self.bridge.last) is not None
                and last.stretch is self.store.stretch
                and last.step == self.bridge.learned().step
                and not self.bridge.running
            )
        )

    def train(self, updates: int) -> None:
        self.rest()
        goal = self.bridge.last.step + updates
        for _ in range(updates):
            self.bridge.step()
        self.wait(lambda: self.bridge.last.step == goal and not self.bridge.running)

    def rate(self, alpha: float) -> None:
        self.store.edit(
            lambda p: replace(p, training=replace(p.training, learning_rate=alpha)), "rate"
        )

    def titles(self) -> list[str]:
        return [self.book.title(run) for run in self.book.listed]


@pytest.fixture
def hands(store: Store, bridge: TrainingBridge, qtbot: Any) -> Hands:
    return Hands(store, bridge, qtbot)


def test_reset_begins_a_run_and_loses_none(hands: Hands) -> None:
    hands.train(9)
    hands.bridge.reset()
    hands.rate(0.3)
    hands.train(4)
    assert hands.titles() == ["first run", "α 1.2 → 0.3"]
    assert [run.epochs for run in hands.book.listed] == [9, 4]
    hands.bridge.reset()
    hands.train(2)
    assert hands.titles() == ["first run", "α 1.2 → 0.3", "reset"]


def test_undo_goes_on_with_the_run_that_was_left(hands: Hands) -> None:
    hands.train(9)
    hands.bridge.reset()
    hands.train(4)
    hands.store.undo()
    hands.train(3)
    assert [(run.number, run.epochs) for run in hands.book.listed] == [(1, 12), (2, 4)]
    assert hands.book.runs.current == 1


def test_what_differs_makes_the_name(hands: Hands) -> None:
    hands.train(3)
    hands.bridge.new_seed()
    hands.train(2)
    seed = hands.store.project.seed
    hands.store.edit(lambda p: replace(p, data=DataChoice("moons")), "data")
    hands.train(2)
    hands.bridge.reset()
    network = hands.store.project.network.set_layer("n1", Dense(5, "tanh", "normal"))
    hands.store.edit(lambda p: p.with_network(network), "units")
    hands.train(2)
    assert hands.titles() == [
        "first run",
        f"seed 2 → {seed}",
        "Flower → Moons",
        "4 → 5 units",
    ]
    assert [run.number for run in hands.book.shown] == [3, 4], "other data: other costs"


def test_an_edit_goes_on_in_its_run_and_undone_it_is_a_fork(hands: Hands) -> None:
    hands.train(3)
    network = hands.store.project.network.set_layer("n1", Dense(5, "tanh", "normal"))
    hands.store.edit(lambda p: p.with_network(network), "units")
    hands.train(2)
    assert hands.titles() == ["first run"]
    hands.store.undo()
    hands.train(1)
    assert hands.titles() == ["first run", "from epoch 3, 5 → 4 units"]
    assert hands.book.listed[1].parent == 1


def test_a_run_that_never_trained_is_not_listed(hands: Hands) -> None:
    hands.rest()
    assert hands.titles() == []
    hands.bridge.new_seed()
    hands.rest()
    hands.train(1)
    assert len(hands.titles()) == 1


def test_names_pins_and_deletions_are_undone_and_redone(hands: Hands) -> None:
    hands.train(3)
    hands.bridge.reset()
    hands.train(2)
    book, store = hands.book, hands.store
    store.mark_saved(Path("saved.netb"), store.moment)
    book.rename(1, "  the good one ")
    assert not store.clean, "its file does not say so yet"
    assert store.undo_label == "rename first run to the good one"
    book.pin(1)
    assert store.undo_label == "pin the good one"
    book.delete([1, 2])
    assert store.undo_label == "delete the good one", "not the one that goes on"
    assert hands.titles() == ["reset"]
    store.undo()
    assert hands.titles() == ["the good one", "reset"] and book.marks.pinned == {1}
    store.undo()
    assert book.marks.pinned == frozenset()
    store.undo()
    assert hands.titles() == ["first run", "reset"] and store.clean
    assert book.runs.current == 2, "the training has no part in it"
    for _ in range(3):
        store.redo()
    assert hands.titles() == ["reset"]
    assert hands.bridge.last.step == 2


def test_the_own_name_is_no_given_one(hands: Hands) -> None:
    hands.train(2)
    hands.book.rename(1, "mine")
    hands.book.rename(1, "first run")
    assert hands.book.marks.names == {}
    label = hands.store.undo_label
    hands.book.rename(1, "first run")
    assert hands.store.undo_label == label, "no step for nothing"


def test_beyond_the_budget_only_the_log_is_kept(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = run_book.Runs.allowances
    monkeypatch.setattr(run_book.Runs, "allowances", lambda self, marks: keep(self, marks, 0))
    hands.train(9)
    recorder = hands.bridge.last.recorder
    hands.bridge.reset()
    hands.rest()
    hands.wait(lambda: recorder.nbytes == 0)
    kept = hands.book.listed[0]
    assert kept.moment is None and kept.epochs == 9
    hands.store.undo()
    hands.train(3)
    assert (hands.book.runs.current, hands.book.listed[0].epochs) == (1, 12)
    assert hands.bridge.last.recorder is recorder and recorder.nbytes > 0


def open_again(hands: Hands, path: Path) -> None:
    loaded = storage.load(path)
    hands.store.replace(loaded.project, path, learned_of(loaded), others(loaded.sections))


def save(hands: Hands, path: Path) -> None:
    store, learned = hands.store, hands.bridge.learned()
    sections = {**store.sections, **learned.stored()}
    storage.save(path, store.project, learned.weights, sections)


def test_a_reopened_project_shows_its_runs(hands: Hands, tmp_path: Path) -> None:
    hands.train(9)
    hands.bridge.reset()
    hands.rate(0.3)
    hands.train(4)
    hands.bridge.reset()
    hands.train(2)
    hands.book.rename(3, "mine")
    hands.book.delete([2])
    costs = [run.result().cost for run in hands.book.listed]
    save(hands, tmp_path / "saved.netb")
    hands.store.replace(first_start())
    hands.train(1)
    assert hands.titles() == ["first run"]
    open_again(hands, tmp_path / "saved.netb")
    hands.rest()
    assert hands.titles() == ["first run", "mine"]
    assert [run.result().cost for run in hands.book.listed] == costs
    assert [run.number for run in hands.book.shown] == [1, 3]
    hands.train(3)
    assert [(run.number, run.epochs) for run in hands.book.listed] == [(1, 9), (3, 5)]
    hands.bridge.reset()
    hands.train(1)
    assert [run.number for run in hands.book.listed] == [1, 3, 4]
    hands.book.delete([1, 3])
    assert not any(name.startswith("runs") and "-" in name for name in hands.store.sections)


def test_runs_of_a_newer_version_stay_in_the_file(
    hands: Hands, notices: list[tuple[str, str]]
) -> None:
    sections = {"runs.json": b'{"version": 9}'}
    hands.store.replace(first_start(), sections=sections)
    hands.train(2)
    hands.bridge.reset()
    hands.train(2)
    assert hands.store.sections == sections
    assert len(hands.titles()) == 2
    ((kind, words),) = notices
    assert kind == "warning" and "a newer one shows them" in words


def test_it_is_told_once_and_not_with_every_number(hands: Hands) -> None:
    hands.rest()
    told: list[None] = []
    hands.book.changed.connect(lambda: told.append(None))
    hands.train(20)
    assert len(told) <= 2, "it has begun, and it has trained"
