"""Looks: computed once per moment, in raw units, and nothing where the data does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.document import templates
from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import FILE, DataChoice
from netbuilder.engine.layers import Dense
from netbuilder.engine.program import Program
from netbuilder.lens import look as look_module


def test_without_a_snapshot_the_initial_weights_are_seen(flower: Any) -> None:
    look = flower.look()
    expected = Program(flower.plan, seed=flower.project.seed).weights()
    assert set(look.weights) == set(expected)
    for name, W in expected.items():
        np.testing.assert_array_equal(look.weights[name], W)
    assert look.gradients == {}


def test_a_snapshot_is_looked_at_once(flower: Any, monkeypatch: Any) -> None:
    calls: list[int] = []
    forward = Program.activations

    def counted(self: Program, X: Any, ids: Any = None) -> Any:
        calls.append(len(X))
        return forward(self, X, ids)

    monkeypatch.setattr(Program, "activations", counted)
    snapshot = flower.moment()
    for _ in range(3):
        look = flower.look(snapshot)
        assert look is not None
        look.maps(32)
        look.confusion("train")
        look.metrics("train")
    assert sorted(calls) == [400, 1024]


def test_maps_are_every_steps_activations_with_the_top_row_first(flower: Any) -> None:
    snapshot = flower.moment()
    look = flower.look(snapshot)
    maps = look.maps(32)
    assert {id: A.shape for id, A in maps.items()} == {
        "data": (2, 32, 32),
        "n1": (4, 32, 32),
        "n2": (1, 32, 32),
    }
    bounds = look.bounds()
    x1, x2 = maps["data"]
    assert x1[0, 0] == pytest.approx(bounds.left + (bounds.right - bounds.left) / 64)
    assert x2[0, 0] == pytest.approx(bounds.top - (bounds.top - bounds.bottom) / 64)
    assert x2[-1, 0] < x2[0, 0] and x1[0, -1] > x1[0, 0]
    W, b = snapshot.weights["n1.W"], snapshot.weights["n1.b"]
    place = np.array([[x1[5, 7]], [x2[5, 7]]])
    np.testing.assert_allclose(maps["n1"][:, 5, 7], np.tanh(W @ place + b)[:, 0], atol=1e-6)


def test_the_output_map_is_as_fine_as_the_network_allows(flower: Any, subject: Any) -> None:
    look = flower.look()
    assert look.output_map().shape == (1, 96, 96)
    large = subject(
        templates.new_project(DataChoice(source="flower"), "800 relu, 800 relu, 1 sigmoid")
    )
    size = large.look().output_map().shape[-1]
    assert 16 <= size < 32


def test_bounds_are_in_raw_units_though_the_network_sees_scaled_ones(scaled: Any) -> None:
    look = scaled.look()
    bounds = look.bounds((0, 2))
    dataset = look.dataset
    raw = dataset.scaling.undo(np.concatenate([dataset.train.X, dataset.validation.X]))
    assert bounds.left < raw[:, 0].min() and bounds.right > raw[:, 0].max()
    assert bounds.bottom < raw[:, 2].min() and bounds.top > raw[:, 2].max()
    assert bounds.right > 7, "sepals are some seven centimetres long"


def test_features_that_are_not_shown_are_held_at_their_mean(scaled: Any) -> None:
    X = scaled.look().maps(16, (0, 2))["data"]
    # Scaled by the training part, its mean is zero.
    np.testing.assert_allclose(X[[1, 3]], 0.0, atol=1e-6)
    assert np.ptp(X[0]) > 1 and np.ptp(X[2]) > 1


def test_the_sample_runs_through_the_classes_in_order(scaled: Any) -> None:
    look = scaled.look()
    classes = look.dataset.train.Y[look.sample].argmax(axis=1)
    assert len(look.sample) == look_module.SAMPLE
    assert set(classes) == {0, 1, 2} and (np.diff(classes) >= 0).all()
    A = look.activations()["n1"]
    assert A.shape == (4, len(look.sample))


def test_other_weights_are_other_numbers(flower: Any) -> None:
    first = flower.look(flower.moment())
    other = flower.look(flower.moment(**{"n2.b": np.array([[3.0]])}))
    assert first is not None and other is not None
    # Both looks share one program; each sees its own weights, in whatever order they are asked.
    assert other.output_map().mean() > 0.9
    assert first.output_map().mean() < 0.6
    np.testing.assert_allclose(first.prediction("train").Y_hat.mean(), 0.5, atol=0.01)


def test_confusion_and_metrics_agree(scaled: Any) -> None:
    look = scaled.look()
    counts = look.confusion("validation")
    assert counts.sum() == look.dataset.validation.m
    assert np.trace(counts) / counts.sum() == look.metrics("validation")["accuracy"]


def test_while_training_a_large_part_is_sampled_and_then_seen_whole(
    flower: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(look_module, "BUDGET", 300 * 17)
    running = flower.look(flower.moment("running")).prediction("train")
    assert running.part.m == 300 and running.of == 400 and not running.complete
    resting = flower.look(flower.moment("paused")).prediction("train")
    assert resting.complete and resting.part.m == 400


def test_weights_that_fit_an_edited_network_are_kept(flower: Any, subject: Any) -> None:
    snapshot = flower.moment(**{"n1.W": np.full((4, 2), 0.5)})
    network = flower.project.network
    longer, node = network.insert(Dense(3, "tanh"), Edge("n1", "n2"), (0.0, 0.0))
    look = subject(flower.project.with_network(longer)).look(snapshot)
    np.testing.assert_array_equal(look.weights["n1.W"], snapshot.weights["n1.W"])
    assert look.weights["n2.W"].shape == (1, 3)
    assert look.maps(16)[node.id].shape == (3, 16, 16)


def test_data_of_another_width_shows_nothing(flower: Any, scaled: Any) -> None:
    assert flower.probe.look(flower.plan, scaled.dataset, None, {}, 1) is None


def test_activations_of_images_have_the_examples_last(subject: Any) -> None:
    layers = "reshape 1x8x8, conv 3 3x3 relu, flatten, 10 softmax"
    look = subject(templates.new_project(DataChoice(source="digits"), layers)).look()
    A = look.activations()
    assert A["n1"].shape == (1, 8, 8, 64) and A["n2"].shape == (3, 6, 6, 64)
    np.testing.assert_array_equal(A["n1"].reshape(64, 64), A["data"])
    np.testing.assert_array_equal(A["n2"].reshape(108, 64), A["n3"])
    assert look.output_map().shape == (10, 96, 96)


def test_a_convolution_costs_its_weights_at_every_place(subject: Any) -> None:
    data = DataChoice(source="digits")
    image = "reshape 1x8x8, conv 64 3x3 relu padding 1, conv 64 3x3 relu padding 1, "
    costly = subject(templates.new_project(data, image + "global average pool, 10 softmax")).look()
    assert costly.plan.parameter_count < 40_000
    assert costly.affordable_size(96) == 16


def test_predictions_of_scaled_targets_are_in_their_own_units(subject: Any) -> None:
    X = np.random.RandomState(1).randn(40, 2)
    table = Table(np.column_stack([X, 350_000 + 8_000 * X[:, 0]]), ("a", "b", "price"))
    choice = DataChoice(FILE, path="p.csv", table=table, target_scale="standard")
    look = subject(templates.new_project(choice)).look()
    seen = look.prediction()
    np.testing.assert_allclose(seen.part.Y[:, 0], table.values[:, 2])
    assert abs(seen.Y_hat.mean() - 350_000) < 50_000
    assert 0 < look.metrics()["rmse"] < 50_000
