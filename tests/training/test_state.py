"""Going on from a state is the same, bit by bit, as never having stopped."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import DataInfo, Dataset, Part
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layer import LAYERS, Layer, ShapeError
from netbuilder.engine.layers import BatchNorm, Cost, Dense, Dropout, Flatten, Input, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan, PlanNode, chain
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.errors import UserError
from netbuilder.runs.state import RunState
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Limit, Trainer

IMAGE = (2, 4, 4)


def assert_same_state(actual: RunState, expected: RunState) -> None:
    for field in dataclasses.fields(RunState):
        a, b = getattr(actual, field.name), getattr(expected, field.name)
        if field.name == "numbers":
            assert a.dtype == b.dtype
            assert a.tobytes() == b.tobytes()
        else:
            assert repr(a) == repr(b), field.name  # so that NaN is as good as itself


def train(trainer: Trainer, updates: int) -> Trainer:
    """Exactly so many updates, over stop conditions when they come."""
    goal = trainer.step + updates
    while trainer.step < goal:
        trainer.limit = Limit(seconds=None, updates=goal - trainer.step)
        next(trainer.bursts())
    return trainer


def trained(plan: Plan, dataset: Dataset, chosen: TrainingSettings, updates: int) -> Trainer:
    return train(Trainer(plan, dataset, chosen, seed=3), updates)


def check(plan: Plan, dataset: Dataset, chosen: TrainingSettings, cut: int, rest: int) -> None:
    """Trains past ``cut``, and from a state taken there again; the other way to the same place."""
    first = trained(plan, dataset, chosen, cut)
    state = first.state()
    kept = state.numbers.copy()
    train(first, rest)
    np.testing.assert_array_equal(state.numbers, kept, "a state does not change afterwards")
    second = train(Trainer.from_state(plan, dataset, state), rest)
    assert_same_state(second.state(), first.state())
    assert second.gradients().keys() == first.gradients().keys()
    for key, gradient in first.gradients().items():
        assert gradient.tobytes() == second.gradients()[key].tobytes()
    for name in ("updates", "rows", "evaluations"):
        whole, end = getattr(first.log, name)(), getattr(second.log, name)()
        for column, values in end.items():
            np.testing.assert_array_equal(values, whole[column][len(whole[column]) - len(values) :])
    assert len(second.log.updates()["cost"]) == rest


# --- every layer, every optimiser ----------------------------------------------------------------


def plan_with(layer: Layer) -> Plan:
    """A network in which the layer takes what it can: a vector, an image, or two vectors."""
    n = math.prod(IMAGE)
    source = PlanNode("data", "Data", Input(), (), (2,), {})
    wide = PlanNode.of("wide", "wide", Dense(n, "tanh", "xavier"), [source])
    other = PlanNode.of("other", "other", Dense(n, "relu", "he"), [source])
    image = PlanNode.of("image", "image", Reshape(*IMAGE), [wide])
    for before, sources in (
        ([source, wide, image], [image]),
        ([source, wide], [wide]),
        ([source, wide, other], [wide, other]),
    ):
        if len(sources) < layer.min_inputs:
            continue
        try:
            node = PlanNode.of("it", "it", layer, sources)
        except ShapeError:
            continue
        steps = [*before, node]
        if len(node.shape) > 1:
            steps.append(PlanNode.of("flat", "flat", Flatten(), [node]))
        steps.append(PlanNode.of("out", "out", Dense(1, "sigmoid", "xavier"), [steps[-1]]))
        steps.append(PlanNode.of("cost", "Cost", Cost("binary_cross_entropy"), [steps[-1]]))
        return Plan(tuple(steps), "binary_cross_entropy")
    raise AssertionError(f"no network for {layer}")


KINDS = [kind for kind in LAYERS if kind not in ("input", "cost")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [0, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_every_layer(kit: Any, kind: str, batch_size: int, dtype: str) -> None:
    layer = LAYERS[kind]()
    if isinstance(layer, Reshape):
        layer = Reshape(2, 4, 4)
    chosen = kit.settings(batch_size=batch_size, dtype=dtype, optimizer="adam", learning_rate=0.01)
    check(plan_with(layer), kit.data(30, validation=9), chosen, cut=7, rest=9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [0, 7])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimiser(kit: Any, optimizer: str, batch_size: int, dtype: str) -> None:
    chosen = kit.settings(
        optimizer=optimizer, batch_size=batch_size, dtype=dtype, learning_rate=0.02, l2=0.3
    )
    plan = chain(
        2,
        [Dense(6, "relu"), BatchNorm(), Dropout(0.3), Dense(1, "sigmoid")],
        "binary_cross_entropy",
    )
    for cut in (0, 1, 6, 10):  # before all, after one, in mid-epoch, at an epoch's end
        check(plan, kit.data(30), chosen, cut, rest=8)


@settings(deadline=None, max_examples=40)
@given(
    chosen=st.builds(
        TrainingSettings,
        optimizer=st.sampled_from(list(OPTIMIZERS)),
        learning_rate=st.just(0.05),
        batch_size=st.sampled_from([0, 1, 7, 29, 30]),
        schedule=st.sampled_from(list(SCHEDULES)),
        order_seed=st.sampled_from([0, 11]),
        period=st.sampled_from([1, 3]),
        warmup=st.sampled_from([0.0, 1.5]),
        l1=st.sampled_from([0.0, 0.1]),
        clip_norm=st.sampled_from([0.0, 0.2]),
        class_weights=st.sampled_from(["none", "balanced"]),
        dtype=st.sampled_from(["float32", "float64"]),
        evaluate_every=st.sampled_from([1, 3]),
        patience=st.sampled_from([0, 1, 4]),
        epochs=st.sampled_from([0, 3]),
        target_cost=st.sampled_from([0.0, 0.69]),
    ),
    dropout=st.sampled_from([0.0, 0.3]),
    cut=st.integers(0, 60),
    rest=st.integers(1, 40),
)
def test_whenever_it_stops(
    kit: Any, chosen: TrainingSettings, dropout: float, cut: int, rest: int
) -> None:
    check(kit.plan(5, 3, dropout=dropout), kit.data(30, validation=9), chosen, cut, rest)


def test_two_threads_share_a_large_update(kit: Any) -> None:
    plan = chain(2, [Dense(1100), Dense(1000), Dense(1, "sigmoid")], "binary_cross_entropy")
    assert plan.parameter_count > 1_000_000
    chosen = kit.settings(optimizer="adam", batch_size=20, learning_rate=0.001)
    check(plan, kit.data(30), chosen, cut=3, rest=3)


# --- stopping, evaluating, diverging -------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [0, 10])
def test_early_stopping_comes_at_the_same_epoch(kit: Any, batch_size: int) -> None:
    chosen = kit.settings(patience=5, learning_rate=1.0, batch_size=batch_size)
    plan, dataset = kit.plan(30), kit.data(20, validation=20)
    whole = Trainer(plan, dataset, chosen, seed=1)
    states = []
    whole.limit = Limit(seconds=None, updates=1)
    for _ in whole.bursts():
        states.append(whole.state())
    assert "Stopped early" in str(whole.stopped)
    for state in (states[0], states[len(states) // 2], states[-2]):
        trainer = Trainer.from_state(plan, dataset, state)
        for _ in trainer.bursts():
            pass
        assert (trainer.step, trainer.stopped) == (whole.step, whole.stopped)
        assert_same_state(trainer.state(), whole.state())
    # At rest it knows why, and asked for more it goes on just as the first does.
    trainer = Trainer.from_state(plan, dataset, whole.state())
    assert trainer.stopped == whole.stopped
    for one in (trainer, whole):
        one.limit = Limit(seconds=None)
        for _ in one.bursts():
            pass
    assert_same_state(trainer.state(), whole.state())


@pytest.mark.parametrize("batch_size", [0, 1000])
def test_a_state_from_the_middle_of_an_evaluation_begins_it_again(
    kit: Any, batch_size: int
) -> None:
    plan, dataset = kit.plan(), kit.data(3000, validation=2500)
    chosen = kit.settings(batch_size=batch_size, patience=50, evaluate_every=1)
    trainer = Trainer(plan, dataset, chosen, seed=1)
    trainer.limit = Limit(seconds=0.0)
    bursts = trainer.bursts()
    while trainer.settled or trainer.step < 3:
        next(bursts)
    state = trainer.state()
    second = Trainer.from_state(plan, dataset, state)
    trainer.limit = second.limit = Limit(seconds=None, epochs=2)
    next(bursts)
    next(second.bursts())
    assert_same_state(second.state(), trainer.state())
    for column, values in second.log.evaluations().items():
        whole = trainer.log.evaluations()[column]
        np.testing.assert_array_equal(values, whole[len(whole) - len(values) :])
    assert len(second.log.evaluations()["step"]) >= 2


def test_the_way_back_from_divergence_is_part_of_a_state(kit: Any) -> None:
    plan, dataset = kit.line(), kit.data(task="regression", scale=20.0)
    chosen = kit.settings(learning_rate=2.0)
    whole = Trainer(plan, dataset, chosen, seed=1)
    whole.limit = Limit(seconds=None, updates=1)
    states = []
    with pytest.raises(Diverged) as first:
        for _ in whole.bursts():
            states.append(whole.state())
    for state in states[-2:]:
        trainer = Trainer.from_state(plan, dataset, state)
        with pytest.raises(Diverged) as second:
            for _ in trainer.bursts():
                pass
        assert second.value.message == first.value.message
        assert_same_state(trainer.state(), whole.state())


def test_the_weights_before_the_last_update_are_known_again(kit: Any, same: Any) -> None:
    first = trained(kit.plan(), kit.data(), kit.settings(), 4)
    second = train(Trainer.from_state(kit.plan(), kit.data(), first.state()), 3)
    train(first, 3)
    assert first.before()
    same(second.before(), first.before())


@pytest.mark.parametrize("batch_size", [0, 7, 15, 29])
@pytest.mark.parametrize("validation", [0, 9])
def test_the_log_until_a_state_is_the_log_as_it_was(
    kit: Any, batch_size: int, validation: int
) -> None:
    chosen = kit.settings(batch_size=batch_size, evaluate_every=2)
    trainer = Trainer(kit.plan(), kit.data(30, validation), chosen, seed=1)
    trainer.limit = Limit(seconds=None, updates=1)
    bursts, moments = trainer.bursts(), []
    for step in range(45):
        if step in (20, 21, 33):
            size = 0 if trainer.settings.batch_size else 7
            trainer.settings = dataclasses.replace(trainer.settings, batch_size=size)
        log = trainer.log
        assert log.ends_at(trainer.state())
        names = ("updates", "rows", "evaluations")
        moments.append((trainer.state(), {name: getattr(log, name)() for name in names}))
        next(bursts)
    for state, tables in moments:
        assert not trainer.log.ends_at(state)
        cut = trainer.log.until(state)
        assert cut.ends_at(state)
        assert all(step <= state.step for step, _ in cut.marks)
        for name, columns in tables.items():
            for column, values in columns.items():
                np.testing.assert_array_equal(getattr(cut, name)()[column], values, str(state.step))


# --- elsewhere -----------------------------------------------------------------------------------

SCRIPT = """
import json, sys
import numpy as np
sys.path.insert(0, {tests!r})
from conftest import Kit
from netbuilder.runs.state import RunState
from netbuilder.training.trainer import Limit, Trainer

