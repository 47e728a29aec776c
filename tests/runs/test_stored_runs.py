"""Runs in a file: as they were, within bounds, and refused with a reason where they are damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbuilder.document.model.run_marks import RunMarks
from netbuilder.document.templates import first_start
from netbuilder.errors import Message, UserError
from netbuilder.runs.facts import Difference, facts_of
from netbuilder.runs.kept import KeptRun, Runs
from netbuilder.runs.log import MetricLog
from netbuilder.runs.stored_runs import RECORDS, is_of_runs, log_of, runs_of, sections_of_runs

FACTS = facts_of(first_start())


def log(rows: int, seed: int = 0) -> MetricLog:
    found = MetricLog(bounded=True)
    costs = np.random.RandomState(seed).rand(rows)
    found.add_updates(range(rows), list(costs))
    found.add_rows(range(rows), range(rows), list(costs))
    found.add_evaluation(rows // 2, rows // 2, 0.5, 0.9, 0.8)
    found.mark(rows // 2, Message("{setting}: {old} → {new}", setting="α", old=1.2, new=0.3))
    return found


def side_by_side(count: int, rows: int = 50) -> Runs:
    differs = (Difference("α", "1.2", "0.3"),)
    runs = tuple(
        KeptRun(
            n, log(rows, n), {**FACTS, "seed": n}, parent=n - 1, step=3, epoch=2, differs=differs
        )
        for n in range(1, count + 1)
    )
    return Runs(runs, count, count + 2)


def test_they_come_back_as_they_were() -> None:
    runs = side_by_side(3)
    marks = RunMarks({1: "the good one"}, frozenset({2}))
    sections = sections_of_runs(runs, marks)
    found, said = runs_of(sections)
    assert said == marks
    assert (found.current, found.count) == (3, 5)
    for one, other in zip(found.all, runs.all, strict=True):
        for name in ("number", "parent", "step", "epoch", "differs"):
            assert getattr(one, name) == getattr(other, name)
        if one.number == 3:
            assert not len(one.log.rows()["step"]), "the state's own sections have it"
            continue
        assert one.facts == other.facts
        assert one.result() == other.result()
        assert one.log.marks == other.log.marks
        assert one.epochs == other.epochs
    assert dict(sections) == dict(sections_of_runs(runs, marks)), "the same bytes"


def test_long_logs_are_thinned_to_their_extremes() -> None:
    runs = side_by_side(2, 20_000)
    found, _ = runs_of(sections_of_runs(runs, RunMarks()))
    thinned = found.all[0].log.rows()
    assert len(thinned["step"]) <= 1024
    assert found.all[0].result().cost == runs.all[0].result().cost
    assert found.all[0].epochs == 20_000


def test_of_very_many_the_latest_and_pinned_are_kept() -> None:
    found, _ = runs_of(sections_of_runs(side_by_side(60, 4), RunMarks().pin(1)))
    assert [run.number for run in found.all] == [1, *range(22, 61)]


def test_deleted_ones_are_left_out_and_one_alone_needs_no_section() -> None:
    found, _ = runs_of(sections_of_runs(side_by_side(3), RunMarks().delete([1])))
    assert [run.number for run in found.all] == [2, 3]
    assert dict(sections_of_runs(side_by_side(1), RunMarks())) == {}
    assert dict(sections_of_runs(Runs(), RunMarks())) == {}
    nothing, marks = runs_of({})
    assert (nothing.all, marks) == ((), RunMarks())


def test_logs_are_packed_by_who_reads_them_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[object] = []
    to_arrays = MetricLog.to_arrays
    monkeypatch.setattr(
        MetricLog,
        "to_arrays",
        lambda self, most: packed.append(self) or to_arrays(self, most),
    )
    runs = side_by_side(3)
    sections = sections_of_runs(runs, RunMarks(), {"notes.txt": b"kept", log_of(9): b"old"})
    again = sections_of_runs(runs, RunMarks().pin(1), sections)
    assert set(sections) == set(again) == {"notes.txt", RECORDS, log_of(1), log_of(2)}
    assert len(sections) == 4 and not packed
    assert dict(sections)[log_of(1)] == again[log_of(1)] and again["notes.txt"] == b"kept"
    assert packed == [runs.all[0].log, runs.all[1].log]


def changed(name: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    sections = sections_of_runs(side_by_side(3), RunMarks())
    record = msgspec.json.decode(sections[RECORDS])
    change(record)
    return {**sections, RECORDS: msgspec.json.encode(record)}


def drop_logs(record: Any) -> None:
    record["current"] = 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(version=2), "a newer one shows them"),
        (lambda r: r.update(count=1), "out of order"),
        (lambda r: r["runs"].reverse(), "out of order"),
        (lambda r: r["runs"][0].update(parent=1), "out of order"),
        (lambda r: r["runs"][0].update(number="a"), "Expected `int`"),
        (lambda r: r["runs"][0]["facts"].update(seed=[1]), "Expected"),
        (drop_logs, "runs-3.npz is missing"),
        (lambda r: r["runs"][0]["marks"].append([-1, {"text": "x"}]), "before the first update"),
    ],
)
def test_what_is_damaged_is_refused_with_a_reason(change: Any, said: str) -> None:
    with pytest.raises(UserError, match=said):
        runs_of(changed(RECORDS, change))


@pytest.mark.parametrize("name", [RECORDS, log_of(1)])
def test_half_of_them_is_refused(name: str) -> None:
    sections = sections_of_runs(side_by_side(2), RunMarks())
    assert all(map(is_of_runs, sections)) and not is_of_runs("run.npz")
    with pytest.raises(UserError):
        runs_of({name: sections[name]})
    with pytest.raises(UserError):
        runs_of({**sections, name: b"\x00" * 40})


@given(
    facts=st.lists(
        st.dictionaries(
            st.sampled_from(["data", "seed", "layer.n1", "training.l2"]),
            st.one_of(
                st.booleans(),
                st.integers(-(2**53), 2**53),
                st.floats(allow_nan=False, allow_infinity=False),
                st.sampled_from(["", "tanh", "α → β"]),
            ),
            max_size=4,
        ),
        min_size=2,
        max_size=4,
    )
)
def test_facts_survive_being_told_as_changes(facts: list[dict[str, Any]]) -> None:
    runs = tuple(KeptRun(n, log(3), told) for n, told in enumerate(facts, 1))
    found, _ = runs_of(sections_of_runs(Runs(runs, 0, len(runs)), RunMarks()))
    for one, told in zip(found.all, facts, strict=True):
        assert one.facts == told
        assert all(type(one.facts[name]) is type(value) for name, value in told.items())
