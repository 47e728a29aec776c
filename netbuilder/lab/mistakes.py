"""The mistakes that learners make, each tried on the first array that is wrong."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from netbuilder.engine import textbook
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.errors import Message
from netbuilder.lab.homework import (
    BETA2,
    EPSILON,
    RIGHT,
    A_prev,
    Array,
    Case,
    Comparison,
    Row,
    Values,
    alike,
    cost,
    rate,
    squares,
)
from netbuilder.registry import Registry

_NAME = re.compile(r"([A-Za-z_]+?)(\d*)(_new)?")


@dataclass(frozen=True, eq=False)
class Wrong:
    """The first wrong array with what surrounds it."""

    case: Case
    v: Values
    """The learner's own arrays before it."""
    name: str
    kind: str
    """The name without the layer's number: Z, dW, v_dW, W_new, …"""
    l: int  # noqa: E741
    """The layer's number; 0 for what belongs to none."""
    mine: Array
    right: Array
    """What it should be by the arrays before it."""

    @property
    def m(self) -> int:
        return self.case.m

    @property
    def l2(self) -> float:
        return self.case.l2

    @property
    def A_prev(self) -> Array:
        return A_prev(self.v, self.l)

    def of(self, kind: str, further: int = 0) -> Array:
        """Another array of this layer, or of one further on."""
        return self.v[f"{kind}{self.l + further}"]


Makes = Callable[[Wrong], Iterator[tuple[Array, str]]]
"""What the array would be with the mistake, in one way or several, each with its evidence."""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: the arrays that it is made in, and what it makes of them."""

    name: str
    title: str
    kinds: tuple[str, ...]
    makes: Makes


MISTAKES: Registry[Mistake] = Registry("mistake")


def known(name: str, title: str, *kinds: str) -> Callable[[Makes], Makes]:
    """A decorator that makes a function the row of a mistake."""

    def add(makes: Makes) -> Makes:
        MISTAKES.add(name, Mistake(name, title, kinds, makes))
        return makes

    return add


@dataclass(frozen=True)
class Diagnosis:
    """The mistake that explains an array, and how that is known."""

    mistake: Mistake
    evidence: str

    @property
    def message(self) -> Message:
        return Message("{title}: {evidence}", title=self.mistake.title, evidence=self.evidence)


def diagnosed(found: Comparison, row: Row) -> Diagnosis | None:
    """The first known mistake whose outcome is the learner's array; None for one of another kind"""
    parts = _NAME.fullmatch(row.name)
    assert parts is not None, row.name
    kind = parts[1] + (parts[3] or "")
    wrong = Wrong(found.case, found.own, row.name, kind, int(parts[2] or 0), row.mine, row.expected)
    assert row.verdict != RIGHT
    with np.errstate(all="ignore"):
        for mistake in MISTAKES.values():
            if kind not in mistake.kinds:
                continue
            # Where shapes do not go together the mistake cannot have been made in this way.
            with contextlib.suppress(ValueError):
                for array, evidence in mistake.makes(wrong):
                    if alike(row.mine, np.asarray(array)):
                        return Diagnosis(mistake, evidence)
    return None


@known("mean", "The 1/m is missing", "dW", "db")
def _mean(w: Wrong) -> Iterator[tuple[Array, str]]:
    yield w.right * w.m, f"{w.name} is m = {w.m} times what your dZ{w.l} gives."
    if w.kind == "dW" and w.l2:
        yield (
            np.dot(w.of("dZ"), w.A_prev.T) + w.l2 / w.m * w.of("W"),
            f"{w.name} is dZ{w.l}·Aᵀ without 1/m, plus the L2 term.",
        )


@known("mean-twice", "The 1/m is there once too often", "dZ", "dA", "dW", "db")
def _mean_twice(w: Wrong) -> Iterator[tuple[Array, str]]:
    where = "it belongs to dW and db alone" if w.kind in ("dZ", "dA") else "once is enough"
    yield w.right / w.m, f"{w.name} is 1/m of what the arrays before it give; {where}."


