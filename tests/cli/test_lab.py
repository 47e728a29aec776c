"""`netbuilder lab`: what there is, its projects, and the verdict with its exit code."""

from __future__ import annotations

import dataclasses

import pytest

from netbuilder.document.file.storage import load
from netbuilder.lab.entries import LAB
from netbuilder.lab.experiment import Figure


def test_the_list_names_every_experiment(ok):
    out = ok("lab", "list").out
    assert [line.split()[0] for line in out.splitlines()[1:]] == [*LAB]


def test_a_new_project_begins_with_the_given_weights(ok):
    assert "One example, by hand" in ok("lab", "new", "mazur", "m.netb").out
    assert load("m.netb").weights["n2.W"].tolist() == [[0.4, 0.45], [0.5, 0.55]]
    assert "i1" in load("m.netb").project.data.table.columns
    assert "cost 0.291028" in ok("train", "m.netb", "--epochs", "1").out  # as he has it, b kept


def test_verify_says_what_agrees(ok):
    out = ok("lab", "verify", "mazur").out.splitlines()
    assert out[0].startswith("mazur: 6 of 6 agree")
    assert "dW2[1,1]: published 0.082167041, here 0.0821670405642, agrees" in out[2]


def test_a_missed_figure_ends_with_2(run, monkeypatch):
    figures = Figure("cost", 0, "0.30"), Figure("cost", 0, "0.4")
    monkeypatch.setitem(LAB._items, "mazur", dataclasses.replace(LAB["mazur"], figures=figures))
    ran = run("lab", "verify", "mazur")
    assert ran.code == 2 and ran.err == "netbuilder: 1 of 2 published figures are missed.\n"
    assert "published 0.4, here 0.29837110876, MISSED" in ran.out


@pytest.mark.parametrize("words", [("new", "nothing", "o.netb"), ("verify", "nothing")])
def test_an_unknown_experiment_is_refused(words, refused):
    assert "no experiment called 'nothing'" in refused("lab", *words)


def test_the_flower_says_where_rounding_decides(ok, monkeypatch):
    short = dataclasses.replace(LAB["flower"], figures=(Figure("cost", 0, "0.693048"),))
    monkeypatch.setitem(LAB._items, "flower", short)
    assert "from update 7,827 on rounding decides" in ok("lab", "verify", "flower").out
