"""The second thread: both share the tasks, and an error in either of them comes out."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from netbuilder.engine.pool import shared

PATIENCE = 60.0


def test_both_threads_take_every_task_once():
    meeting = threading.Barrier(2, timeout=PATIENCE)
    done: list[int] = []
    threads: set[int] = set()

    def work(task: int, thread: int) -> None:
        if thread not in threads:
            threads.add(thread)
            meeting.wait()
        done.append(task)

    shared(work, range(20))
    assert sorted(done) == list(range(20))
    assert threads == {0, 1}


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_one_thread_alone_is_raised(failing):
    failed = threading.Event()

    def work(task: int, thread: int) -> None:
        if thread == failing:
            failed.set()
            raise ZeroDivisionError(f"in thread {thread}")
        # Not before the other one has had its task.
        assert failed.wait(PATIENCE)

    with pytest.raises(ZeroDivisionError, match=f"in thread {failing}"):
        shared(work, [1, 2])


def test_an_error_comes_out_when_the_other_thread_is_done_and_the_next_update_runs():
    meeting = threading.Barrier(2, timeout=PATIENCE)
    raised, ended = threading.Event(), []

    def work(task: int, thread: int) -> None:
        meeting.wait()
        if thread == 0:
            raised.set()
            raise ZeroDivisionError
        assert raised.wait(PATIENCE)
        np.linalg.norm(np.ones((600, 600)) @ np.ones((600, 600)))  # still at work by then
        ended.append(task)

    with pytest.raises(ZeroDivisionError):
        shared(work, [1, 2])
    assert len(ended) == 1  # nobody works on behind the caller's back
    test_both_threads_take_every_task_once()


def test_numpy_warns_in_neither_thread():
    meeting = threading.Barrier(2, timeout=PATIENCE)

    def work(task: int, thread: int) -> None:
        meeting.wait()
        np.divide(np.ones(1), np.zeros(1))

    shared(work, [1, 2])