values = json.loads(open("values.json").read())
state = RunState.from_arrays(dict(np.load("arrays.npz", allow_pickle=False)), values)
kit = Kit()
trainer = Trainer.from_state(kit.plan(5, dropout=0.3), kit.data(30, 9), state)
trainer.limit = Limit(seconds=None, updates=20)
next(trainer.bursts())
arrays, values = trainer.state().to_arrays()
np.savez("on.npz", **arrays)
print(json.dumps(values))
"""


def test_another_process_goes_on_from_what_was_written(kit: Any, tmp_path: Path) -> None:
    chosen = kit.settings(optimizer="adam", batch_size=7, patience=100, dtype="float64")
    plan, dataset = kit.plan(5, dropout=0.3), kit.data(30, 9)
    first = trained(plan, dataset, chosen, 13)
    arrays, values = first.state().to_arrays()
    np.savez(tmp_path / "arrays.npz", **arrays)
    (tmp_path / "values.json").write_text(json.dumps(values, allow_nan=False))
    script = SCRIPT.format(tests=str(Path(__file__).parent))
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    with np.load(tmp_path / "on.npz", allow_pickle=False) as found:
        second = RunState.from_arrays(dict(found), json.loads(run.stdout))
    assert_same_state(second, train(first, 20).state())


def test_a_state_belongs_to_its_network_and_its_examples(kit: Any) -> None:
    plan, dataset = kit.plan(4, 3), kit.data(30, validation=9)
    state = trained(plan, dataset, kit.settings(), 3).state()
    first, second, *rest = plan.nodes
    renamed = Plan((first, dataclasses.replace(second, name="Hidden"), *rest), plan.loss)
    Trainer.from_state(renamed, kit.data(30, validation=9), state)
    other_activation = kit.plan(4, 3, activation="relu")
    other_order = dataclasses.replace(
        dataset, train=Part(dataset.train.X[::-1].copy(), dataset.train.Y[::-1].copy())
    )
    for other in (kit.plan(4, 4), kit.plan(4), other_activation):
        with pytest.raises(UserError, match="belongs to another network"):
            Trainer.from_state(other, dataset, state)
    for data in (kit.data(31, validation=9), kit.data(30, validation=8), other_order):
        with pytest.raises(UserError, match="belongs to other examples"):
            Trainer.from_state(plan, data, state)


def test_a_state_knows_its_parameters(kit: Any, same: Any) -> None:
    trainer = trained(kit.plan(), kit.data(), kit.settings(optimizer="adam"), 3)
    state = trainer.state()
    same(
        {key: array.copy("K") for key, array in state.weights(kit.plan()).items()},
        trainer.weights(),
    )
    assert [moment.tobytes() for moment in state.moments] == [
        moment.tobytes() for moment in trainer._learner.optimizer.state
    ]
    assert state.nbytes > state.numbers.nbytes > 0
    with pytest.raises(ValueError, match="read-only"):
        state.numbers[0] = 1.0


# --- what a file may claim -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(kit: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    chosen = kit.settings(optimizer="adam", batch_size=7)
    yield trained(kit.plan(), kit.data(), chosen, 3).state().to_arrays()


def test_what_was_stored_comes_back(kit: Any, stored: Any) -> None:
    arrays, values = stored
    again = RunState.from_arrays(arrays, json.loads(json.dumps(values, allow_nan=False)))
    assert again.to_arrays()[1] == values
    assert again.stopping.best == math.inf
    untrained = Trainer(kit.plan(), kit.data(), kit.settings(), 1).state()
    arrays, values = untrained.to_arrays()
    assert "before" not in arrays and values["cost"] is None
    assert_same_state(RunState.from_arrays(arrays, values), untrained)


BAD_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"step": -1}, "step must be a count"),
    ({"step": 2**60}, "step must be a count"),
    ({"step": 1.5}, "step must be a count"),
    ({"step": True}, "step must be a count"),
    ({"updates": "3"}, "updates must be a count"),
    ({"evaluated": -2}, "evaluated must be a count"),
    ({"cost": math.inf}, "cost must be a finite number"),
    ({"total": math.nan}, "total must be a finite number"),
    ({"total": 10**400}, "total must be a finite number"),
    ({"cost": []}, "cost must be a finite number"),
    ({"owes_end": 1}, "owes_end must be true or false"),
    ({"network": 7}, "network must be a text"),
    ({"stored": 10**15}, "parameters must hold 1000000000000000 numbers"),
    ({"learned": 18, "stored": 17}, "more that is learned"),
    ({"settings": None}, "its settings are no table of names"),
    ({"stopping": {"met": ""}}, "best is missing among its stopping"),
    ({"strange": 1}, "strange is unknown among its values"),
]


@pytest.mark.parametrize("change, words", BAD_VALUES)
def test_damaged_values_are_refused(stored: Any, change: dict[str, Any], words: str) -> None:
    arrays, values = stored
    with pytest.raises(UserError, match=f"damaged: .*{words}"):
        RunState.from_arrays(arrays, values | change)


@pytest.mark.parametrize("name", ["step", "settings", "stopping", "network"])
def test_missing_values_are_refused(stored: Any, name: str) -> None:
    arrays, values = stored
    rest = {key: value for key, value in values.items() if key != name}
    with pytest.raises(UserError, match=f"{name} is missing among its values"):
        RunState.from_arrays(arrays, rest)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"learning_rate": math.nan}, "learning rate must be"),
        ({"optimizer": "magic"}, "optimiser must be one of"),
        ({"optimizer": "gd"}, "moment0 is unknown among its arrays"),
        ({"dtype": "float64"}, "parameters must hold 17 numbers of float64"),
        ({"new": 1}, "new is unknown among its settings"),
    ],
)
def test_damaged_settings_are_refused(stored: Any, change: dict[str, Any], words: str) -> None:
    arrays, values = stored
    with pytest.raises(UserError, match=words):
        RunState.from_arrays(arrays, values | {"settings": values["settings"] | change})


@pytest.mark.parametrize(
    "change, words",
    [
        ({"best": math.nan}, "best must be a finite number"),
        ({"met": "moon"}, "moon is no stop condition"),
        ({"met": ["cost"]}, "is no stop condition"),
        ({"first_epoch": -1}, "first_epoch must be a count"),
    ],
)
def test_damaged_stop_conditions_are_refused(
    stored: Any, change: dict[str, Any], words: str
) -> None:
    arrays, values = stored
    with pytest.raises(UserError, match=words):
        RunState.from_arrays(arrays, values | {"stopping": values["stopping"] | change})


@pytest.mark.parametrize(
    "name, array, words",
    [
        ("parameters", np.zeros(3, np.float32), "parameters must hold 17 numbers"),
        ("parameters", np.zeros((17, 1), np.float32), "parameters must hold 17 numbers"),
        ("parameters", np.zeros(17, np.int32), "parameters must hold 17 numbers of float32"),
        ("parameters", np.full(17, np.nan, np.float32), "not finite"),
        ("moment1", np.full(17, np.inf, np.float32), "not finite"),
        ("moment1", None, "moment1 is missing among its arrays"),
        ("random", np.zeros(6, np.uint64), "random generator cannot"),
        ("random", np.ones(5, np.uint64), "random must hold 6 words"),
        ("random", np.ones(6), "random must hold 6 words"),
        ("before", np.zeros(2, np.float32), "before must hold 17 numbers"),
        ("virus", np.zeros(2), "virus is unknown among its arrays"),
    ],
)
def test_damaged_arrays_are_refused(stored: Any, name: str, array: Any, words: str) -> None:
    arrays, values = stored
    changed = {key: value for key, value in (arrays | {name: array}).items() if value is not None}
    with pytest.raises(UserError, match=words):
        RunState.from_arrays(changed, values)


def test_a_place_outside_the_epoch_is_refused(kit: Any, stored: Any) -> None:
    arrays, values = stored
    state = RunState.from_arrays(arrays, values | {"position": 30})
    with pytest.raises(UserError, match="does not fit the network and the examples"):
        Trainer.from_state(kit.plan(), kit.data(), state)


def test_examples_without_classes_and_a_diverged_state_are_told_apart(kit: Any) -> None:
    dataset = kit.data(task="regression")
    info = DataInfo("test", 30, ("x1", "x2"), ("y",), "binary", ("0", "1"))
    state = trained(kit.line(), dataset, kit.settings(), 1).state()
    assert state.is_finite
    assert not dataclasses.replace(state, numbers=state.numbers + np.inf).is_finite
    with pytest.raises(UserError, match="other examples"):
        state.check(kit.line(), dataclasses.replace(dataset, info=info))