@known("sign", "The sign is wrong", "dA", "dZ", "dW", "db", "W_new", "b_new")
def _sign(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.kind.endswith("_new"):
        before = w.of(w.kind.removesuffix("_new"))
        yield 2 * before - w.right, f"{w.name} has gone up the gradient: W := W − α dW."
    else:
        yield -w.right, f"{w.name} is −1 times what it should be."


@known("star", "* was written for np.dot", "Z", "dW", "dA")
def _star(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.kind == "Z":
        a, b, words = w.of("W"), w.A_prev, f"W{w.l} * A{w.l - 1} + b{w.l}"
    elif w.kind == "dW":
        a, b, words = w.of("dZ"), w.A_prev, f"dZ{w.l} * A{w.l - 1} / m"
    elif w.l == w.case.L:
        return
    else:
        a, b, words = w.of("W", 1), w.of("dZ", 1), f"W{w.l + 1} * dZ{w.l + 1}"
    over = w.m if w.kind == "dW" else 1
    plus = w.of("b") if w.kind == "Z" else 0.0
    for left, right in ((a, b), (a.T, b), (a, b.T)):
        with contextlib.suppress(ValueError):
            yield left * right / over + plus, f"{w.name} is {words}, entry by entry."


@known("slope", "The derivative g′(Z) was forgotten", "dZ")
def _slope(w: Wrong) -> Iterator[tuple[Array, str]]:
    yield w.of("dA"), f"{w.name} is dA{w.l} itself: dZ = dA ∗ g′(Z)."


@known("z-for-a", "The derivative was taken with Z in place of A", "dZ")
def _z_for_a(w: Wrong) -> Iterator[tuple[Array, str]]:
    dA, Z, A = w.of("dA"), w.of("Z"), w.of("A")
    yield dA * (1 - Z**2), f"{w.name} is dA{w.l} ∗ (1 − Z{w.l}²); tanh′ is 1 − A²."
    yield dA * Z * (1 - Z), f"{w.name} is dA{w.l} ∗ Z{w.l} (1 − Z{w.l}); σ′ is A (1 − A)."
    if w.case.layers[w.l - 1].activation == "tanh":
        yield dA * (1 - np.tanh(A) ** 2), f"{w.name} takes tanh once more: tanh′(Z) is 1 − A²."


def _back(w: Wrong, W: Array) -> Array:
    """dA of this layer as it would be with another W of the next."""
    dA = np.dot(W.T, w.of("dZ", 1))
    keep = w.case.layers[w.l - 1].keep if w.l else 1.0
    return np.asarray(dA if keep == 1.0 else dA * w.of("D") / keep)


@known("dw-for-w", "dW was taken for W", "dA")
def _dw_for_w(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.l < w.case.L:
        yield _back(w, w.of("dW", 1)), f"{w.name} is dW{w.l + 1}ᵀ·dZ{w.l + 1}; it is Wᵀ·dZ."


@known("updated", "W was updated before it was used on the way back", "dA")
def _updated(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.l < w.case.L:
        name = f"W{w.l + 1}"
        new = w.of("W", 1) - rate(w.case) * w.of("dW", 1)
        yield (
            _back(w, new),
            f"{w.name} is ({name} − α d{name})ᵀ·dZ{w.l + 1}: update when all is done.",
        )
        if f"{name}_new" in w.v:
            yield _back(w, w.v[f"{name}_new"]), f"{w.name} was taken with {name} after the update."


@known("axis", "axis=1 or keepdims=True is missing in the sum", "db")
def _axis(w: Wrong) -> Iterator[tuple[Array, str]]:
    dZ = w.of("dZ")
    for total, words in (
        (dZ.sum(axis=1), "its shape is (n,): keepdims=True is missing"),
        (dZ.sum(), "it is one number, the sum over units and examples: axis=1 is missing"),
        (dZ.sum(keepdims=True), "it is the sum over units and examples: axis=1 is missing"),
        (dZ.sum(axis=0), "it is summed over the units, axis=0, and not over the examples"),
        (
            dZ.sum(axis=0, keepdims=True),
            "it is summed over the units, axis=0, and not the examples",
        ),
        (np.full(w.right.shape, dZ.sum()), "every entry is the sum over all units"),
    ):
        for over, more in ((w.m, ""), (1, ", and so is 1/m"), (dZ.size, "")):
            yield np.asarray(total) / over, f"{w.name}: {words}{more}."


@known("l2", "The L2 term is not λ/m W, or not where it belongs", "dW", "db", "cost")
def _l2(w: Wrong) -> Iterator[tuple[Array, str]]:
    l2, m = w.l2, w.m
    if not l2:
        return
    if w.kind == "dW":
        bare = w.right - l2 / m * w.of("W")
        yield bare + l2 * w.of("W"), f"{w.name} has λ W: the 1/m of the L2 term is missing."
        yield bare, f"{w.name} has no L2 term λ/m W."
        yield bare + 2 * l2 / m * w.of("W"), f"{w.name} has 2 λ/m W: the ½ in J takes the 2 away."
        yield bare - l2 / m * w.of("W"), f"{w.name} has −λ/m W."
    elif w.kind == "db":
        yield w.right + l2 / m * w.of("b"), f"{w.name} has λ/m b: L2 concerns W alone."
        yield w.right + l2 * w.of("b"), f"{w.name} has λ b: L2 concerns W alone."
    else:
        W2 = squares(w.case, w.v)
        bare = np.asarray(cost(w.case, w.v) - l2 / (2 * m) * W2)
        yield bare + l2 / 2 * W2, "The cost has λ/2 Σ W²: the 1/m is missing."
        yield bare + l2 / m * W2, "The cost has λ/m Σ W²: the ½ is missing."
        yield bare, "The cost has no L2 term."
        b2 = sum(float((w.v[f"b{l}"] ** 2).sum()) for l in range(1, w.case.L + 1))  # noqa: E741
        yield bare + l2 / (2 * m) * (W2 + b2), "The cost has b in its L2 term: it concerns W alone."


@known("cost-mean", "The cost is a sum, not a mean", "cost")
def _cost_mean(w: Wrong) -> Iterator[tuple[Array, str]]:
    yield w.right * w.m, f"The cost is m = {w.m} times what your A{w.case.L} gives."
    yield -w.right, "The cost is negative: J is −1/m Σ …"


@known("initial", "The first weights were drawn otherwise", "W")
def _initial(w: Wrong) -> Iterator[tuple[Array, str]]:
    rng = np.random.RandomState(w.case.seed)
    for l, layer in enumerate(w.case.layers, start=1):  # noqa: E741
        shape = w.v[f"W{l}"].shape if l != w.l else w.right.shape
        uniform = rng.rand(*shape)
        if l == w.l:
            scale = INITIALIZERS[layer.initializer].scale(*shape)
            yield uniform * scale, f"{w.name} comes from rand, which is never negative: use randn."
            yield uniform, f"{w.name} comes from rand, and has no scale: use randn · {scale:.4g}."
            break
    if w.mine.shape == w.right.shape and np.any(w.right):
        ratio = float((w.mine * w.right).sum() / (w.right**2).sum())
        if ratio != 0.0:
            yield w.right * ratio, f"{w.name} is {ratio:.6g} times ours: the scale is another one."
    yield np.zeros(w.right.shape), f"{w.name} is zero, so that all units stay alike."


@known("reshaped", "The examples do not lie in columns", "X", "Y")
def _reshaped(w: Wrong) -> Iterator[tuple[Array, str]]:
    rows = np.ascontiguousarray(w.right.T)
    words = "reshape(n_x, m) tears the examples apart: reshape(m, −1).T keeps them."
    yield rows.reshape(w.right.shape), words
    yield rows, f"{w.name} has the examples as rows; the course has them as columns, {w.name}.T."
    if len(w.right) == 1:
        yield w.right[0], f"{w.name} is an array of rank 1: {w.name}.reshape(1, m) is a row."


@known("dropout", "The dropout mask or its 1/keep is missing", "A", "dA")
def _dropout(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.l == 0 or w.l > w.case.L or w.case.layers[w.l - 1].keep == 1.0:
        return
    layer = w.case.layers[w.l - 1]
    if w.kind == "A":
        bare = textbook.ACTIVATIONS[layer.activation](w.of("Z"))
    else:
        bare = np.dot(w.of("W", 1).T, w.of("dZ", 1))
    yield bare * w.of("D"), f"{w.name} is not divided by keep = {layer.keep:g}."
    way = "forwards" if w.kind == "A" else "backwards"
    yield bare, f"The mask D{w.l} is not applied {way}."
    yield bare / layer.keep, f"{w.name} is divided by keep, but not multiplied by D{w.l}."


@known(
    "adam",
    "Adam's ε, t or β is another one",
    *("v_dW", "v_db", "s_dW", "s_db", "W_new", "b_new"),
    *("v_corrected_dW", "v_corrected_db", "s_corrected_dW", "s_corrected_db"),
)
def _adam(w: Wrong) -> Iterator[tuple[Array, str]]:
    if w.case.training.optimizer not in ("adam", "rmsprop", "momentum"):
        return
    beta, t = w.case.training.beta, w.case.t
    kind = w.kind.removesuffix("_new")
    if w.kind.endswith("_new"):
        yield from _adam_step(w, kind)
        return
    first = w.kind.startswith("v")
    b, moment = (beta, "v") if first else (BETA2, "s")
    d = w.of(w.kind.rpartition("_")[2])
    if "corrected" in w.kind:
        plain = w.of(f"{moment}_{w.kind.rpartition('_')[2]}")
        yield plain, f"{w.name} is not divided by 1 − β^t."
        for other in (t - 1, t + 1):
            if other > 0:
                yield plain / (1 - b**other), f"{w.name} is corrected for t = {other}, not {t}."
        yield plain / (1 - b * t), f"{w.name} is divided by 1 − β t, not by 1 − β^t."
        yield plain / (1 - b) ** t, f"{w.name} is divided by (1 − β)^t, not by 1 − β^t."
        return
    new = d if first else d**2
    yield new, f"{w.name} lacks the factor 1 − β."
    yield b * new, f"{w.name} has β where 1 − β belongs."
    if not first:
        yield (1 - b) * d, f"{w.name} takes dW, and not its square."
        yield (1 - beta) * new, f"{w.name} takes β₁ for β₂."


def _adam_step(w: Wrong, kind: str) -> Iterator[tuple[Array, str]]:
    if w.case.training.optimizer != "adam":
        return
    W, alpha, beta, t = w.of(kind), w.v["learning_rate"], w.case.training.beta, w.case.t
    v, s = w.of(f"v_d{kind}"), w.of(f"s_d{kind}")
    vc, sc = w.of(f"v_corrected_d{kind}"), w.of(f"s_corrected_d{kind}")
    yield W - alpha * vc / np.sqrt(sc + EPSILON), f"{w.name} has ε under the root: it is √s + ε."
    for epsilon in (0.0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2):
        words = f"{w.name} was taken with ε = {epsilon:g}, not {EPSILON:g}."
        yield W - alpha * vc / (np.sqrt(sc) + epsilon), words
    yield (
        W - alpha * v / (np.sqrt(s) + EPSILON),
        f"{w.name} takes v and s as they are: correct them.",
    )
    for other in (t - 1, t + 1):
        if other > 0:
            a, b = v / (1 - beta**other), s / (1 - BETA2**other)
            words = f"{w.name} is corrected for t = {other}, not for t = {t}."
            yield W - alpha * a / (np.sqrt(b) + EPSILON), words
    yield W - alpha * vc / (sc + EPSILON), f"{w.name} lacks the root of s."


@known("decay", "The learning rate decays otherwise", "learning_rate")
def _decay(w: Wrong) -> Iterator[tuple[Array, str]]:
    s, e = w.case.training, w.case.epoch
    for epoch in (e, max(e - 1, 0), e + 1):
        smooth = s.learning_rate / (1 + s.decay * epoch / s.period)
        stairs = s.learning_rate / (1 + s.decay * (epoch // s.period))
        if s.period > 1:
            yield (
                np.asarray(smooth),
                "It falls with every epoch: the floor of epoch / interval is missing.",
            )
        yield np.asarray(stairs), f"It is that of epoch {epoch + 1}, not of epoch {e}."
    yield np.asarray(s.learning_rate), "It has not decayed at all."


@known("b-for-w", "The update is not W − α dW", "W_new", "b_new")
def _step(w: Wrong) -> Iterator[tuple[Array, str]]:
    kind = w.kind.removesuffix("_new")
    before = w.of(kind)
    yield before - w.of(f"d{kind}"), f"{w.name} is {kind} − d{kind}: the learning rate is missing."
    yield before, f"{w.name} is as it was before the update."
