"""What was learned belongs to a document and a moment: any way in, edit, undo, save and reopen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from netbuilder.data.table import Roles
from netbuilder.document.file import storage
from netbuilder.document.model.network import COST, Edge
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import Dense
from netbuilder.engine.program import Program, Weights
from netbuilder.exchange.npz import save
from netbuilder.exchange.trained import Trained
from netbuilder.gui import store as store_module
from netbuilder.gui import training_bridge
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window import saving
from netbuilder.gui.window.documents import Documents
from netbuilder.runs.stretch import Learned

WIRE = Edge("n2", COST)
Edit = Callable[["Desk"], None]


@dataclass
class Desk:
    """A document with its training and its file, without the window around them."""

    store: Store
    bridge: TrainingBridge
    documents: Documents
    folder: Path
    wait: Callable[[Callable[[], bool]], None]

    def edit(self, change: Callable[[Project], Project]) -> None:
        assert self.store.edit(change, "edit")

    def rest(self) -> None:
        """Waits until what is shown is the document, at rest."""
        self.wait(
            lambda: (
                (last := self.bridge.last) is not None
                and last.stretch is self.store.stretch
                and last.step == self.bridge.learned().step
                and not self.bridge.running
            )
        )

    def train(self, updates: int = 20) -> None:
        self.rest()
        goal = self.bridge.last.step + updates
        for _ in range(updates):
            self.bridge.step()
        self.wait(lambda: self.bridge.last.step == goal and not self.bridge.running)

    def cost(self) -> float:
        """Of what would be saved now, in float64."""
        return cost(self.store.project, self.bridge.learned().weights)

    def save(self, name: str = "saved.netb") -> Path:
        path = self.folder / name
        self.documents._save(path)
        self.wait(lambda: not self.documents.saving.busy)
        assert self.store.path == path
        return path

    def save_again(self) -> None:
        assert self.documents.save()
        self.wait(lambda: not self.documents.saving.busy)

    def open(self, path: Path) -> None:
        self.documents.open(path)
        question = self.documents.question
        if question is not None:
            (button,) = [b for b in question.buttons() if b.text() == "Don't save"]
            button.click()
        self.wait(lambda: not self.documents.saving.busy)
        assert self.store.path == path


def cost(project: Project, weights: Weights) -> float:
    """Of these weights on the project's own data; they may be of a network that is not whole."""
    store = Store(whole(project))
    plan, dataset = store.compiled.plan, store.dataset
    program = Program(plan, dtype="float64", seed=project.seed, weights=weights)
    X, Y = dataset.train.X, dataset.train.Y
    return program.cost(X.astype(np.float64), Y.astype(np.float64))


def whole(project: Project) -> Project:
    network = project.network
    return project if network.inputs(COST) else project.with_network(network.connect("n2", COST))


@pytest.fixture
def desk(
    store: Store,
    bridge: TrainingBridge,
    themes: ThemeManager,
    settings: QSettings,
    tmp_path: Path,
    qtbot,
) -> Iterator[Desk]:
    window = QWidget()
    documents = Documents(store, bridge, themes, settings, window)
    yield Desk(store, bridge, documents, tmp_path, partial(qtbot.waitUntil, timeout=20_000))
    documents.saving.close()
    window.deleteLater()


# --- the edits -----------------------------------------------------------------------------------


def units(desk: Desk) -> None:
    desk.edit(lambda p: p.with_network(p.network.set_layer("n1", Dense(7, "tanh"))))


def delete_layer(desk: Desk) -> None:
    desk.edit(lambda p: p.with_network(p.network.remove(["n1"])))


def other_data(desk: Desk) -> None:
    desk.edit(lambda p: replace(p, data=DataChoice(source="circles")))


def more_noise(desk: Desk) -> None:
    desk.edit(lambda p: replace(p, data=replace(p.data, examples=100)))


def seed(desk: Desk) -> None:
    desk.bridge.new_seed()


def reset(desk: Desk) -> None:
    if desk.bridge.ready:
        desk.bridge.reset()


def learning_rate(desk: Desk) -> None:
    desk.edit(lambda p: replace(p, training=replace(p.training, learning_rate=0.01)))


def cut_wire(desk: Desk) -> None:
    if desk.store.project.network.inputs(COST):
        desk.edit(lambda p: p.with_network(p.network.disconnect([WIRE])))


