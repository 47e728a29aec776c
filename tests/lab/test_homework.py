"""A learner's arrays: right ones agree, and each known mistake is found where it was made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import DataChoice, TrainingSettings
from netbuilder.document.templates import new_project
from netbuilder.errors import UserError
from netbuilder.lab.homework import INHERITED, RIGHT, WRONG, Case, case_of, compare, template
from netbuilder.lab.mistakes import MISTAKES, diagnosed

KEEP, SEED = 0.5, 3


def exercise(
    layers: str = "4 tanh, dropout 0.5, 3 relu, 1 sigmoid", loss: str = "", **settings: Any
) -> Case:
    training = TrainingSettings(
        **{"learning_rate": 0.3, "l2": 0.7, "dtype": "float64", "optimizer": "adam", **settings}
    )
    project = new_project(DataChoice(examples=30), layers, loss, initializer="he", seed=SEED)
    project = dataclasses.replace(project, training=training)
    dataset = dataset_of(project.data)
    plan = compile_project(project, dataset.info).plan
    assert plan is not None
    return case_of(project, plan, dataset)


def sigmoid(Z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-Z))


def homework(case: Case, slip: str = "") -> dict[str, Any]:
    """The course's notebook as a learner writes it, with one slip of the pen, or with none.

    tanh with dropout, relu, sigmoid; L2; Adam's first update. Nothing of netbuilder is called.
    """
    h: dict[str, Any] = {name: np.array(array) for name, array in case.given.items()}
    m, lambd = h["X"].shape[1], 0.7
    rng = np.random.RandomState(SEED)
    if slip == "rand":
        h["W1"] = rng.rand(4, 2) * np.sqrt(2 / 2)
    if slip == "scale":
        h["W2"] = h["W2"] * 0.01
    if slip == "reshape":
        h["X"] = h["X"].T.copy().reshape(h["X"].shape)
    h["Z1"] = h["W1"] @ h["X"] + h["b1"]
    h["D1"] = (np.random.RandomState(1).rand(4, m) < KEEP).astype(float)
    h["A1"] = np.tanh(h["Z1"]) * h["D1"] / (1 if slip == "keep" else KEEP)
    h["Z2"] = h["W2"] @ h["A1"] + h["b2"]
    h["A2"] = np.maximum(h["Z2"], 0)
    h["Z3"] = h["W3"] @ h["A2"] + h["b3"]
    if slip == "star Z":
        h["Z3"] = h["W3"].T * h["A2"] + h["b3"]
        return h  # of this shape nothing further can be computed
    h["A3"] = sigmoid(h["Z3"])
    Y, AL = h["Y"], h["A3"]
    squares = sum((h[f"W{l}"] ** 2).sum() for l in (1, 2, 3))  # noqa: E741
    h["cost"] = np.array(
        -np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
        + lambd / (2 * (1 if slip == "l2 cost" else m)) * squares
    )
    h["dA3"] = (1 if slip == "sign" else -1) * (Y / AL - (1 - Y) / (1 - AL))
    h["dZ3"] = h["dA3"] * AL * (1 - AL)
    if slip == "1/m twice":
        h["dZ3"] = h["dZ3"] / m
    if slip == "slope":
        h["dZ3"] = h["dA3"]
    for l in (3, 2, 1):  # noqa: E741
        dZ, prev, W = h[f"dZ{l}"], h[f"A{l - 1}"] if l > 1 else h["X"], h[f"W{l}"]
        h[f"dW{l}"] = dZ @ prev.T / m + lambd / m * W
        h[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l == 2:
            _slip_in_the_gradients(h, slip, dZ, prev, W, m, lambd)
        if slip == "star dW" and l == 3:
            h["dW3"] = dZ * prev / m
        dA = W.T @ dZ
        if slip == "dW for W" and l == 3:
            dA = h["dW3"].T @ dZ
        if slip == "updated" and l == 3:
            dA = (W - 0.3 * h["dW3"]).T @ dZ
        if l == 2:
            dA = {"mask": dA, "keep back": dA * h["D1"]}.get(slip, dA * h["D1"] / KEEP)
        h[f"dA{l - 1}"] = dA
        if l == 3:
            h["dZ2"] = dA * (h["Z2"] > 0)
        if l == 2:
            h["dZ1"] = dA * (1 - (h["Z1"] if slip == "Z for A" else np.tanh(h["Z1"])) ** 2)
    h["learning_rate"] = np.array(0.3)
    t = 1
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        d = h[f"d{name}"]
        if d.shape != h[name].shape:
            continue
        h[f"v_d{name}"], h[f"s_d{name}"] = 0.1 * d, 0.001 * d**2
        v = h[f"v_corrected_d{name}"] = h[f"v_d{name}"] / (1 - 0.9**t)
        s = h[f"s_corrected_d{name}"] = h[f"s_d{name}"] / (1 - 0.999**t)
        if slip == "t" and name == "W1":
            v = h["v_corrected_dW1"] = h["v_dW1"] / (1 - 0.9**2)
        step = v / (np.sqrt(s) + 1e-8)
        if slip == "epsilon" and name == "W1":
            step = v / np.sqrt(s + 1e-8)
        h[f"{name}_new"] = h[name] - 0.3 * step
    return h


def _slip_in_the_gradients(
    h: dict[str, Any],
    slip: str,
    dZ: np.ndarray,
    prev: np.ndarray,
    W: np.ndarray,
    m: int,
    lambd: float,
) -> None:
    """In layer 2."""
    if slip == "1/m":
        h["dW2"] = dZ @ prev.T + lambd / m * W
    if slip == "1/m everywhere":
        h["dW2"] = h["dW2"] * m
    if slip == "keepdims":
        h["db2"] = dZ.sum(axis=1) / m
    if slip == "axis":
        h["db2"] = dZ.sum(axis=0, keepdims=True) / m
    if slip == "no axis":
        h["db2"] = np.array(dZ.sum() / m)
    if slip == "l2 W":
        h["dW2"] = dZ @ prev.T / m + lambd * W
    if slip == "l2 left out":
        h["dW2"] = dZ @ prev.T / m


SLIPS = {
    "1/m": ("dW2", "mean", "without 1/m"),
    "1/m everywhere": ("dW2", "mean", "m = 30 times"),
    "1/m twice": ("dZ3", "mean-twice", "belongs to dW and db alone"),
    "star Z": ("Z3", "star", "W3 * A2 + b3"),
    "star dW": ("dW3", "star", "dZ3 * A2 / m"),
    "slope": ("dZ3", "slope", "dA3 itself"),
    "Z for A": ("dZ1", "z-for-a", "1 − Z1²"),
    "dW for W": ("dA2", "dw-for-w", "dW3ᵀ·dZ3"),
    "updated": ("dA2", "updated", "update when all is done"),
    "keepdims": ("db2", "axis", "keepdims=True is missing"),
    "axis": ("db2", "axis", "axis=0"),
    "no axis": ("db2", "axis", "one number"),
    "sign": ("dA3", "sign", "−1 times"),
    "l2 W": ("dW2", "l2", "1/m of the L2 term is missing"),
    "l2 left out": ("dW2", "l2", "no L2 term"),
    "l2 cost": ("cost", "l2", "1/m is missing"),
    "rand": ("W1", "initial", "never negative"),
    "scale": ("W2", "initial", "0.01 times ours"),
    "reshape": ("X", "reshaped", "tears the examples apart"),
    "keep": ("A1", "dropout", "not divided by keep = 0.5"),
    "mask": ("dA1", "dropout", "not applied backwards"),
    "keep back": ("dA1", "dropout", "not divided by keep"),
    "t": ("v_corrected_dW1", "adam", "t = 2, not 1"),
    "epsilon": ("W1_new", "adam", "ε under the root"),
}
"""The slip: the array it is made in, the mistake's name, and what the evidence says."""


