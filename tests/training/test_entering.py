"""A session goes from one stretch of training to another, and keeps what each has come to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.engine.program import Program, Weights
from netbuilder.runs.stretch import Learned, Stretch, Typed
from netbuilder.training.replay import Replay
from netbuilder.training.run import Enter, Load, Run
from netbuilder.training.trainer import Limit, Trainer

Same = Callable[[Weights, Weights], None]
Make = Callable[..., Any]
SEED = 5


class Hands:
    """Enters stretches and makes updates in a watched session."""

    def __init__(self, kit: Any, one: Any) -> None:
        self.kit, self.one, self.data = kit, one, kit.data()

    def enter(self, stretch: Stretch, *units: int, **how: Any) -> Any:
        self.one.forget()
        plan = self.kit.plan(*units)
        self.one.session.enter(stretch, plan, self.data, self.kit.settings(), SEED, **how)
        return self.one.until(lambda snapshot: snapshot.stretch is stretch)

    def train(self, updates: int) -> Any:
        goal = self.one.last.step + updates
        for _ in range(updates):
            self.one.session.step()
        return self.one.until(lambda s: s.step == goal and s.state != "running")


@pytest.fixture
def hands(kit: Any, watched: Make) -> Hands:
    return Hands(kit, watched())


def test_what_is_left_is_kept_and_gone_on_from(hands: Hands, same: Same) -> None:
    first, second = Stretch(), Stretch()
    begun = hands.enter(first)
    assert (begun.step, begun.state, begun.run) == (0, "idle", 1)
    trained = hands.train(3)
    other = hands.enter(second, 6, leaves=first)
    assert (other.step, other.run) == (0, 2)
    assert first.learned is not None and first.learned.step == 3
    same(dict(first.learned.weights), trained.weights)
    hands.train(2)
    back = hands.enter(first, leaves=second)
    assert (back.step, back.state, back.run) == (3, "paused", 1), "it is the run that it was"
    assert back.log is trained.log and back.recorder is trained.recorder
    same(back.weights, trained.weights)
    assert second.learned is not None and second.learned.step == 2


def test_nothing_is_kept_of_what_never_trained(hands: Hands) -> None:
    first = Stretch()
    hands.enter(first)
    hands.enter(Stretch(), 6, leaves=first)
    assert first.learned is None
    assert hands.enter(first).step == 0


def test_a_source_is_gone_on_from_even_where_it_was_left_before(hands: Hands, same: Same) -> None:
    first, other = Stretch(), Stretch(begins=False)
    hands.enter(first)
    trained = hands.train(4)
    other.source = first
    wider = hands.enter(other, 6, leaves=first)
    assert (wider.step, wider.run) == (4, 1), "an edit goes on in the same run"
    hands.train(2)
    late = Stretch(begins=False, source=first)
    found = hands.enter(late, leaves=other)
    assert (found.step, found.run, found.parent) == (4, 2, (1, 4)), "the run itself is at 6"
    same(found.weights, trained.weights)
    assert len(found.log.updates()["step"]) == 4


def test_a_run_that_is_gone_back_to_goes_on_without_a_seam(hands: Hands, same: Same) -> None:
    first = Stretch()
    hands.enter(first)
    trained = hands.train(5)
    hands.enter(Stretch(), 6, leaves=first)
    hands.enter(first)
    found = hands.train(5)
    assert found.recorder is trained.recorder and found.recorder.leaps == (0,)
    assert found.log.updates()["step"].tolist() == list(range(10))
    alone = Trainer(hands.kit.plan(), hands.data, hands.kit.settings(), SEED)
    alone.limit = Limit(seconds=None, updates=10)
    next(alone.bursts())
    same(found.weights, alone.weights())
    replayed = Replay(found.recorder).state(7)
    alone = Trainer(hands.kit.plan(), hands.data, hands.kit.settings(), SEED)
    alone.limit = Limit(seconds=None, updates=7)
    next(alone.bursts())
    np.testing.assert_array_equal(replayed.numbers, alone.state().numbers)


def test_an_edit_that_was_undone_before_it_trained_leaves_no_trace(hands: Hands) -> None:
    first = Stretch()
    hands.enter(first)
    hands.train(3)
    wider = Stretch(begins=False, source=first)
    assert [str(what) for _, what in hands.enter(wider, 6, leaves=first).log.marks]
    back = hands.enter(first, leaves=wider)
    assert (back.run, back.parent, back.log.marks) == (1, None, ())
    again = hands.enter(wider, 6, leaves=first)
    assert (again.run, again.step) == (1, 3)
    assert [str(what) for _, what in again.log.marks] == ["network changed"]


def test_what_has_gone_on_elsewhere_is_forked(hands: Hands, same: Same) -> None:
    first = Stretch()
    hands.enter(first)
    trained = hands.train(3)
    wider = Stretch(begins=False, source=first)
    hands.enter(wider, 6, leaves=first)
    later = hands.train(2)
    back = hands.enter(first, leaves=wider)
    assert (back.run, back.parent, back.step) == (2, (1, 3), 3)
    same(back.weights, trained.weights)
    assert back.log is not later.log and back.recorder is not later.recorder
    ahead = hands.enter(wider, 6, leaves=first)
    assert (ahead.run, ahead.parent, ahead.log) == (1, None, later.log)
    assert hands.enter(Stretch()).run == 3, "numbers are given once"


def test_training_on_from_a_moment_forks_its_run(hands: Hands, same: Same) -> None:
    first = Stretch()
    hands.enter(first)
    trained = hands.train(3)
    learned = hands.one.session.learned(first)(9.0)
    fork = Stretch(learned=learned, source=first)
    found = hands.enter(fork, leaves=first)
    assert (found.run, found.parent, found.step) == (2, (1, 3), 3)
    same(found.weights, trained.weights)
    assert hands.train(2).parent == (1, 3)
    assert hands.enter(first, leaves=fork).run == 1
    back = hands.enter(fork, leaves=first)
    assert (back.run, back.parent, back.step) == (2, (1, 3), 5)


def test_the_run_of_a_file_is_the_one_that_goes_on(hands: Hands) -> None:
    first = Stretch()
    hands.enter(first)
    hands.train(3)
    stored = Learned({}, sections=hands.one.session.learned(first)(9.0).stored())
    read = stored.read(hands.kit.plan(), hands.data)
    found = hands.enter(Stretch(learned=read))
    assert (found.run, found.parent, found.step) == (2, None, 3)
    assert found.log is read.log


def test_a_run_that_is_left_while_it_trains_can_be_looked_at_where_it_ended(hands: Hands) -> None:
    first = Stretch()
    hands.enter(first)
    hands.one.session.play()
    running = hands.one.until(lambda snapshot: snapshot.step > 20)
    hands.enter(Stretch(), 6, leaves=first)
    assert first.learned is not None
    assert running.recorder.keyframes[-1].state.step == first.learned.step


def test_stretches_that_were_passed_over_count_all_the_same(hands: Hands) -> None:
    first = Stretch()
    hands.enter(first)
    hands.train(2)
    passed = Stretch(begins=True, source=first)
    late = Stretch(begins=False, source=passed)
    assert hands.enter(late, leaves=first).step == 0, "one of them began a run"
    assert late.source is None


def test_loaded_weights_go_on_in_the_same_run(hands: Hands, kit: Any, same: Same) -> None:
    first = Stretch()
    hands.enter(first)
    hands.train(2)
    weights = Program(kit.plan(), seed=77).weights()
    loaded = Stretch(begins=False, source=first, learned=Learned(weights))
    found = hands.enter(loaded, leaves=first)
    assert (found.step, found.run) == (2, 1)
    same(found.weights, weights)
    assert [str(what) for _, what in found.log.marks] == ["weights loaded"]


@pytest.mark.parametrize("rests", [False, True])
def test_what_was_training_goes_on_unless_it_rests(hands: Hands, rests: bool) -> None:
    hands.enter(Stretch())
    hands.one.session.play()
    hands.one.until(lambda snapshot: snapshot.step > 5)
    second = Stretch()
    hands.enter(second, 6, rests=rests)
    if rests:
        hands.one.until(lambda s: s.stretch is second and s.state == "idle" and s.step == 0)
    else:
        hands.one.until(lambda s: s.stretch is second and s.state == "running" and s.step > 5)


def test_a_question_is_answered_about_the_stretch_that_is_asked_about(hands: Hands) -> None:
    first, second, third = Stretch(), Stretch(), Stretch(learned=Learned({"n1.W": np.zeros(1)}))
    hands.enter(first)
    hands.train(3)
    hands.enter(second, 6, leaves=first)
    hands.train(1)
    session = hands.one.session
    assert [session.learned(stretch)(60).step for stretch in (first, second)] == [3, 1]
    assert session.learned(third)(60) is third.learned
    assert session.learned(Stretch())(60) is None


def test_a_moment_too_large_to_be_kept_is_said_to_be_lost(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Stretch()
    hands.enter(first)
    hands.train(3)

    def state(self: Trainer) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "state", state)
        found = hands.one.session.learned(first)(60)
        assert found.state is None and found.step == 3, "its weights can be saved all the same"
        hands.enter(Stretch(), 6, leaves=first)
    assert first.lost and first.learned is None
    assert hands.enter(first).step == 0
    assert not first.lost


def test_only_what_keeps_nothing_is_overtaken(kit: Any) -> None:
    run = Run(kit.plan(), kit.data(), kit.settings(), SEED)

    def enter(leaves: Stretch | None) -> Enter:
        return Enter(lambda *_: None, run, Stretch(), leaves, False)

    assert enter(None).overtakes(enter(None))
    assert not enter(None).overtakes(enter(Stretch()))
    assert not enter(Stretch()).overtakes(enter(None))
    assert not enter(None).overtakes(Load(lambda run, begins: None, run, False))
    assert not enter(None).overtakes(threading.Event().set)


def test_a_typed_number_goes_into_what_the_run_has_come_to_by_then(hands: Hands) -> None:
    """The optimiser's moments and the place in the epoch stay, and a replay knows of it."""
    first = Stretch()
    hands.enter(first)
    trained = hands.train(3)
    typed = (Typed("n1.b", (1, 0), 0.75, "b[1][2]"),)
    second = Stretch(source=first, begins=False, learned=Learned({}, typed=typed))
    changed = hands.enter(second, leaves=first)
    assert (changed.step, changed.run) == (3, trained.run), "the run goes on"
    assert changed.weights["n1.b"][1, 0] == 0.75
    for key, array in trained.weights.items():
        same = array.copy()
        if key == "n1.b":
            same[1, 0] = 0.75
        assert np.array_equal(changed.weights[key], same), key
    assert [(step, str(text)) for step, text in changed.log.marks] == [(3, "b[1][2] = 0.750")]
    state = hands.one.session.run_state()
    assert state is not None
    assert state.updates == 3
    end = hands.train(4)
    replay = Replay(end.recorder)
    for step, snapshot in ((3, changed), (7, end)):
        found = replay.snapshot(step, end)
        assert found is not None
        assert np.array_equal(found.weights["n1.b"], snapshot.weights["n1.b"])
    back = hands.enter(first, leaves=second)
    assert np.array_equal(back.weights["n1.b"], trained.weights["n1.b"])
    again = hands.enter(second, leaves=first)
    assert np.array_equal(again.weights["n1.b"], end.weights["n1.b"])
