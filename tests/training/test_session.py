"""The worker thread obeys, takes turns, survives errors and ends."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbuilder.engine.program import Program, Weights
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.replay import Replay
from netbuilder.training.session import Session
from netbuilder.training.trainer import Limit, Trainer
from netbuilder.training.worker import COPYING, GENTLE

Same = Callable[[Weights, Weights], None]
Make = Callable[..., Any]

SEED = 5


@pytest.fixture
def loaded(kit: Any, watched: Make) -> Make:
    """Makes a watched session with a network that is ready to play."""

    def make(plan: Any = None, dataset: Any = None, chosen: Any = None, **options: Any) -> Any:
        one = watched(**options)
        one.session.load(plan or kit.plan(), dataset or kit.data(), chosen or kit.settings(), SEED)
        return one

    return make


def reference(kit: Any, step: int, chosen: Any = None, seed: int = SEED) -> Weights:
    """The weights after so many updates in a plain loop, as the command line trains."""
    trainer = Trainer(kit.plan(), kit.data(), chosen or kit.settings(), seed)
    trainer.limit = Limit(seconds=None, updates=1)
    bursts = trainer.bursts()
    for _ in range(step):
        next(bursts)
    return trainer.weights()


def stopped_at(step: int) -> Callable[[Snapshot], bool]:
    return lambda snapshot: snapshot.state != "running" and snapshot.step == step


# --- play, pause, step, epoch, reset -----------------------------------------------------------


def test_a_loaded_network_is_shown_before_it_trains(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    snapshot = one.rest("idle")
    assert (snapshot.run, snapshot.step, snapshot.epoch) == (1, 0, 0)
    assert snapshot.gradients == snapshot.before == {}
    assert np.isfinite(snapshot.cost)
    same(snapshot.weights, Program(kit.plan(), seed=SEED).weights())


def test_play_trains_until_pause(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    one.session.play()
    running = one.until(lambda snapshot: snapshot.updates_per_second > 0 and snapshot.step > 100)
    assert running.state == "running"
    one.session.pause()
    paused = one.rest("paused")
    assert paused.updates_per_second == 0.0
    assert one.session.state == "paused"
    same(paused.weights, reference(kit, paused.step))
    assert len(paused.log.updates()["cost"]) == paused.step
    assert [snapshot.step for snapshot in one.seen] == sorted(
        snapshot.step for snapshot in one.seen
    )


def test_a_snapshot_is_a_copy_that_never_changes(loaded: Make, same: Same) -> None:
    one = loaded()
    one.session.step()
    first = one.until(stopped_at(1))
    kept = {key: array.copy() for key, array in (first.weights | first.gradients).items()}
    one.session.step()
    second = one.until(stopped_at(2))
    same(second.before, first.weights)
    for key, array in (first.weights | first.gradients).items():
        np.testing.assert_array_equal(array, kept[key])
        assert not np.shares_memory(array, (second.weights | second.gradients)[key])


def test_steps_are_exact_and_add_up(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    for _ in range(7):
        one.session.step()
    snapshot = one.until(stopped_at(7))
    assert snapshot.state == "paused"
    same(snapshot.weights, reference(kit, 7))


def test_an_epoch_goes_to_the_end_of_the_current_one(kit: Any, loaded: Make) -> None:
    one = loaded(chosen=kit.settings(batch_size=10))
    one.session.epoch()
    assert one.until(stopped_at(3)).state == "paused"
    one.session.step()
    one.until(stopped_at(4))
    one.session.epoch()
    snapshot = one.until(stopped_at(6))
    assert (snapshot.state, snapshot.epoch) == ("paused", 2)


def test_step_and_epoch_end_what_is_playing(loaded: Make) -> None:
    for command in ("step", "epoch"):
        one = loaded()
        one.session.play()
        one.until(lambda snapshot: snapshot.step > 10)
        getattr(one.session, command)()
        one.rest("paused")


def test_reset_gives_the_same_start_again(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    first = one.rest("idle")
    one.session.play()
    trained = one.until(lambda snapshot: snapshot.step > 10)
    one.session.reset()
    again = one.until(lambda snapshot: snapshot.run == 2)
    assert (again.state, again.step, again.epoch) == ("idle", 0, 0)
    assert again.log is not trained.log
    assert len(again.log.updates()["cost"]) == 0
    same(again.weights, first.weights)
    one.session.reset(seed=8)
    other = one.until(lambda snapshot: snapshot.run == 3)
    same(other.weights, Program(kit.plan(), seed=8).weights())
    one.session.reset()  # the new seed is the run's own from now on
    same(one.until(lambda snapshot: snapshot.run == 4).weights, other.weights)


def test_commands_before_a_network_is_there_do_nothing(kit: Any, watched: Make) -> None:
    one = watched()
    for command in ("play", "pause", "step", "epoch", "reset"):
        getattr(one.session, command)()
    one.session.settings(kit.settings())
    one.session.taken()
    one.session.hold(0.01)
    assert one.session.weights() == {}
    assert one.session.state == "idle"
    assert one.seen == []


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    commands=st.lists(
        st.sampled_from(["step", "epoch", "play", "pause", "hold", "taken", "weights"]),
        max_size=15,
    ),
    batch_size=st.sampled_from([0, 7]),
)
def test_whatever_is_commanded_the_weights_are_those_of_a_plain_loop(
    kit: Any, watched: Make, same: Same, commands: list[str], batch_size: int
) -> None:
    one = watched()
    chosen = kit.settings(batch_size=batch_size, epochs=40)
    one.session.load(kit.plan(), kit.data(), chosen, SEED)
    for command in commands:
        if command == "hold":
            one.session.hold(0.001)
        else:
            getattr(one.session, command)()
    one.session.pause()
    one.session.weights()  # everything before it is obeyed
    one.forget()
    one.session.step()
    last = one.rest("paused")
    same(last.weights, reference(kit, last.step, dataclasses.replace(chosen, epochs=0)))
    assert len(last.log.updates()["cost"]) == last.step


# --- stopping by itself ------------------------------------------------------------------------


def test_a_stop_condition_finishes_the_run_and_play_goes_on(kit: Any, loaded: Make) -> None:
    one = loaded(chosen=kit.settings(epochs=50))
    one.session.play()
    snapshot = one.rest("finished")
    assert (snapshot.epoch, snapshot.goal) == (50, 50)
    assert str(snapshot.message) == "Finished: 50 epochs are done."
    one.session.step()
    assert one.until(lambda snapshot: snapshot.step == 51).message is None
    one.session.play()
    assert (
        one.until(lambda snapshot: snapshot.state == "finished" and snapshot.step > 50).step == 100
    )


def test_a_diverged_run_says_so_and_can_be_reset(kit: Any, loaded: Make) -> None:
    one = loaded(
        plan=kit.line(),
        dataset=kit.data(task="regression", scale=20.0),
        chosen=kit.settings(learning_rate=2.0),
    )
    one.session.play()
    snapshot = one.rest("diverged")
    assert "went out of range first" in str(snapshot.message)
    assert all(np.isfinite(array).all() for array in snapshot.weights.values())
    assert (snapshot.run, snapshot.parent) == (2, (1, snapshot.step)), "it went back in a fork"
    one.session.settings(kit.settings(learning_rate=1e-4))
    one.session.reset()
    one.session.play()
    one.until(lambda snapshot: snapshot.run == 3 and snapshot.step > 100)


# --- changes while it runs ---------------------------------------------------------------------


def test_settings_change_while_it_runs_and_are_marked(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded(chosen=kit.settings(optimizer="momentum"))
    one.session.play()
    one.until(lambda snapshot: snapshot.step > 50)
    changed = kit.settings(optimizer="momentum", learning_rate=0.01)
    one.session.settings(changed)
    one.until(lambda snapshot: bool(snapshot.log.marks))
    one.session.pause()
    snapshot = one.rest("paused")
    ((step, message),) = snapshot.log.marks
    assert str(message) == "learning rate: 0.3 → 0.01"
    trainer = Trainer(kit.plan(), kit.data(), kit.settings(optimizer="momentum"), SEED)
    for count, chosen in ((step, None), (snapshot.step - step, changed)):
        if chosen is not None:
            trainer.settings = chosen
        trainer.limit = Limit(seconds=None, updates=count)
        next(trainer.bursts())
    same(snapshot.weights, trainer.weights())


def test_settings_are_kept_by_a_reset(kit: Any, loaded: Make) -> None:
    one = loaded()
    one.session.settings(kit.settings(epochs=3))
    one.session.reset()
    one.session.play()
    assert one.rest("finished").step == 3


def test_another_network_goes_on_running_with_the_weights_that_fit(kit: Any, loaded: Make) -> None:
    one = loaded(plan=kit.plan(4, 3))
    one.session.play()
    before = one.until(lambda snapshot: snapshot.step > 50)
    one.session.load(kit.plan(4, 5), kit.data(), kit.settings(), SEED)
    after = one.until(lambda snapshot: snapshot.plan == kit.plan(4, 5))
    assert after.state == "running"
    assert after.run == before.run
    assert after.log is before.log
    ((step, message),) = after.log.marks
    assert str(message) == "network changed"
    assert after.step == step >= before.step, "the first look is before the first update"
    untouched = Program(kit.plan(4, 5), seed=SEED).weights()
    assert not np.array_equal(after.weights["n1.W"], untouched["n1.W"])
    np.testing.assert_array_equal(after.weights["n2.W"][3:], untouched["n2.W"][3:])
    assert not np.array_equal(after.weights["n2.W"][:3], untouched["n2.W"][:3])
    np.testing.assert_array_equal(after.weights["n3.W"][:, 3:], 0)
    trained_on = one.until(lambda snapshot: snapshot.step > step + 50)
    steps = trained_on.log.updates()["step"]
    assert steps.tolist() == list(range(len(steps)))


def test_a_paused_run_stays_paused_and_an_idle_one_idle(kit: Any, loaded: Make) -> None:
    one = loaded()
    one.session.load(kit.plan(6), kit.data(), kit.settings(), SEED)
    assert one.until(lambda snapshot: snapshot.plan == kit.plan(6)).state == "idle"
    one.session.step()
    one.until(stopped_at(1))
    one.session.load(kit.plan(7), kit.data(), kit.settings(), SEED)
    assert one.until(lambda snapshot: snapshot.plan == kit.plan(7)).state == "paused"


def test_a_new_name_disturbs_nothing(kit: Any, loaded: Make, same: Same) -> None:
    dataset, chosen = kit.data(), kit.settings(optimizer="adam")
    one = loaded(dataset=dataset, chosen=chosen)
    one.session.step()
    one.until(stopped_at(1))
    plan = kit.plan()
    first, second, *rest = plan.nodes
    renamed = dataclasses.replace(
        plan, nodes=(first, dataclasses.replace(second, name="Hidden"), *rest)
    )
    one.session.load(renamed, dataset, chosen, SEED)
    assert one.until(lambda snapshot: snapshot.plan == renamed).log.marks == ()
    one.session.step()
    snapshot = one.until(stopped_at(2))
    same(snapshot.weights, reference(kit, 2, chosen))  # Adam's moments are still there


def test_weights_can_be_given(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    one.session.step()
    one.until(stopped_at(1))
    given = Program(kit.plan(), seed=77).weights()
    one.session.load(kit.plan(), kit.data(), kit.settings(), SEED, given)
    same(one.session.weights(), given)


def test_a_new_run_begins_at_rest_with_nothing_of_the_old_one(
    kit: Any, loaded: Make, same: Same
) -> None:
    one = loaded()
    one.session.play()
    old = one.until(lambda snapshot: snapshot.step > 10)
    one.session.load(kit.plan(), kit.data(), kit.settings(), 9, new_run=True)
    new = one.until(lambda snapshot: snapshot.run == 2)
    assert (new.state, new.step) == ("idle", 0)
    assert new.log is not old.log
    same(new.weights, Program(kit.plan(), seed=9).weights())


def test_many_edits_in_a_row_are_made_once(kit: Any, loaded: Make, monkeypatch: Any) -> None:
    made: list[int] = []
    begun, go_on = threading.Event(), threading.Event()
    init = Program.__init__

    def counted(self: Program, plan: Any, **options: Any) -> None:
        made.append(plan.parameter_count)
        init(self, plan, **options)
        begun.set()
        assert go_on.wait(60)

    monkeypatch.setattr(Program, "__init__", counted)
    one = loaded()
    assert begun.wait(60)
    for units in range(5, 40):
        one.session.load(kit.plan(units), kit.data(), kit.settings(), SEED)
    go_on.set()
    one.until(lambda snapshot: snapshot.plan == kit.plan(39))
    assert made == [kit.plan().parameter_count, kit.plan(39).parameter_count]


# --- turns -------------------------------------------------------------------------------------


def test_the_worker_stands_still_until_its_snapshot_is_taken(loaded: Make) -> None:
    one = loaded(takes=False)
    taken: list[Snapshot] = []

    def take() -> Snapshot:
        with one._arrived:
            assert one._arrived.wait_for(lambda: one.news > len(taken), 60)
        snapshot = one.session.mailbox.take()
        assert snapshot is not None
        taken.append(snapshot)
        return snapshot

    assert take().state == "idle"
    one.session.play()
    assert take().state == "running"
    for _ in range(5):
        still = one.session.weights()
        one.session.taken()
        moved = take()
        assert moved.step > taken[-2].step
        for key, array in one.session.weights().items():
            np.testing.assert_array_equal(array, moved.weights[key])
        assert any((moved.weights[key] != still[key]).any() for key in still)


@pytest.mark.parametrize("copying", [COPYING, 10**9])
def test_a_run_begins_gently_so_that_its_first_updates_are_seen(
    loaded: Make, monkeypatch: Any, copying: int
) -> None:
    # However long the machine, busy with something else, takes to copy a snapshot.
    monkeypatch.setattr("netbuilder.training.worker.COPYING", copying)
    one = loaded()
    one.session.play()
    one.until(lambda snapshot: snapshot.step > 20 * GENTLE)
    steps = [snapshot.step for snapshot in one.seen]
    assert all(b - a <= 1 + a // GENTLE for a, b in itertools.pairwise(steps))
    assert len(set(steps)) > GENTLE


def test_training_goes_on_when_nobody_looks(kit: Any, loaded: Make) -> None:
    one = loaded(takes=False, chosen=kit.settings(epochs=2000))
    one.session.play()
    while one.session.state != "finished":
        one.session.weights()
    assert one.news == 1, "there is news only when the mailbox was empty"
    last = one.session.mailbox.take()
    assert last.state == "finished"
    assert last.step == 2000
    assert len(last.log.updates()["cost"]) == 2000


def test_without_turns_nobody_is_waited_for(kit: Any, loaded: Make) -> None:
    one = loaded(takes=True, wants_turns=False, chosen=kit.settings(epochs=500))
    one.session.play()
    assert one.rest("finished").step == 500


def test_a_hold_lets_the_user_go_first_and_then_training_goes_on(loaded: Make) -> None:
    one = loaded()
    one.session.play()
    snapshot = one.until(lambda snapshot: snapshot.step > 10)
    for _ in range(20):
        one.session.hold(0.02)
    one.until(lambda later: later.step > snapshot.step + 10)


# --- weights -----------------------------------------------------------------------------------


def test_weights_are_those_of_this_moment(kit: Any, loaded: Make, same: Same) -> None:
    one = loaded()
    one.session.step()
    one.until(stopped_at(1))
    same(one.session.weights(), reference(kit, 1))
    one.session.play()
    one.until(lambda snapshot: snapshot.step > 20)
    assert one.session.weights().keys() == kit.plan().parameters.keys()
    one.forget()
    one.session.pause()
    same(one.session.weights(), one.rest("paused").weights)
    one.session.close()
    same(one.session.weights(), one.last.weights)


# --- the run as a value -------------------------------------------------------------------------


def test_a_session_records_and_a_fork_goes_on_without_a_seam(
    kit: Any, loaded: Make, same: Same
) -> None:
    chosen = kit.settings(batch_size=7, optimizer="adam")
    one = loaded(plan=kit.plan(4, dropout=0.2), chosen=chosen)
    one.session.play()
    one.until(lambda snapshot: snapshot.step > 60)
    one.session.settings(kit.settings(batch_size=7, optimizer="adam", learning_rate=0.01))
    seen = one.until(lambda snapshot: bool(snapshot.log.marks))
    one.until(lambda snapshot: snapshot.step > seen.step + 60)
    one.session.pause()
    last = one.rest("paused")
    assert last.recorder.keyframes[-1].state.step == last.step, "the moment of rest is kept"
    state = one.session.run_state()
    assert state.step == last.step
    # Any moment, views' snapshots among them, comes back.
    replay = Replay(last.recorder)
    middle = one.seen[len(one.seen) // 2]
    moment = replay.snapshot(middle.step, last)
    same(moment.weights, middle.weights)
    same(moment.gradients, middle.gradients)
    # From there a fork takes the same way.
    one.session.fork(middle.plan, kit.data(), replay.state(middle.step), last.log)
    fork = one.until(lambda snapshot: snapshot.run == 2)
    assert (fork.state, fork.step, fork.epoch) == ("paused", middle.step, middle.epoch)
    assert fork.log is not last.log and fork.recorder is not last.recorder
    assert len(fork.log.updates()["step"]) == middle.step


def test_a_fork_ends_where_its_parent_did(kit: Any, loaded: Make, same: Same) -> None:
    chosen = kit.settings(batch_size=7, patience=40)
    one = loaded(chosen=chosen, dataset=kit.data(30, 9))
    for _ in range(33):
        one.session.step()
    parent = one.until(stopped_at(33))
    state = Replay(parent.recorder).state(17)
    one.session.fork(kit.plan(), kit.data(30, 9), state, parent.log)
    for _ in range(16):
        one.session.step()
    fork = one.until(lambda snapshot: snapshot.run == 2 and stopped_at(33)(snapshot))
    same(fork.weights, parent.weights)
    for name in ("updates", "rows", "evaluations"):
        for column, values in getattr(parent.log, name)().items():
            np.testing.assert_array_equal(getattr(fork.log, name)()[column], values)


def test_a_fork_of_another_networks_state_is_refused_in_words(kit: Any, loaded: Make) -> None:
    one = loaded()
    one.session.step()
    one.until(stopped_at(1))
    one.session.fork(kit.plan(9), kit.data(), one.session.run_state(), one.last.log)
    assert "belongs to another network" in str(one.rest("failed").message)


def test_there_is_no_state_where_nothing_trains(kit: Any, watched: Make) -> None:
    one = watched()
    assert one.session.run_state() is None
    one.session.close()
    assert one.session.run_state() is None


# --- faults ------------------------------------------------------------------------------------


def test_an_error_in_the_worker_is_told_and_survived(
    kit: Any, loaded: Make, same: Same, monkeypatch: Any, caplog: Any
) -> None:
    one = loaded()
    one.session.step()
    one.until(stopped_at(1))
    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL, "netbuilder"):
        patch.setattr(Program, "update", lambda *arguments: 1 // 0)
        one.session.play()
        snapshot = one.rest("failed")
    assert "stopped by an error in the program (ZeroDivisionError" in str(snapshot.message)
    assert "Play goes on from here" in str(snapshot.message)
    assert one.session.state == "failed"
    one.session.step()
    same(one.until(stopped_at(2)).weights, reference(kit, 2))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (np.linalg.LinAlgError("odd"), "LinAlgError: odd"),
        (SystemError("odd"), "SystemError: odd"),
        (RecursionError("odd"), "RecursionError: odd"),
    ],
)
def test_whatever_fails_in_the_worker_is_told_and_it_goes_on(
    loaded: Make, monkeypatch: Any, caplog: Any, error: Exception, words: str
) -> None:
    """Memory that runs out, a BLAS that gives up, and what nobody thought of."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    one = loaded()
    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL, "netbuilder"):
        patch.setattr(Program, "update", fail)
        one.session.play()
        assert words in str(one.rest("failed").message)
    one.session.step()
    one.until(stopped_at(1))