def test_right_homework_is_right() -> None:
    case = exercise()
    found = compare(case, homework(case))
    assert {row.verdict for row in found.rows} == {RIGHT}
    assert len(found.rows) == len(homework(case)) and found.unknown == ()
    assert found.first_wrong is None


@pytest.mark.parametrize("slip", SLIPS)
def test_a_known_mistake_is_found_where_it_was_made(slip: str) -> None:
    case = exercise()
    name, mistake, words = SLIPS[slip]
    found = compare(case, homework(case, slip))
    first = found.first_wrong
    assert first is not None and first.name == name
    assert [row.name for row in found.rows if row.verdict == WRONG] == [name]
    diagnosis = diagnosed(found, first)
    assert diagnosis is not None
    assert (diagnosis.mistake.name, words in diagnosis.evidence) == (mistake, True), diagnosis


def decayed(epoch: int, **arrays: float) -> Any:
    case = exercise("4 tanh, 1 sigmoid", schedule="inverse_steps", decay=1.0, period=1000)
    return compare(case, {"epoch": np.array(epoch), **{k: np.array(v) for k, v in arrays.items()}})


def test_a_decay_without_its_floor_is_found() -> None:
    assert decayed(2501, learning_rate=0.3 / (1 + 2)).first_wrong is None
    for wrong, words in ((0.3 / (1 + 2.5), "floor"), (0.3, "not decayed at all")):
        found = decayed(2501, learning_rate=wrong)
        assert found.first_wrong is not None
        diagnosis = diagnosed(found, found.first_wrong)
        assert diagnosis is not None and diagnosis.mistake.name == "decay"
        assert words in diagnosis.evidence