def mend_wire(desk: Desk) -> None:
    if not desk.store.project.network.inputs(COST):
        desk.edit(lambda p: p.with_network(p.network.connect("n2", COST)))


EDITS = (units, delete_layer, other_data, more_noise, seed, reset, learning_rate, cut_wire)


# --- the ways into a document --------------------------------------------------------------------


def first(desk: Desk) -> None:
    """The document of the first start."""


def new(desk: Desk) -> None:
    desk.documents.new()


def trained_file(desk: Desk, project: Project) -> Path:
    plan = Store(whole(project)).compiled.plan
    weights = Program(plan, dtype="float64", seed=77).weights()
    path = desk.folder / "opened.netb"
    storage.save(path, project, weights)
    return path


def opened(desk: Desk) -> None:
    desk.open(trained_file(desk, replace(first_start(), seed=5)))


def dropped(desk: Desk) -> None:
    desk.documents.drop(trained_file(desk, replace(first_start(), seed=5)))
    desk.wait(lambda: not desk.documents.saving.busy)


def opened_with_a_cut_wire(desk: Desk) -> None:
    project = first_start()
    cut = project.with_network(project.network.disconnect([WIRE]))
    desk.open(trained_file(desk, cut))


def with_imported_data(desk: Desk) -> None:
    path = desk.folder / "own.csv"
    rng = np.random.RandomState(3)
    rows = (f"{a:.3f},{b:.3f},{'yes' if a * b > 0 else 'no'}" for a, b in rng.randn(40, 2))
    path.write_text("\n".join(("a,b,answer", *rows)))
    desk.documents.importing._take(
        DataChoice(source=FILE, path=str(path), roles=Roles(("answer",)))
    )


def with_loaded_weights(desk: Desk) -> None:
    store = Store(first_start())
    weights = Program(store.compiled.plan, dtype="float64", seed=99).weights()
    path = desk.folder / "weights.npz"
    save(path, Trained.of(store.compiled.plan, weights, store.dataset))
    networks = desk.documents.networks
    networks.start(path)
    networks.work._writer.finish()
    networks.dialog.weights.click()
    networks.dialog.accept()
    networks.work._writer.finish()


WAYS = (
    first,
    new,
    opened,
    dropped,
    opened_with_a_cut_wire,
    with_imported_data,
    with_loaded_weights,
)


# Every way, and every edit after those that differ in what the run begins with.
PATHS = [(way, None) for way in WAYS]
PATHS += [(way, edit) for way in (first, opened, opened_with_a_cut_wire) for edit in EDITS]


@pytest.mark.parametrize(
    ("way", "edit"),
    PATHS,
    ids=[f"{way.__name__}-{edit.__name__ if edit else 'none'}" for way, edit in PATHS],
)
def test_what_was_learned_is_there_after_every_way_and_edit(
    desk: Desk, way: Edit, edit: Edit | None
) -> None:
    way(desk)
    if desk.bridge.ready:
        desk.train()
    trained, before = desk.cost(), desk.bridge.learned()
    if edit is not None:
        steps: list[None] = []
        desk.store.history_changed.connect(lambda: steps.append(None))
        edit(desk)
        count = len(steps)
        takes_back = edit not in (learning_rate, cut_wire)
        if desk.bridge.ready:
            desk.train(3)
        if not takes_back:
            trained = desk.cost()
        for _ in range(count):
            desk.store.undo()
        assert desk.cost() == pytest.approx(trained, rel=1e-12)
        if takes_back and before.state is not None:
            same(desk.bridge.learned(), before)
    path, saved = desk.save(), desk.bridge.learned()
    assert not desk.documents.modified
    assert desk.cost() == pytest.approx(trained, rel=1e-12)
    desk.store.replace(first_start())
    desk.train(2)
    desk.store.replace(first_start())
    desk.open(path)
    assert desk.cost() == pytest.approx(trained, rel=1e-12)
    assert not desk.documents.modified
    mend_wire(desk)
    assert desk.bridge.ready
    desk.rest()
    assert desk.cost() == pytest.approx(trained, rel=1e-12)
    if saved.state is not None:
        same(desk.bridge.learned(), saved)
    found = storage.load(desk.save("again.netb"))
    assert cost(found.project, found.weights) == pytest.approx(trained, rel=1e-12)


