"""Arithmetic that remembers: matrix products, sums and functions that give a traced quantity."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.stops import Factor, Index, Name, Origin, Quantity, Term, Terms

Array = NDArray[Any]
Operand = Quantity | Factor
Product = tuple[int, tuple[Operand, ...]]
"""A sign and what is multiplied."""


def product(name: Name, left: Quantity, right: Quantity, plus: Quantity | None = None) -> Quantity:
    """left · right + plus, a matrix product with a column that is added."""
    values = left.values @ right.values
    if plus is not None:
        values = values + plus.values

    def traced(at: Index) -> Origin:
        i, j = at
        inner = left.shape[1]

        def term(k: int) -> Term:
            if k == inner:
                assert plus is not None
                return Term((Factor.of(plus, (i, 0)),))
            return Term((Factor.of(left, (i, k)), Factor.of(right, (k, j))))

        return Origin(found, at, Terms(inner + (plus is not None), term))

    found = Quantity(name, values, traced)
    return found


def left_transposed(name: Name, left: Quantity, right: Quantity) -> Quantity:
    """leftᵀ · right"""

    def traced(at: Index) -> Origin:
        i, j = at
        terms = Terms(
            left.shape[0],
            lambda k: Term((Factor.of(left, (k, i)), Factor.of(right, (k, j)))),
        )
        return Origin(found, at, terms)

    found = Quantity(name, left.values.T @ right.values, traced)
    return found


def right_transposed(
    name: Name, left: Quantity, right: Quantity, scale: tuple[Factor, ...] = ()
) -> Quantity:
    """scale · left · rightᵀ"""

    def traced(at: Index) -> Origin:
        i, j = at
        terms = Terms(
            left.shape[1],
            lambda k: Term((Factor.of(left, (i, k)), Factor.of(right, (j, k)))),
        )
        return Origin(found, at, terms, scale)

    found = Quantity(name, left.values @ right.values.T * number(scale), traced)
    return found


def number(scale: Sequence[Factor]) -> float:
    return math.prod((factor.value for factor in scale), start=1.0)


def combined(name: Name, products: Sequence[Product], scale: tuple[Operand, ...] = ()) -> Quantity:
    """scale · Σ ± products, number by number; what is smaller is spread as NumPy does it."""
    operands = [part for _, parts in products for part in parts] + list(scale)
    shape = max((o.shape for o in operands if isinstance(o, Quantity)), key=math.prod)
    values = sum(
        sign * math.prod((spread(part, shape) for part in parts), start=1.0)
        for sign, parts in products
    )
    for part in scale:
        values = values * spread(part, shape)

    def traced(at: Index) -> Origin:
        terms = [
            Term(tuple(_factor(part, at, shape) for part in parts), sign)
            for sign, parts in products
        ]
        return Origin(found, at, terms, tuple(_factor(part, at, shape) for part in scale))

    found = Quantity(name, np.broadcast_to(values, shape).astype(np.float64), traced)
    return found


def mapped(name: Name, function: str, apply: Callable[..., Any], *arguments: Quantity) -> Quantity:
    """A function of some quantities, number by number; ``function`` is its LaTeX."""
    shape = max((quantity.shape for quantity in arguments), key=math.prod)
    with np.errstate(all="ignore"):
        values = apply(*(spread(quantity, shape) for quantity in arguments))

    def traced(at: Index) -> Origin:
        factors = tuple(_factor(quantity, at, shape) for quantity in arguments)

        def once(*numbers: float) -> Any:
            with np.errstate(all="ignore"):
                return apply(*(np.array(value) for value in numbers))

        return Origin(found, at, (), (), factors, function, once)

    found = Quantity(name, np.asarray(values, np.float64), traced)
    return found


def summed(
    name: Name, factors: Sequence[Quantity], shape: Index, scale: tuple[Factor, ...] = ()
) -> Quantity:
    """scale · Σ of products of arrays of one shape, down to (n, 1), to (1, m) or to (1, 1).

    (n, 1) is a number for each unit or channel, or for each number of an example if n is that many.
    """
    whole = factors[0].shape
    values = math.prod((quantity.values for quantity in factors[1:]), start=factors[0].values)
    columns = values.reshape(-1, whole[-1])
    if shape == (1, 1):
        reduced = columns.sum().reshape(1, 1)
    elif shape[1] == 1:
        reduced = columns.reshape(shape[0], -1).sum(axis=1, keepdims=True)
    else:
        reduced = columns.sum(axis=0, keepdims=True)

    def traced(at: Index) -> Origin:
        before: Index = ()
        after: Index = ()
        if shape == (1, 1):
            free = whole
        elif shape[1] != 1:
            free, after = whole[:-1], (at[1],)
        elif shape[0] == whole[0]:
            before, free = (at[0],), whole[1:]
        else:
            before, free = _unravelled(at[0], whole[:-1]), whole[-1:]

        def term(k: int) -> Term:
            place = (*before, *_unravelled(k, free), *after)
            return Term(tuple(Factor.of(quantity, place) for quantity in factors))

        return Origin(found, at, Terms(math.prod(free), term), scale)

    found = Quantity(name, np.asarray(reduced * number(scale)), traced)
    return found


def spread(operand: Operand, shape: Index) -> Any:
    """A smaller array as it stands in one of this shape: γ (n, 1) in an image, say."""
    if isinstance(operand, Factor):
        return operand.value
    values = operand.values
    if values.ndim == len(shape):
        return values
    n, m = values.shape
    if m == 1 and n == shape[0]:
        return values.reshape(n, *(1,) * (len(shape) - 1))
    return values.reshape(*(1,) * (len(shape) - 1), m) if n == 1 else values.reshape(*shape[:-1], 1)


def _factor(operand: Operand, at: Index, shape: Index) -> Factor:
    if isinstance(operand, Factor):
        return operand
    own = operand.shape
    if len(own) == len(shape):
        return Factor.of(operand, tuple(i if n > 1 else 0 for i, n in zip(at, own, strict=True)))
    if own[1] == 1 and own[0] == shape[0]:
        return Factor.of(operand, (at[0], 0))
    if own[0] == 1:
        return Factor.of(operand, (0, at[-1]))
    return Factor.of(operand, (int(np.ravel_multi_index(at[:-1], shape[:-1])), 0))


def _unravelled(k: int, shape: Index) -> Index:
    return tuple(int(i) for i in np.unravel_index(k, shape))