def test_every_mistake_that_can_be_named_is_made_in_a_test() -> None:
    made = {mistake for _, mistake, _ in SLIPS.values()} | {"decay"}
    assert {*MISTAKES} - made == {"cost-mean", "b-for-w"}


@pytest.mark.parametrize(
    ("name", "wrong", "mistake"),
    [
        ("cost", lambda h: h["cost"] * 30, "cost-mean"),
        ("W2_new", lambda h: h["W2"] - h["dW2"], "b-for-w"),
    ],
)
def test_a_cost_that_is_a_sum_and_a_step_without_its_rate(name, wrong, mistake) -> None:
    case = exercise("4 tanh, dropout 0.5, 3 relu, 1 sigmoid", optimizer="gd", l2=0.7)
    h = homework(case)
    mine = {key: h[key] for key in case.given} | {"D1": h["D1"], "dW2": h["dW2"], name: wrong(h)}
    found = compare(case, mine)
    assert found.first_wrong is not None and found.first_wrong.name == name
    diagnosis = diagnosed(found, found.first_wrong)
    assert diagnosis is not None and diagnosis.mistake.name == mistake


def test_what_only_inherits_an_error_is_told_apart() -> None:
    case = exercise()
    found = compare(case, homework(case, "slope"))
    verdicts = {row.name: row.verdict for row in found.rows}
    assert verdicts["dA3"] == RIGHT and verdicts["dZ3"] == WRONG
    for name in ("dW3", "db3", "dA2", "dZ2", "dW1", "W1_new", "s_dW3"):
        assert verdicts[name] == INHERITED


def test_a_mistake_of_another_kind_has_no_diagnosis() -> None:
    case = exercise()
    mine = homework(case)
    mine["dZ2"] = mine["dZ2"] + 0.01 * np.cos(np.arange(90)).reshape(3, 30)
    found = compare(case, mine)
    assert found.first_wrong is not None and found.first_wrong.name == "dZ2"
    assert diagnosed(found, found.first_wrong) is None


