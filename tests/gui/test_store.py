"""The store: one document in force, everything about it in step, and every refusal a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from netbuilder.document.model.network import COST, Edge, append
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import first_start, new_project
from netbuilder.engine.layers import Dense
from netbuilder.errors import UserError
from netbuilder.gui.store import Store
from netbuilder.runs.stretch import Learned


def seeded(project: Project, seed: int) -> Project:
    return replace(project, seed=seed)


def test_commit_tells_old_and_new_once_everything_fits(store, qtbot):
    seen = []
    store.changed.connect(
        lambda old, new: seen.append((old, new, store.project is new, store.compiled.plan))
    )
    old = store.project
    network, node = append(old.network, Dense(3, "relu"))
    store.commit(old.with_network(network), "add")
    ((told_old, told_new, in_force, plan),) = seen
    assert told_old is old
    assert told_new.network is network
    assert in_force
    assert plan.node(node.id).shape == (3,)


def test_undo_and_redo_bring_documents_back_with_their_names(store):
    first = store.project
    store.commit(seeded(first, 5), "seed")
    second = store.project
    assert (store.can_undo, store.undo_label, store.can_redo) == (True, "seed", False)
    store.undo()
    assert store.project is first
    assert (store.can_undo, store.redo_label) == (False, "seed")
    store.redo()
    assert store.project is second


def test_a_gesture_is_one_step_and_sealing_ends_it(store):
    for seed in (5, 6, 7):
        store.commit(seeded(store.project, seed), "seed", "seed")
    store.seal()
    store.commit(seeded(store.project, 8), "seed", "seed")
    store.undo()
    assert store.project.seed == 7
    store.undo()
    assert store.project.seed == first_start().seed


def test_clean_is_told_when_it_changes(store):
    told = []
    store.clean_changed.connect(told.append)
    store.commit(seeded(store.project, 5), "seed")
    store.commit(seeded(store.project, 6), "seed")
    store.undo()
    store.undo()
    assert told == [False, True]
    store.commit(seeded(store.project, 5), "seed")
    store.mark_saved(Path("a.netb"), store.moment)
    assert store.clean
    assert store.path == Path("a.netb")


def test_a_refused_edit_is_told_and_changes_nothing(store, notices):
    before = store.project

    def change(project: Project) -> Project:
        raise UserError("No {what} today.", what="luck")

    assert store.edit(change, "try") is False
    assert store.project is before
    assert not store.can_undo
    assert notices == [("error", "No luck today.")]


def test_a_choice_of_data_that_cannot_be_had_is_refused(store, notices):
    dataset = store.dataset
    gone = DataChoice(source=FILE, path="/nowhere/gone.csv")
    assert store.edit(lambda p: replace(p, data=gone), "data") is False
    assert store.dataset is dataset
    assert store.project.data.source == "flower"
    assert "gone.csv" in notices[0][1]


def test_a_document_without_its_data_has_a_problem_and_no_dataset(store, notices):
    project = first_start()
    store.replace(replace(project, data=DataChoice(source=FILE, path="/nowhere/gone.csv")))
    assert store.dataset is None
    assert store.compiled.plan is None
    assert any("gone.csv" in sentence for kind, sentence in notices if kind == "error")
    store.edit(lambda p: replace(p, data=DataChoice()), "flower")
    assert store.dataset is not None
    assert store.compiled.ok


def test_data_is_prepared_again_when_its_choice_changes(store):
    before = store.dataset
    store.edit(lambda p: replace(p, seed=9), "seed")
    assert store.dataset is before
    store.edit(lambda p: replace(p, data=replace(p.data, examples=100)), "examples")
    assert store.dataset.info.m == 100


def test_replace_tells_changed_then_replaced_and_forgets_history(store, qtbot):
    order = []
    store.changed.connect(lambda old, new: order.append("changed"))
    store.replaced.connect(lambda project: order.append("replaced"))
    store.commit(seeded(store.project, 5), "seed")
    store.select([COST])
    order.clear()
    other = new_project(DataChoice(source="moons"))
    learned = Learned({})
    store.replace(other, Path("b.netb"), learned)
    assert order == ["changed", "replaced"]
    assert store.project is other
    assert (store.path, store.stretch.learned, store.clean) == (Path("b.netb"), learned, True)
    assert not store.can_undo


def test_selection_follows_the_document(store):
    told = []
    store.selection_changed.connect(told.append)
    store.select(["n1", "n2", "nobody"])
    assert store.selection == {"n1", "n2"}
    store.select(["n2", "n1"])
    assert len(told) == 1
    store.edit(lambda p: p.with_network(p.network.remove(["n1"])), "delete")
    assert told[-1] == {"n2"}


def test_a_half_built_network_is_a_normal_state(store):
    wire = Edge("n2", COST)
    store.edit(lambda p: p.with_network(p.network.disconnect([wire])), "delete wire")
    assert store.compiled.plan is None
    assert store.compiled.problems
    store.undo()
    assert store.compiled.ok


def test_opening_starts_from_the_given_path_and_what_was_learned():
    learned = Learned({})
    store = Store(first_start(), Path("x.netb"), learned)
    assert (store.path, store.stretch.learned) == (Path("x.netb"), learned)


def test_a_stretch_of_training_lasts_until_something_else_is_trained(store):
    first = store.stretch
    store.edit(lambda p: p.with_network(p.network.rename("n1", "Hidden")), "rename")
    store.edit(lambda p: replace(p, training=replace(p.training, learning_rate=0.1)), "rate")
    wire = Edge("n2", COST)
    store.edit(lambda p: p.with_network(p.network.disconnect([wire])), "delete wire")
    store.edit(lambda p: p.with_network(p.network.connect("n2", COST)), "wire")
    assert store.stretch is first
    store.edit(lambda p: p.with_network(p.network.set_layer("n1", Dense(5, "tanh"))), "units")
    wider = store.stretch
    assert wider is not first and not wider.begins
    store.edit(lambda p: replace(p, data=DataChoice(source="moons")), "data")
    assert store.stretch is not wider and store.stretch.begins
    store.undo()
    assert store.stretch is wider
    store.undo()
    assert store.stretch is first
    assert store.holds(wider)
    store.commit(seeded(store.project, 5), "seed")
    assert store.stretch.begins and not store.holds(wider)


def test_a_reset_is_a_step_that_tells_of_the_same_document(store):
    told, first = [], store.stretch
    store.changed.connect(lambda old, new: told.append(old is new))
    store.begin("reset")
    assert told == [True]
    assert (store.undo_label, store.clean) == ("reset", False)
    store.undo()
    assert told == [True, True]
    assert store.clean and store.stretch is first
