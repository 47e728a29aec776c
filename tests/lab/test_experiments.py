"""Every experiment of the lab meets its published figures, and a figure can be missed."""

from __future__ import annotations

import dataclasses

import pytest

from netbuilder.document.file.storage import load, save
from netbuilder.errors import UserError
from netbuilder.lab.entries import LAB
from netbuilder.lab.experiment import Figure, chosen
from netbuilder.lab.measure import measured

LONG = ("optimiser", "decay", "spiral-relu", "initialisation", "flower")
"""Half a second and more each; `.ci/run` verifies them all."""
SHORT = [name for name in LAB if not name.startswith(LONG)]


@pytest.mark.parametrize("name", [*SHORT, "flower-3", "initialisation-he", "decay-adam"])
def test_the_published_figures_are_met(name: str) -> None:
    missed = [found for found in measured(LAB[name]) if not found.agrees]
    assert missed == []


def test_a_figure_is_missed_where_the_project_is_another() -> None:
    entry = LAB["flower-seed-3"]
    figures = (Figure("cost", 0, "0.693162"), Figure("cost", 300, "0.693162"))
    found = measured(dataclasses.replace(entry, figures=figures))
    assert [one.agrees for one in found] == [True, False]


@pytest.mark.parametrize(
    ("published", "found", "agrees"),
    [
        ("0.25", 0.2549, True),
        ("0.25", 0.2551, False),
        ("98", 98.4, True),
        ("0.8830537463419761", 0.8830537463419799, True),
        ("0.8830537463419761", 0.8830537464, False),
        ("1.189e-07", 1.1894e-07, True),
        ("1.189e-07", 1.2e-07, False),
        ("0.25", float("nan"), False),
    ],
)
def test_a_figure_agrees_to_its_digits(published: str, found: float, agrees: bool) -> None:
    assert Figure("cost", 0, published).agrees(found) == agrees


def test_every_entry_is_complete_and_its_project_survives_a_file(tmp_path) -> None:
    for name, entry in LAB.items():
        assert entry.name == name and entry.title and entry.look_for.endswith(".")
        assert entry.source and entry.figures and len({*entry.figures}) == len(entry.figures)
        project = entry.project()
        save(tmp_path / "e.netb", project, entry.weights() if entry.weights else None)
        loaded = load(tmp_path / "e.netb").project
        assert (loaded.network, loaded.training) == (project.network, project.training)
        assert dataclasses.replace(loaded.data, table=None) == dataclasses.replace(
            project.data, table=None
        )


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    assert chosen("all") == (*LAB.values(),)
    with pytest.raises(UserError, match="Did you mean flower"):
        chosen("flowr")
