"""Training is the same however it is cut, follows its settings, and knows when to stop."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import Dataset, Part
from netbuilder.document.check.compile import compile_project, surviving
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import TrainingSettings
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import Dense
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program, Weights
from netbuilder.engine.schedules import SCHEDULES, rate
from netbuilder.errors import UserError
from netbuilder.training.batches import Batches
from netbuilder.training.class_weights import balanced
from netbuilder.training.converted import converted
from netbuilder.training.divergence import Diverged
from netbuilder.training.trainer import Limit, Trainer

Same = Callable[[Weights, Weights], None]


def train(trainer: Trainer, updates: int) -> Trainer:
    """Exactly so many updates, in one burst."""
    trainer.limit = Limit(seconds=None, updates=updates)
    next(trainer.bursts())
    return trainer


def run_out(trainer: Trainer) -> int:
    """To the stop condition; the number of updates."""
    trainer.limit = Limit(seconds=None, updates=7)
    return sum(trainer.bursts())


# --- what is trained -------------------------------------------------------------------------


def test_the_first_example_is_the_courses_published_run() -> None:
    project = first_start()
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    trainer = train(Trainer(plan, dataset, project.training, project.seed), 10_000)
    costs = trainer.log.epochs()["train_cost"]
    published = [0.693048, 0.288083, 0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504]
    np.testing.assert_allclose(costs[:8000:1000], published, atol=1e-6)
    correct = (trainer.program.predict(dataset.train.X) > 0.5) == dataset.train.Y
    assert correct.mean() == 0.9075


SETTINGS = st.builds(
    TrainingSettings,
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    learning_rate=st.just(0.05),
    batch_size=st.sampled_from([0, 1, 7, 30, 100]),
    schedule=st.sampled_from(list(SCHEDULES)),
    period=st.sampled_from([1, 3]),
    warmup=st.sampled_from([0.0, 1.5]),
    l2=st.sampled_from([0.0, 0.5]),
    l1=st.sampled_from([0.0, 0.1]),
    clip_norm=st.sampled_from([0.0, 0.2]),
    class_weights=st.sampled_from(["none", "balanced"]),
    dtype=st.sampled_from(["float32", "float64"]),
    evaluate_every=st.sampled_from([1, 3]),
    patience=st.sampled_from([0, 1000]),
)
CUTS = st.lists(
    st.builds(
        Limit,
        seconds=st.sampled_from([None, 0.0]),
        updates=st.integers(1, 9),
        epochs=st.sampled_from([None, 1, 2]),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(chosen=SETTINGS, cuts=CUTS, dropout=st.sampled_from([0.0, 0.3]), stirred=st.booleans())
def test_how_bursts_are_cut_changes_nothing(
    kit: Any,
    same: Same,
    chosen: TrainingSettings,
    cuts: list[Limit],
    dropout: float,
    stirred: bool,
) -> None:
    plan, dataset = kit.plan(5, 3, dropout=dropout), kit.data(30, validation=9)
    cut = Trainer(plan, dataset, chosen, seed=3)
    bursts = cut.bursts()
    for limit in cuts:
        cut.limit = limit
        before, epoch = cut.step, cut.epoch
        count = next(bursts)
        assert count == cut.step - before
        assert count <= limit.updates
        assert limit.epochs is None or cut.epoch - epoch <= limit.epochs
        cut.weights(), cut.gradients(), cut.measure()  # looking on changes nothing either
        if stirred:
            (cut.interrupt.clear if cut.interrupt.is_set() else cut.interrupt.set)()
    whole = Trainer(plan, dataset, chosen, seed=3)
    if cut.step:
        train(whole, cut.step)
    same(cut.weights(), whole.weights())
    same(cut.gradients(), whole.gradients())
    assert cut.epoch == whole.epoch
    for name in ("rows", "updates"):
        for column, values in getattr(whole.log, name)().items():
            np.testing.assert_array_equal(getattr(cut.log, name)()[column], values)


def test_time_cuts_bursts_between_two_updates(kit: Any) -> None:
    trainer = Trainer(kit.plan(), kit.data(), kit.settings(batch_size=7), seed=1)
    trainer.limit = Limit(seconds=0.0)
    bursts = trainer.bursts()
    assert [next(bursts) for _ in range(9)] == [1] * 9
    assert trainer.step == 9


def test_it_is_the_engines_update_and_nothing_else(kit: Any, same: Same) -> None:
    plan, dataset, chosen = kit.plan(), kit.data(), kit.settings(optimizer="momentum", l2=0.1)
    trainer = train(Trainer(plan, dataset, chosen, seed=4), 12)
    program = Program(plan, seed=4)
    optimizer = OPTIMIZERS["momentum"](program, learning_rate=0.3, beta=0.9)
    X, Y = converted(dataset.train, "float32")
    costs = [program.update(X, Y, optimizer, 0.1) for _ in range(12)]
    same(trainer.weights(), program.weights())
    assert trainer.log.updates()["cost"].tolist() == costs


def test_data_is_converted_once(kit: Any) -> None:
    part = kit.data().train
    X, Y = converted(part, "float32")
    assert X.dtype == Y.dtype == np.float32
    assert converted(part, "float32")[0] is X
    assert converted(part, "float64")[0] is part.X


def test_no_examples_are_refused(kit: Any) -> None:
    with pytest.raises(UserError, match="no examples to train on"):
        Trainer(kit.plan(), kit.data(0), kit.settings(), seed=1)


# --- the schedule, the penalties and the class weights ------------------------------------------


@pytest.mark.parametrize("schedule", list(SCHEDULES))
@pytest.mark.parametrize("batch_size", [0, 8])
def test_every_update_has_the_rate_of_its_time(
    kit: Any, same: Same, schedule: str, batch_size: int
) -> None:
    dataset = kit.data(30)
    chosen = kit.settings(
        schedule=schedule, decay=0.7, period=2, warmup=1.5, batch_size=batch_size, optimizer="adam"
    )
    trainer = Trainer(kit.plan(), dataset, chosen, seed=1)
    program = Program(kit.plan(), seed=1)
    rule = OPTIMIZERS["adam"](program)
    batches = Batches(*converted(dataset.train, "float32"), 1)
    sizes = [8, 8, 8, 6] if batch_size else [30]
    for epoch in range(3):
        for number, size in enumerate(sizes):
            t = epoch + sum(sizes[:number]) / 30
            expected = rate(schedule, t, 0.3, 0.7, 2, 1.5, share=size / 30)
            assert trainer.learning_rate == pytest.approx(expected, rel=1e-12, abs=0)
            rule.learning_rate = trainer.learning_rate
            program.update(*batches.next(batch_size, epoch), rule)
            train(trainer, 1)
    same(trainer.weights(), program.weights())


def test_a_constant_rate_costs_nothing(kit: Any, monkeypatch: Any) -> None:
    def counted(*arguments: object, **options: object) -> float:
        raise AssertionError("the schedule was asked")

    monkeypatch.setattr("netbuilder.training.learner.rate", counted)
    train(Trainer(kit.plan(), kit.data(), kit.settings(), seed=1), 5)
    with pytest.raises(AssertionError, match="was asked"):
        train(Trainer(kit.plan(), kit.data(), kit.settings(warmup=3.0), seed=1), 5)


def test_back_from_a_schedule_the_rate_is_the_setting_again(kit: Any) -> None:
    chosen = kit.settings(schedule="step", period=1, decay=0.1)
    trainer = train(Trainer(kit.plan(), kit.data(), chosen, seed=1), 3)
    assert trainer.learning_rate == pytest.approx(0.3 * 0.1**3)
    trainer.settings = kit.settings()
    assert trainer.learning_rate == 0.3
    before = trainer.weights()
    train(trainer, 1)
    step = np.abs(trainer.weights()["n1.W"] - before["n1.W"]).max()
    assert step == pytest.approx(0.3 * np.abs(trainer.gradients()["n1.W"]).max(), rel=1e-3)


def lopsided(kit: Any) -> Dataset:
    """Forty examples, of which eight are of class 1."""
    dataset = kit.data(40)
    Y = (np.arange(40) % 5 == 0).astype(float)[:, None]
    return dataclasses.replace(dataset, train=Part(dataset.train.X, Y))


def test_balanced_classes_weigh_alike_in_the_cost(kit: Any) -> None:
    dataset = lopsided(kit)
    chosen = kit.settings(class_weights="balanced", dtype="float64")
    trainer = Trainer(kit.plan(), dataset, chosen, seed=1)
    trainer.measure()
    X, Y = dataset.train.X, dataset.train.Y
    losses = Program(kit.plan(), dtype="float64", seed=1).costs(X, Y)
    rare = Y[:, 0] == 1
    assert trainer.cost == pytest.approx((losses[rare].mean() + losses[~rare].mean()) / 2)
    train(trainer, 1)
    assert trainer.log.updates()["cost"][0] == pytest.approx(trainer.cost)


def test_class_weights_mean_nothing_to_a_regression(kit: Any, same: Same) -> None:
    dataset = kit.data(task="regression")
    plain, weighted = (
        train(Trainer(kit.line(), dataset, kit.settings(class_weights=name), seed=1), 5)
        for name in ("none", "balanced")
    )
    same(plain.weights(), weighted.weights())


def test_the_penalties_are_in_the_cost_unless_they_are_decoupled(kit: Any) -> None:
    plan, dataset = kit.plan(), kit.data()
    costs = {}
    for optimizer in ("adam", "adamw"):
        chosen = kit.settings(optimizer=optimizer, l2=2.0, l1=0.5, dtype="float64")
        trainer = Trainer(plan, dataset, chosen, seed=1)
        trainer.measure()
        costs[optimizer] = trainer.cost
        train(trainer, 1)
        assert trainer.log.updates()["cost"][0] == pytest.approx(costs[optimizer], rel=1e-12)
    program = Program(plan, dtype="float64", seed=1)
    X, Y = converted(dataset.train, "float64")
    assert costs["adam"] == pytest.approx(program.cost(X, Y, 2.0, 0.5), rel=1e-12)
    assert costs["adamw"] == pytest.approx(program.cost(X, Y, 0.0, 0.5), rel=1e-12)


# --- the log ---------------------------------------------------------------------------------


def test_with_a_full_batch_row_k_is_the_cost_that_update_k_started_from(kit: Any) -> None:
    dataset = kit.data(30, validation=8)
    chosen = kit.settings(evaluate_every=4, dtype="float64")
    trainer = train(Trainer(kit.plan(), dataset, chosen, seed=1), 9)
    epochs = trainer.log.epochs()
    assert epochs["epoch"].tolist() == epochs["step"].tolist() == list(range(9))
    assert np.flatnonzero(np.isfinite(epochs["train_accuracy"])).tolist() == [0, 4, 8]
    assert epochs["train_cost"].tolist() == trainer.log.updates()["cost"].tolist()
    for k in (0, 4):
        early = Trainer(kit.plan(), dataset, chosen, seed=1)
        program = (train(early, k) if k else early).program
        for name, part in (("train", dataset.train), ("validation", dataset.validation)):
            cost = program.cost(part.X, part.Y)
            assert epochs[f"{name}_cost"][k] == pytest.approx(cost, rel=1e-12)
            right = np.mean((program.predict(part.X) > 0.5) == part.Y)
            assert epochs[f"{name}_accuracy"][k] == right


def test_with_mini_batches_a_row_is_the_mean_of_its_epoch(kit: Any) -> None:
    dataset = kit.data(30, validation=8)
    chosen = kit.settings(batch_size=8, evaluate_every=2, dtype="float64")
    trainer = train(Trainer(kit.plan(), dataset, chosen, seed=1), 18)
    epochs, updates = trainer.log.epochs(), trainer.log.updates()
    assert epochs["epoch"].tolist() == [1, 2, 3, 4]
    assert epochs["step"].tolist() == [4, 8, 12, 16]
    assert updates["step"].tolist() == list(range(18))
    means = updates["cost"][:16].reshape(4, 4) @ [8 / 30, 8 / 30, 8 / 30, 6 / 30]
    np.testing.assert_allclose(epochs["train_cost"], means, rtol=1e-12)
    # The first epoch is looked at too: with much data the next look may be far.
    assert np.isfinite(epochs["validation_cost"]).tolist() == [True, True, False, True]
    after = train(Trainer(kit.plan(), dataset, chosen, seed=1), 8).program
    X, Y = dataset.validation.X, dataset.validation.Y
    assert epochs["validation_cost"][1] == pytest.approx(after.cost(X, Y), rel=1e-12)


def test_an_evaluation_is_cut_into_blocks_and_settled_with_its_update(kit: Any) -> None:
    dataset = kit.data(3000, validation=2500)
    trainer = Trainer(kit.plan(), dataset, kit.settings(batch_size=1000), seed=1)
    trainer.limit = Limit(seconds=0.0, updates=1)
    bursts = trainer.bursts()
    pieces, unsettled = 0, 0
    while not (trainer.step == 3 and trainer.settled):
        next(bursts)
        pieces += 1
        unsettled += not trainer.settled
        assert (len(trainer.log.evaluations()["step"]) == 1) == (
            trainer.settled and trainer.step == 3
        )
    assert unsettled >= 5
    assert trainer.step == 3
    evaluated = trainer.log.evaluations()
    program = trainer.program
    part = dataset.validation
    assert evaluated["validation_cost"][0] == pytest.approx(program.cost(part.X, part.Y))
    assert evaluated["train_accuracy"][0] == pytest.approx(
        np.mean((program.predict(dataset.train.X) > 0.5) == dataset.train.Y)
    )


def test_without_classes_and_without_validation_nothing_is_evaluated(kit: Any) -> None:
    trainer = train(Trainer(kit.line(), kit.data(task="regression"), kit.settings(), seed=1), 30)
    assert len(trainer.log.evaluations()["step"]) == 0
    assert len(trainer.log.rows()["step"]) == 30
    dataset = kit.data(validation=5, task="regression")
    trainer = train(Trainer(kit.line(), dataset, kit.settings(), seed=1), 30)
    evaluated = trainer.log.evaluations()
    assert np.isfinite(evaluated["validation_cost"]).all()
    assert np.isnan(evaluated["train_accuracy"]).all()


def test_gradients_come_with_the_first_update(kit: Any) -> None:
    trainer = Trainer(kit.plan(), kit.data(), kit.settings(), seed=1)
    assert trainer.gradients() == {}
    assert math.isnan(trainer.cost)
    trainer.measure()
    measured = trainer.cost
    train(trainer, 1)
    assert trainer.cost == pytest.approx(measured)
    assert trainer.gradients().keys() == trainer.weights().keys()


def test_the_weights_before_the_last_update_are_known(kit: Any, same: Same) -> None:
    trainer = Trainer(kit.plan(), kit.data(), kit.settings(), seed=1)
    assert trainer.before() == {}
    weights = trainer.weights()
    for _ in range(3):
        train(trainer, 1)
        before = trainer.before()
        same(before, weights)
        weights = trainer.weights()
        assert not any(np.shares_memory(before[key], weights[key]) for key in weights)
        train(trainer, 1)
        same(trainer.before(), weights)
        weights = trainer.weights()
    trainer.settings = kit.settings(dtype="float64")  # another program, which was never updated
    assert trainer.before() == {}


def test_of_many_parameters_the_weights_before_are_not_kept(kit: Any) -> None:
    plan = chain(2, [Dense(30_000, "tanh"), Dense(1, "sigmoid")], "binary_cross_entropy")
    trainer = train(Trainer(plan, kit.data(), kit.settings(), seed=1), 2)
    assert trainer.gradients() and trainer.before() == {}


def test_the_cost_of_an_unfinished_first_epoch_is_its_mean_so_far(kit: Any) -> None:
    trainer = train(Trainer(kit.plan(), kit.data(), kit.settings(batch_size=10), seed=1), 2)
    assert trainer.cost == pytest.approx(trainer.log.updates()["cost"].mean())
    train(trainer, 2)
    assert trainer.cost == pytest.approx(trainer.log.updates()["cost"][:3].mean())


# --- settings while it runs --------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_another_learning_rate_keeps_the_moments(kit: Any, same: Same, optimizer: str) -> None:
    plan, dataset = kit.plan(), kit.data()
    chosen = kit.settings(optimizer=optimizer)
    trainer = train(Trainer(plan, dataset, chosen, seed=1), 5)
    trainer.settings = dataclasses.replace(chosen, learning_rate=0.01, beta=0.5, l2=0.2)
    train(trainer, 5)
    program = Program(plan)
    rule = OPTIMIZERS[optimizer](program, learning_rate=0.3, beta=0.9)
    X, Y = converted(dataset.train, "float32")
    for _ in range(5):
        program.update(X, Y, rule)
    rule.learning_rate, rule.beta = 0.01, 0.5
    for _ in range(5):
        program.update(X, Y, rule, 0.2)
    same(trainer.weights(), program.weights())
    assert [(step, str(message)) for step, message in trainer.log.marks] == [
        (5, "β: 0.9 → 0.5"),
        (5, "learning rate: 0.3 → 0.01"),
        (5, "L2 λ: 0.0 → 0.2"),
    ]


def test_another_optimizer_starts_with_new_moments(kit: Any, same: Same) -> None:
    plan, dataset, chosen = kit.plan(), kit.data(), kit.settings(optimizer="momentum")
    trainer = train(Trainer(plan, dataset, chosen, seed=1), 5)
    for name in ("adam", "momentum"):
        chosen = dataclasses.replace(chosen, optimizer=name)
        trainer.settings = chosen
    program = Program(plan, weights=trainer.weights())
    train(trainer, 5)
    rule = OPTIMIZERS["momentum"](program, learning_rate=0.3, beta=0.9)
    X, Y = converted(dataset.train, "float32")
    for _ in range(5):
        program.update(X, Y, rule)
    same(trainer.weights(), program.weights())


def test_another_batch_size_divides_what_is_left_of_the_epoch(kit: Any) -> None:
    chosen = kit.settings(batch_size=10)
    trainer = train(Trainer(kit.plan(), kit.data(), chosen, seed=1), 1)
    assert trainer.updates_per_epoch == 3
    trainer.settings = dataclasses.replace(chosen, batch_size=4)
    assert trainer.updates_per_epoch == 8
    train(trainer, 5)
    assert trainer.epoch == 1
    trainer.settings = dataclasses.replace(chosen, batch_size=0)
    assert trainer.updates_per_epoch == 1
    train(trainer, 2)
    rows = trainer.log.rows()
    assert rows["epoch"].tolist() == [1, 1, 2]  # the mini-batch row ends where the next starts
    assert rows["step"].tolist() == [6, 6, 7]


def test_another_precision_keeps_the_weights(kit: Any) -> None:
    chosen = kit.settings()
    trainer = train(Trainer(kit.plan(), kit.data(), chosen, seed=1), 5)
    before = trainer.weights()
    trainer.settings = dataclasses.replace(chosen, dtype="float64")
    for key, array in trainer.weights().items():
        assert array.dtype == np.float64
        np.testing.assert_array_equal(array, before[key])
    train(trainer, 5)
    assert trainer.step == 10


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_class_weights_and_clipping_may_change_and_the_moments_stay(
    kit: Any, same: Same, optimizer: str
) -> None:
    plan, dataset = kit.plan(), lopsided(kit)
    chosen = kit.settings(optimizer=optimizer, learning_rate=0.05)
    trainer = train(Trainer(plan, dataset, chosen, seed=1), 5)
    trainer.settings = dataclasses.replace(
        chosen, class_weights="balanced", clip_norm=0.01, l1=0.3, schedule="cosine"
    )
    train(trainer, 5)
    program = Program(plan, seed=1)
    rule = OPTIMIZERS[optimizer](program, learning_rate=0.05)
    X, Y = converted(dataset.train, "float32")
    for _ in range(5):
        program.update(X, Y, rule)
    program.weigh(balanced(Y, "binary"))
    rule.clip_norm = 0.01
    for epoch in range(5, 10):
        rule.learning_rate = rate("cosine", epoch, 0.05, 0.5, 100, 0)
        program.update(X, Y, rule, l1=0.3)
    same(trainer.weights(), program.weights())
    assert [str(message) for _, message in trainer.log.marks] == [
        "schedule: constant → cosine",
        "L1 λ₁: 0.0 → 0.3",
        "clip norm: 0.0 → 0.01",
        "class weights: none → balanced",
    ]


def test_settings_before_the_first_update_are_no_change_of_the_run(kit: Any) -> None:
    trainer = Trainer(kit.plan(), kit.data(), kit.settings(), seed=1)
    trainer.settings = kit.settings(learning_rate=0.7)
    train(trainer, 1)
    trainer.settings = kit.settings(learning_rate=0.7, epochs=50)
    assert trainer.log.marks == ()


# --- stopping ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size, updates", [(0, 20), (10, 60)])
def test_it_stops_after_the_epochs_and_goes_on_for_as_many(
    kit: Any, batch_size: int, updates: int
) -> None:
    chosen = kit.settings(epochs=20, batch_size=batch_size)
    trainer = Trainer(kit.plan(), kit.data(), chosen, seed=1)
    assert trainer.goal == 20
    assert run_out(trainer) == updates
    assert trainer.epoch == 20
    assert str(trainer.stopped) == "Finished: 20 epochs are done."
    assert run_out(trainer) == updates
    assert trainer.epoch == trainer.goal == 40
    trainer.settings = dataclasses.replace(chosen, epochs=0)
    assert trainer.goal == 0


def test_a_pause_does_not_move_the_goal(kit: Any) -> None:
    trainer = train(Trainer(kit.plan(), kit.data(), kit.settings(epochs=20), seed=1), 15)
    assert run_out(trainer) == 5


def test_it_stops_at_the_target_cost(kit: Any) -> None:
    chosen = kit.settings(target_cost=0.5, epochs=5000, learning_rate=1.0)
    trainer = Trainer(kit.plan(), kit.data(), chosen, seed=1)
    run_out(trainer)
    costs = trainer.log.rows()["train_cost"]
    assert "the cost has fallen to 0." in str(trainer.stopped)
    assert costs[-1] <= 0.5
    assert (costs[:-1] > 0.5).all()


@pytest.mark.parametrize("batch_size", [0, 10])
def test_it_stops_when_the_validation_cost_gets_no_better(kit: Any, batch_size: int) -> None:
    chosen = kit.settings(
        patience=5, epochs=4000, learning_rate=1.0, batch_size=batch_size, evaluate_every=10
    )
    trainer = Trainer(kit.plan(30), kit.data(20, validation=20), chosen, seed=1)
    run_out(trainer)
    assert "Stopped early" in str(trainer.stopped)
    evaluated = trainer.log.evaluations()
    assert (np.diff(evaluated["epoch"]) == 1).all(), "patience counts epochs: each is looked at"
    best = int(np.argmin(evaluated["validation_cost"]))
    assert trainer.epoch == evaluated["epoch"][-1] == evaluated["epoch"][best] + 5
    assert trainer.stopped.values == {
        "epoch": trainer.epoch,
        "best": int(evaluated["epoch"][best]),
    }
    # Asked for more, it is patient anew.
    at = trainer.epoch
    run_out(trainer)
    assert trainer.epoch >= at + 5


def test_another_patience_begins_to_wait_anew(kit: Any) -> None:
    chosen = kit.settings(patience=5, epochs=4000, learning_rate=1.0)
    trainer = Trainer(kit.plan(30), kit.data(20, validation=20), chosen, seed=1)
    run_out(trainer)
    changed = trainer.epoch - 1
    trainer = Trainer(kit.plan(30), kit.data(20, validation=20), chosen, seed=1)
    trainer.limit = Limit(seconds=None, epochs=changed)
    bursts = trainer.bursts()
    next(bursts)
    assert trainer.stopped is None and trainer.epoch == changed
    trainer.limit = Limit(seconds=None)
    trainer.settings = dataclasses.replace(chosen, patience=3)
    for _ in bursts:
        pass
    assert "Stopped early" in str(trainer.stopped)
    assert trainer.epoch >= changed + 3


# --- divergence --------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [0, 7])
@pytest.mark.parametrize("optimizer", ["gd", "momentum"])
def test_it_goes_back_to_exactly_the_last_state_with_a_finite_cost(
    kit: Any, same: Same, optimizer: str, batch_size: int
) -> None:
    plan, dataset = kit.line(), kit.data(task="regression", scale=20.0)
    chosen = kit.settings(learning_rate=2.0, optimizer=optimizer, batch_size=batch_size)
    trainer = Trainer(plan, dataset, chosen, seed=1)
    trainer.limit = Limit(seconds=None, updates=3)
    with pytest.raises(Diverged, match=r"Lower the learning rate|Scale the data") as caught:
        for _ in trainer.bursts():
            pass
    assert caught.value.layer in ("n1", "n2", "cost")
    costs = trainer.log.updates()["cost"]
    assert np.isfinite(costs).all()
    assert np.isfinite(trainer.log.rows()["train_cost"]).all()
    assert len(costs) == trainer.step
    # The last cost was measured on the weights that are there again.
    good = train(Trainer(plan, dataset, chosen, seed=1), trainer.step - 1)
    same(trainer.weights(), good.weights())
    # With a step that is small enough even for these weights it goes on from there.
    trainer.settings = dataclasses.replace(chosen, learning_rate=1e-30, optimizer="gd")
    next(trainer.bursts())
    assert np.isfinite(trainer.log.updates()["cost"]).all()
    assert trainer.step == len(costs) + 3


def test_a_schedule_is_told_where_it_diverged(kit: Any) -> None:
    dataset = kit.data(task="regression", scale=20.0)
    chosen = kit.settings(learning_rate=2.0, schedule="inverse_time", period=3)
    trainer = Trainer(kit.line(), dataset, chosen, seed=1)
    with pytest.raises(Diverged, match=r"at a learning rate of 1\.5: .* from 2 to 0\.1"):
        train(trainer, 1000)


def test_clipping_keeps_it_from_diverging(kit: Any) -> None:
    dataset = kit.data(task="regression", scale=20.0)
    chosen = kit.settings(learning_rate=2.0, clip_norm=0.01)
    assert train(Trainer(kit.line(), dataset, chosen, seed=1), 300).step == 300


def test_parameters_that_overflow_never_leave_a_burst(kit: Any, same: Same) -> None:
    dataset = kit.data(task="regression", scale=1e17)
    start = Trainer(kit.line(), dataset, kit.settings(learning_rate=1e6), seed=1)
    before = start.weights()
    with pytest.raises(Diverged, match="Scale the data, whose largest number is") as caught:
        train(start, 1)
    assert caught.value.layer == "n1"
    same(start.weights(), before)


def test_a_cost_that_is_not_finite_from_the_start(kit: Any, same: Same) -> None:
    dataset = kit.data(task="regression", scale=1e30)
    trainer = Trainer(kit.line(), dataset, kit.settings(), seed=1)
    before = trainer.weights()
    with pytest.raises(Diverged, match="not finite from the start") as caught:
        train(trainer, 1)
    assert caught.value.layer == "cost"
    same(trainer.weights(), before)


def test_data_beyond_the_precision_is_named(kit: Any) -> None:
    dataset = kit.data(scale=1e200)
    trainer = Trainer(kit.plan(), dataset, kit.settings(), seed=1)
    with pytest.raises(Diverged, match="choose float64"):
        train(trainer, 1)
    wide = Trainer(kit.plan(), dataset, kit.settings(dtype="float64"), seed=1)
    assert train(wide, 1).step == 1


# --- going on ----------------------------------------------------------------------------------


def test_a_run_goes_on_in_another_trainer(kit: Any) -> None:
    first = train(Trainer(kit.plan(4), kit.data(), kit.settings(), seed=1), 5)
    second = Trainer(
        kit.plan(4, 3),
        kit.data(),
        kit.settings(),
        1,
        surviving(first.weights(), kit.plan(4, 3)),
        log=first.log,
        step=first.step,
        epoch=first.epoch,
    )
    train(second, 5)
    assert second.log.rows()["step"].tolist() == list(range(10))
    assert second.log.updates()["step"].tolist() == list(range(10))
    assert second.epoch == 10


def test_the_schedule_goes_on_with_the_run(kit: Any) -> None:
    chosen = kit.settings(schedule="step", period=4, decay=0.5)
    first = train(Trainer(kit.plan(), kit.data(), chosen, seed=1), 5)
    second = Trainer(
        kit.plan(5), kit.data(), chosen, 1, log=first.log, step=first.step, epoch=first.epoch
    )
    assert first.learning_rate == second.learning_rate == 0.15
    train(second, 3)
    assert second.learning_rate == 0.075