def test_a_mask_of_the_learners_own_is_taken_as_it_is() -> None:
    case = exercise()
    mine = homework(case)
    D = 1 - mine["D1"]
    some = {"D1": D, "A1": np.tanh(mine["Z1"]) * D / KEEP}
    assert compare(case, some).first_wrong is None
    assert compare(case, {"A1": some["A1"]}).first_wrong is not None


def test_single_precision_is_compared_as_such() -> None:
    case = exercise()
    mine = {name: np.asarray(a, np.float32) for name, a in homework(case).items()}
    del mine["cost"]
    rows = compare(case, {name: mine[name] for name in ("W1", "Z1", "A1", "dZ3")}).rows
    assert {row.verdict for row in rows} == {RIGHT}


def test_the_template_has_the_shapes_and_what_is_not_filled_in_is_not_compared() -> None:
    case = exercise()
    blank: Mapping[str, np.ndarray] = template(case)
    full = homework(case)
    assert {name: np.shape(array) for name, array in full.items()} == {
        name: array.shape for name, array in blank.items() if name in full
    }
    found = compare(case, blank)
    assert [row.name for row in found.rows] == ["X", "Y", "W1", "b1", "W2", "b2", "W3", "b3"]
    assert found.first_wrong is None


def test_the_courses_other_names_are_known() -> None:
    case = exercise()
    h = homework(case)
    found = compare(
        case, {"A0": h["X"], "AL": h["A3"], "dAL": h["dA3"], "J": h["cost"], "Q": h["X"]}
    )
    assert [row.name for row in found.rows] == ["X", "A3", "cost", "dA3"]
    assert found.unknown == ("Q",)


def test_saturated_units_are_no_mistake() -> None:
    """Where A has rounded to 1 dAL is infinite, and dZ is A − Y all the same."""
    case = exercise("4 tanh, 1 sigmoid", optimizer="gd", l2=0.0)
    given = dict(case.given) | {"b2": np.full((1, 1), 50.0)}
    case = dataclasses.replace(case, given=given)
    h = template(case)
    A = np.ones_like(h["A2"])
    found = compare(case, {"A2": A, "dZ2": A - given["Y"]})
    assert {row.verdict for row in found.rows} == {RIGHT}


@pytest.mark.parametrize(
    ("made", "words"),
    [(lambda Y: Y.T, "as rows"), (lambda Y: Y[0], "rank 1"), (lambda Y: 1 - Y, None)],
)
def test_targets_that_lie_otherwise(made, words) -> None:
    case = exercise()
    found = compare(case, {"Y": made(case.given["Y"])})
    assert found.first_wrong is not None and found.first_wrong.name == "Y"
    diagnosis = diagnosed(found, found.first_wrong)
    assert diagnosis is None if words is None else words in diagnosis.evidence


@pytest.mark.parametrize(
    "settings", [{"l1": 0.1}, {"clip_norm": 1.0}, {"class_weights": "balanced"}]
)
def test_what_the_courses_formulas_do_not_know_is_refused(settings) -> None:
    with pytest.raises(UserError, match="neither L1 nor clipping"):
        exercise(**settings)


def test_adamw_has_no_l2_in_the_cost() -> None:
    with_l2, without = exercise(optimizer="adamw"), exercise(l2=0.0)
    rows = {row.name: row.ours for row in compare(with_l2, homework(with_l2)).rows}
    for row in compare(without, homework(without)).rows:
        if row.name in ("cost", "dW2"):
            np.testing.assert_array_equal(rows[row.name], row.ours)


def test_dropout_behind_the_output_is_refused() -> None:
    with pytest.raises(UserError, match="end in a Dense layer"):
        exercise("4 tanh, 1 sigmoid, dropout 0.5", "mse")


def test_a_network_that_is_no_chain_of_dense_layers_is_refused() -> None:
    with pytest.raises(UserError, match="chain of Dense layers"):
        exercise("4 tanh, batch norm, 1 sigmoid")