def same(one: Learned, other: Learned) -> None:
    """The same moment of the same run, bit by bit."""
    np.testing.assert_array_equal(one.state.numbers, other.state.numbers)
    assert (one.step, one.epoch, one.marks) == (other.step, other.epoch, other.marks)
    a, b = one.log_until_then(), other.log_until_then()
    for name in ("updates", "rows", "evaluations"):
        for column, values in getattr(a, name)().items():
            np.testing.assert_array_equal(values, getattr(b, name)()[column])


# --- what went wrong once ------------------------------------------------------------------------


def test_a_file_with_a_cut_wire_does_not_get_the_weights_of_the_document_before(desk: Desk) -> None:
    desk.train()
    opened_with_a_cut_wire(desk)
    file = storage.load(desk.store.path).weights
    desk.save_again()
    found = storage.load(desk.store.path).weights
    assert found.keys() == file.keys()
    for key, W in file.items():
        np.testing.assert_array_equal(found[key], W)


def test_mending_the_wire_of_a_file_brings_its_weights_back(desk: Desk) -> None:
    desk.train()
    opened_with_a_cut_wire(desk)
    file = storage.load(desk.store.path).weights
    mend_wire(desk)
    for key, W in desk.bridge.learned().weights.items():
        np.testing.assert_array_equal(W, file[key])