def test_a_network_that_cannot_be_made_fails_and_can_be_exchanged(
    kit: Any, loaded: Make, monkeypatch: Any
) -> None:
    one = loaded(plan=kit.plan(4, 3))
    one.session.step()
    trained = one.until(stopped_at(1)).weights

    def too_large(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Program, "__init__", too_large)
        one.session.load(kit.plan(4, 5), kit.data(), kit.settings(), SEED)
        snapshot = one.rest("failed")
        assert "not enough memory" in str(snapshot.message)
        assert snapshot.plan == kit.plan(4, 5)
        one.forget()
        one.session.play()
        one.rest("failed")
    one.session.load(kit.plan(4, 6), kit.data(), kit.settings(), SEED)
    snapshot = one.until(lambda snapshot: snapshot.plan == kit.plan(4, 6))
    assert (snapshot.state, snapshot.step) == ("paused", 1)
    np.testing.assert_array_equal(snapshot.weights["n1.W"], trained["n1.W"])


def test_play_tries_again_what_could_not_be_made(kit: Any, loaded: Make, monkeypatch: Any) -> None:
    def too_large(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Program, "__init__", too_large)
        one = loaded()
        assert one.rest("failed").weights == {}
    one.session.play()
    one.until(lambda snapshot: snapshot.state == "running" and snapshot.step > 5)


