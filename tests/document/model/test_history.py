"""Undo and redo."""

from __future__ import annotations

import dataclasses

import pytest

from netbuilder.document.model.history import History
from netbuilder.document.model.project import Project
from netbuilder.document.model.run_marks import RunMarks
from netbuilder.document.templates import first_start


def seeds(count: int) -> list[Project]:
    first = first_start()
    return [dataclasses.replace(first, seed=seed) for seed in range(count)]


@pytest.fixture
def history() -> History[None]:
    return History(first_start(), None)


def test_a_new_history_has_nothing_to_undo(history: History[None]) -> None:
    assert not history.can_undo and not history.can_redo and history.clean
    assert history.undo_label is None and history.redo_label is None
    project = history.project
    assert history.undo() is project and history.redo() is project


def test_undo_and_redo_walk_through_all_documents() -> None:
    projects = seeds(2000)
    history = History(projects[0], None)
    for project in projects[1:]:
        assert history.commit(project, f"seed {project.seed}")
    for project in reversed(projects[:-1]):
        assert history.undo_label == f"seed {project.seed + 1}"
        assert history.undo() is project
    assert not history.can_undo
    for project in projects[1:]:
        assert history.redo_label == f"seed {project.seed}"
        assert history.redo() is project
    assert not history.can_redo


def test_a_commit_forgets_what_was_undone() -> None:
    a, b, c = seeds(3)
    history = History(a, None)
    history.commit(b, "b")
    history.undo()
    history.commit(c, "c")
    assert not history.can_redo and history.project is c
    assert history.undo() is a


def test_no_change_is_no_step(history: History[None]) -> None:
    assert not history.commit(history.project, "nothing")
    assert not history.commit(first_start(), "an equal one")
    assert not history.can_undo


def test_a_drag_is_one_step() -> None:
    a, *drag, last = seeds(20)
    history = History(a, None)
    for project in drag:
        history.commit(project, "learning rate", "slider")
    history.commit(last, "seed")
    assert history.undo() is drag[-1]
    assert history.undo() is a


def test_two_gestures_are_two_steps() -> None:
    a, b, c, d = seeds(4)
    history = History(a, None)
    history.commit(b, "rate", "slider")
    history.seal()
    history.commit(c, "rate", "slider")
    history.commit(d, "other", "another slider")
    assert history.undo() is c
    assert history.undo() is b
    assert history.undo() is a


def test_what_comes_after_an_undo_is_a_step_of_its_own() -> None:
    a, b, c, d = seeds(4)
    history = History(a, None)
    history.commit(b, "rate", "slider")
    history.commit(c, "rate", "other")
    history.undo()
    history.commit(d, "rate", "slider")
    assert history.undo() is b


def test_clean_is_the_document_that_was_saved() -> None:
    a, b, c = seeds(3)
    history = History(a, None)
    history.commit(b, "b")
    assert not history.clean
    history.mark_clean(history.now)
    assert history.clean
    history.undo()
    assert not history.clean
    history.redo()
    assert history.clean
    history.commit(c, "c")
    assert not history.clean


def test_a_saved_document_is_not_merged_away() -> None:
    a, b, c = seeds(3)
    history = History(a, None)
    history.commit(b, "rate", "slider")
    history.mark_clean(history.now)
    history.commit(c, "rate", "slider")
    assert history.undo() is b and history.clean


def test_what_is_beside_a_document_comes_back_with_it() -> None:
    a, b = seeds(2)
    history = History(a, "first")
    history.commit(b, "b")
    assert history.beside == "first"
    history.beside = "second"
    assert list(history.all_beside()) == ["first", "second"]
    history.undo()
    assert history.beside == "first"
    history.redo()
    assert history.beside == "second"


def test_a_step_may_leave_the_document_as_it_is() -> None:
    a, b, c = seeds(3)
    history = History(a, "first")
    history.step("reset", "second")
    assert (history.undo_label, history.project, history.beside) == ("reset", a, "second")
    assert not history.clean
    history.commit(b, "rate", "slider")
    history.commit(c, "rate", "slider")
    assert history.undo() is a
    assert history.beside == "second"
    assert history.undo() is a
    assert history.clean and history.beside == "first"


def test_what_is_said_of_runs_is_a_step_and_stays_with_later_edits() -> None:
    first, second, third = seeds(3)
    history: History[int] = History(first, 1)
    named = RunMarks().rename(1, "mine")
    history.marks = RunMarks().pin(2)
    assert history.clean and not history.can_undo, "as its file says"
    history.commit(second, "edit")
    history.mark("rename run", named)
    assert (history.project, history.beside) == (second, 1) and not history.clean
    history.commit(third, "edit")
    assert history.marks is named
    history.undo()
    assert (history.project, history.marks) == (second, named)
    history.undo()
    assert (history.project, history.marks) == (second, RunMarks().pin(2))
    history.redo()
    assert history.marks is named
