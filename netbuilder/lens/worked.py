"""Formulas worked out: what a layer computes of one example, with its numbers filled in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.program import PlanNode
from netbuilder.lens.cases import Case
from netbuilder.lens.look import Look
from netbuilder.lens.loss_curve import loss_curve

Array = NDArray[Any]
Rows = list[tuple[str, str]]

_TERMS = 4
"""So many products are written one by one."""
_FEW = 8
"""So many numbers are written side by side."""


def worked(look: Look, case: Case, node: PlanNode, unit: int = 0) -> Rows:
    """(name, value) pairs of one layer, with the sum of one of its units; of the cost its L."""
    if node is look.plan.nodes[-1]:
        return _cost(look, case)
    number = look.plan.course_layers.get(node.id)
    layer = "" if number is None else str(number)
    A = case.A[node.id].ravel()
    if not node.inputs:
        return _features(look, case)
    W, b = (look.weights.get(f"{node.id}.{name}") for name in ("W", "b"))
    before = look.plan.node(node.inputs[0])
    if W is None or b is None or W.ndim != 2 or len(A) != len(W):
        return [(f"A{layer}", _listed(A))]
    unit = min(unit, len(A) - 1)
    a = case.A[before.id].ravel().astype(float)
    w, shift = W[unit].astype(float), float(b[unit, 0])
    with np.errstate(all="ignore"):
        z = float(w @ a) + shift
    at = f"{layer}[{unit + 1}]"
    rows = [(f"Z{at}", f"{_sum(w, a, shift)} = {numbers.number(z)}")]
    if node.layer.activation is not None:
        g = ACTIVATIONS[node.layer.activation]
        of = numbers.number(z) if g.elementwise else f"Z{layer}"
        value = numbers.number(float(A[unit]))
        rows.append((f"A{at}", f"{g.title.lower()}({of}) = {value}"))
    if len(A) > 1:
        rows.append((f"A{layer}", _listed(A)))
    return rows


def _features(look: Look, case: Case) -> Rows:
    """Each in its own units, and as the network sees it where that differs."""
    dataset = look.dataset
    if dataset.info.n_x > _FEW:
        return []
    rows = []
    for k, (name, x) in enumerate(zip(dataset.info.feature_names, case.x, strict=True)):
        seen = numbers.number(float(x))
        if dataset.scaling is not None:
            raw = float(x) * dataset.scaling.scale[k] + dataset.scaling.shift[k]
            seen = f"{numbers.number(raw)} → {seen}"
        rows.append((name, seen))
    return rows


def _cost(look: Look, case: Case) -> Rows:
    said, true = _listed(case.Y_hat), _listed(case.y)
    curve, loss = loss_curve(look, case), numbers.number(case.loss)
    if curve is not None and curve.likelihood is not None:
        loss = f"−log {numbers.number(curve.likelihood)} = {loss}"
    return [("Ŷ", said), ("Y", true), ("L", loss)]


def _sum(w: Array, a: Array, b: float) -> str:
    """0.53·1.62 − 3.32·(−4.04) − 0.072; the largest products of many."""
    order = np.argsort(-np.abs(w * a), kind="stable")[:_TERMS]
    few = len(w) <= _TERMS
    found = ""
    for k in sorted(order.tolist()) if few else order.tolist():
        factor = numbers.number(float(a[k]))
        factor = f"({factor})" if a[k] < 0 else factor
        found += _signed(float(w[k]), bool(found)) + f"·{factor}"
    if not few:
        found += " + …"
    return found + _signed(b, signed=True)


def _signed(value: float, signed: bool) -> str:
    """A number as a term of a sum, with its sign between spaces where it is not the first."""
    if not signed:
        return numbers.number(value)
    return f" {'−' if value < 0 else '+'} {numbers.number(abs(value))}"


def _listed(values: Array) -> str:
    words = [numbers.number(float(value)) for value in values[:_FEW]]
    if len(words) == 1 == len(values):
        return words[0]
    return f"({', '.join(words)}{', …' if len(values) > _FEW else ''})"