def test_what_the_user_can_mend_is_said_as_it_is(kit: Any, loaded: Make) -> None:
    one = loaded(dataset=kit.data(0))
    assert "no examples to train on" in str(one.rest("failed").message)
    one.session.load(kit.plan(), kit.data(), kit.settings(), SEED)
    one.session.step()
    one.until(stopped_at(1))


# --- the end -----------------------------------------------------------------------------------


def test_close_ends_a_running_thread_and_says_nothing_more(loaded: Make) -> None:
    one = loaded()
    one.session.play()
    one.until(lambda snapshot: snapshot.step > 10)
    assert one.session.close()
    news = one.news
    for command in ("play", "step", "reset", "pause"):
        getattr(one.session, command)()
    assert one.session.close()
    assert one.news == news
    assert not [t for t in threading.enumerate() if t.name.startswith("netbuilder-training")]


def test_close_ends_a_worker_that_waits_for_a_window(loaded: Make) -> None:
    one = loaded(takes=False)
    one.session.play()
    assert one.session.close()


def test_a_session_that_was_never_used_has_no_thread() -> None:
    before = threading.active_count()
    session = Session()
    assert threading.active_count() == before
    assert session.close()


def test_an_update_that_takes_too_long_is_abandoned(loaded: Make, monkeypatch: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()
    one = loaded()
    one.rest("idle")

    def endless(*arguments: Any) -> float:
        begun.set()
        assert go_on.wait(60)
        return 0.5

    monkeypatch.setattr(Program, "update", endless)
    one.session.step()
    assert begun.wait(60)
    assert one.session.weights(timeout=0.001).keys() == one.last.weights.keys()
    assert not one.session.close(timeout=0.001)
    news = one.news
    go_on.set()
    assert one.session.close(timeout=60)
    assert one.news == news


def test_where_telling_of_an_error_fails_too_the_session_says_so_and_goes_on(
    kit: Any, loaded: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = loaded()
    one.rest("idle")
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL):

        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("no snapshot")

        broken.setattr(Trainer, "snapshot", fail)
        one.session.play()
        told = one.rest("failed")
        assert "no snapshot" in str(told.message) and told.weights
        assert one.session.state == "failed"
    one.forget()
    one.session.play()
    one.until(lambda snapshot: snapshot.state == "running" and snapshot.step > 0)
    one.session.pause()
    one.rest("paused")