@pytest.fixture
def busy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The worker is in an update that does not end, and nobody waits long for it."""
    entered, may_end, update = threading.Event(), threading.Event(), Program.update

    def endless(self, *args, **kwargs):
        entered.set()
        may_end.wait(60)
        return update(self, *args, **kwargs)

    desk.train()
    monkeypatch.setattr(Program, "update", endless)
    monkeypatch.setattr(saving, "PATIENCE", 0.01)
    monkeypatch.setattr(training_bridge, "_PATIENCE", 0.01)
    desk.bridge.play()
    assert entered.wait(60)
    yield
    may_end.set()


def test_saving_while_the_worker_is_still_busy_with_the_document_before(desk: Desk, busy) -> None:
    desk.bridge.pause()
    opened(desk)
    file = storage.load(desk.store.path).weights
    desk.save_again()
    found = storage.load(desk.store.path).weights
    for key, W in file.items():
        np.testing.assert_array_equal(found[key], W)
    # Nor does a new one get any.
    desk.store.replace(first_start())
    assert storage.load(desk.save("new.netb")).weights is None
    desk.documents.exporting.export(desk.folder / "nothing.npz")
    desk.documents.exporting.finish()
    assert not (desk.folder / "nothing.npz").exists()


def test_saving_in_a_long_update_takes_the_last_that_is_known(desk: Desk, busy) -> None:
    known = desk.bridge.last.weights
    found = storage.load(desk.save()).weights
    for key, W in known.items():
        np.testing.assert_array_equal(found[key], W)


def test_loaded_weights_are_a_change_that_is_saved_and_undone(desk: Desk) -> None:
    desk.train()
    desk.save("before.netb")
    before = desk.bridge.learned()
    with_loaded_weights(desk)
    assert desk.documents.modified
    loaded = desk.bridge.learned().weights
    assert not np.array_equal(loaded["n1.W"], before.weights["n1.W"])
    found = storage.load(desk.save()).weights
    np.testing.assert_array_equal(found["n1.W"], loaded["n1.W"])
    assert not desk.documents.modified
    assert desk.store.undo_label == "weights of weights.npz"
    desk.store.undo()
    same(desk.bridge.learned(), before)


def test_a_trained_untitled_network_is_asked_about(desk: Desk) -> None:
    desk.rest()
    assert not desk.documents.modified
    desk.train(1)
    assert desk.documents.modified
    lost: list[None] = []
    desk.documents.when_safe(lambda: lost.append(None))
    assert desk.documents.question is not None and not lost
    desk.documents.question.reject()
    assert not lost


def test_going_on_after_undo_is_as_if_nothing_had_been(desk: Desk) -> None:
    desk.train(12)
    units(desk)
    desk.train(5)
    narrower = desk.bridge.learned()
    desk.store.undo()
    desk.train(8)
    there_and_back = desk.bridge.learned()
    desk.store.redo()
    same(desk.bridge.learned(), narrower)
    desk.store.replace(first_start())
    desk.train(20)
    same(desk.bridge.learned(), there_and_back)


def test_clean_again_after_undo_only_where_the_training_is_back_too(desk: Desk) -> None:
    desk.train(12)
    desk.save()
    reset(desk)
    assert desk.documents.modified
    desk.store.undo()
    desk.rest()
    assert not desk.documents.modified
    desk.train(1)
    assert desk.documents.modified


def test_an_edit_after_undo_goes_on_from_what_was_there_then(desk: Desk) -> None:
    desk.train(12)
    trained = desk.bridge.learned().weights
    cut_wire(desk)
    desk.edit(lambda p: replace(p, seed=9))
    mend_wire(desk)
    desk.train(3)
    desk.store.undo()
    desk.store.undo()
    # The network is whole again, and other, without having been the old one in between.
    desk.edit(lambda p: p.with_network(p.network.add(Dense(3, "relu"), (0.0, 0.0))[0]))
    desk.edit(lambda p: p.with_network(p.network.connect("n1", other_node(desk))))
    desk.edit(lambda p: p.with_network(p.network.set_layer("n2", Dense(1, "sigmoid", "zeros"))))
    mend_wire(desk)
    assert desk.bridge.ready
    np.testing.assert_array_equal(desk.bridge.learned().weights["n1.W"], trained["n1.W"])


def other_node(desk: Desk) -> str:
    return desk.store.project.network.nodes[-1].id


def test_undo_keeps_within_its_budget_and_says_what_it_cannot_bring_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, notices: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(store_module, "BUDGET", 100)
    desk.train()
    units(desk)
    desk.train(2)
    learning_rate(desk)
    desk.store.undo()
    desk.store.undo()
    assert [kind for kind, words in notices if "too much memory" in words] == ["info"]
    assert desk.bridge.learned().fresh


# --- the run in the file -------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_a_reopened_project_shows_its_curve_and_goes_on_bit_for_bit(desk: Desk, cut: bool) -> None:
    desk.train(20)
    straight = desk.bridge.learned()
    desk.store.replace(first_start())
    desk.train(12)
    if cut:
        cut_wire(desk)
    path = desk.save()
    desk.store.replace(first_start())
    desk.open(path)
    # What cannot train keeps its run through a save all the same.
    desk.open(desk.save("again.netb"))
    mend_wire(desk)
    desk.rest()
    assert desk.bridge.last.step == 12
    assert len(desk.bridge.last.log.updates()["cost"]) == 12
    assert desk.documents.modified == cut
    desk.train(8)
    same(desk.bridge.learned(), straight)


def test_a_run_that_does_not_belong_is_told_and_its_weights_count(
    desk: Desk, notices: list[tuple[str, str]]
) -> None:
    desk.train(3)
    weights, path = desk.bridge.learned().weights, desk.save()
    loaded = storage.load(path)
    other = replace(loaded.project, data=DataChoice(source="circles"))
    storage.save(path, other, loaded.weights, loaded.sections)
    desk.open(path)
    assert [kind for kind, words in notices if "only its weights count" in words] == ["warning"]
    for key, W in desk.bridge.learned().weights.items():
        np.testing.assert_array_equal(W, weights[key])
    desk.rest()
    assert not desk.documents.modified


def test_what_else_a_file_holds_survives(desk: Desk) -> None:
    path = desk.folder / "newer.netb"
    storage.save(path, first_start(), None, {"later.json": b"{}"})
    desk.open(path)
    desk.train(1)
    desk.save_again()
    assert storage.load(path).sections["later.json"] == b"{}"
    desk.documents._new()
    assert "later.json" not in storage.load(desk.save("new.netb")).sections


@pytest.mark.parametrize("trained", [True, False], ids=["run", "weights"])
def test_undoing_the_mend_of_a_file_leaves_nothing_to_be_saved(desk: Desk, trained: bool) -> None:
    if trained:
        desk.train(12)
        cut_wire(desk)
        path = desk.save()
        desk.store.replace(first_start())
        desk.open(path)
    else:
        opened_with_a_cut_wire(desk)
    assert not desk.documents.modified
    mend_wire(desk)
    desk.rest()
    assert desk.documents.modified
    desk.store.undo()
    assert not desk.documents.modified
    desk.store.redo()
    desk.train(1)
    desk.store.undo()
    assert desk.documents.modified, "what was learned meanwhile would be lost"
