"""What takes long is computed on a thread of its own, once, and given up when nobody wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from netbuilder.document import templates
from netbuilder.document.model.project import DataChoice
from netbuilder.errors import UserError
from netbuilder.lens import look as look_module
from netbuilder.lens.later import GivenUp, Later, NotYet
from netbuilder.lens.probe import Probe


class Told:
    """Counts what was told, and waits for it."""

    def __init__(self) -> None:
        self._count = threading.Semaphore(0)

    def __call__(self) -> None:
        self._count.release()

    def wait(self) -> None:
        assert self._count.acquire(timeout=10)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def later(told: Told) -> Iterator[Later]:
    later = Later(told)
    yield later
    later.stop()


class Gate:
    """A job that says when it has begun, and goes on when it is let."""

    def __init__(self, later: Later) -> None:
        self.begun, self.open = threading.Event(), threading.Event()
        self.given_up = False
        self._later = later

    def __call__(self) -> None:
        self.begun.set()
        assert self.open.wait(10)
        try:
            self._later.check()
        except GivenUp:
            self.given_up = True
            raise


def test_a_job_is_done_once_and_on_another_thread(later: Later, told: Told) -> None:
    owner, done, gate = object(), [], Gate(later)
    later.want(owner, "gate", gate, alone=False)
    for _ in range(3):
        later.want(owner, "key", lambda: done.append((threading.get_ident(), later.inside)), False)
    assert later.is_busy_with(owner) and not later.inside
    gate.open.set()
    told.wait()
    told.wait()
    assert len(done) == 1 and done[0][0] != threading.get_ident() and done[0][1]
    assert not later.is_busy_with(owner)


def test_who_rests_elsewhere_makes_the_rest_be_given_up(later: Later, told: Told) -> None:
    old, new, gate, done = object(), object(), Gate(later), []
    later.want(old, 1, gate, alone=True)
    later.want(old, 2, lambda: done.append("old"), alone=True)
    assert gate.begun.wait(10)
    later.want(new, 1, lambda: done.append("new"), alone=True)
    assert not later.is_busy_with(old) and later.is_busy_with(new)
    gate.open.set()
    told.wait()
    assert gate.given_up and done == ["new"]


def test_stopping_leaves_no_thread(told: Told) -> None:
    later = Later(told)
    gate = Gate(later)
    later.want(object(), 1, gate, alone=False)
    assert gate.begun.wait(10)
    gate.open.set()
    later.stop()
    assert not [t for t in threading.enumerate() if t.name == "netbuilder-lens"]
    later.want(object(), 1, gate, alone=False)
    assert not [t for t in threading.enumerate() if t.name == "netbuilder-lens"]


@pytest.fixture
def dear(subject: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A network of which nothing may be computed at once."""
    monkeypatch.setattr(look_module, "AT_ONCE", 20)
    monkeypatch.setattr(look_module, "_COUNTING", 0)
    return subject(templates.new_project(DataChoice(examples=60), "4 tanh, 1 sigmoid"))


@pytest.mark.parametrize("what", ["maps", "output_map", "activations", "means", "metrics"])
def test_a_dear_look_comes_later_and_is_the_same(dear: Any, later: Later, told: Told, what: str):
    moment = dear.moment()
    at_once = getattr(dear.look(moment), what)()
    dear.probe = Probe(later)
    look = dear.look(moment)
    with pytest.raises(NotYet):
        getattr(look, what)()
    told.wait()
    found = getattr(look, what)()
    if isinstance(found, dict):
        assert found.keys() == at_once.keys()
        for name, values in found.items():
            # Of one row at a time BLAS may round elsewhere than of all of them.
            np.testing.assert_allclose(values, at_once[name], rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_allclose(found, at_once, rtol=1e-5, atol=1e-6)


def test_of_several_questions_the_latest_is_answered(
    dear: Any, later: Later, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_module, "AT_ONCE", 5)
    first, second = dear.dataset.train.X[:2]
    moment = dear.moment()
    expected = dear.look(moment).prediction().Y_hat[:2]
    dear.probe = Probe(later)
    look, gate = dear.look(moment), Gate(later)
    later.want(look, "gate", gate, alone=False)
    for x in (first, second):
        with pytest.raises(NotYet):
            look.answer(x)
    gate.open.set()
    told.wait()
    told.wait()
    np.testing.assert_allclose(look.answer(second), expected[1], rtol=1e-5)
    with pytest.raises(NotYet):
        look.answer(first)
    told.wait()
    np.testing.assert_allclose(look.answer(first), expected[0], rtol=1e-5)


def test_what_cannot_be_computed_is_said_once(
    dear: Any, later: Later, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear.probe = Probe(later)
    look = dear.look(dear.moment())

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(look, "_activations", fail)
    with pytest.raises(NotYet):
        look.activations()
    told.wait()
    with pytest.raises(UserError, match="not enough memory"):
        look.activations()
