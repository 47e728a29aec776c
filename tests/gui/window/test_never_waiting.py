"""The window's own thread computes no network that takes longer than its share of a frame."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.engine.program import Program
from netbuilder.lens.look import AT_ONCE, Look


@pytest.fixture(scope="module")
def images() -> Project:
    """Filters on images of which one example alone costs more than a frame has time for."""
    random = np.random.RandomState(0)
    pixels = 3 * 32 * 32
    table = Table(
        np.column_stack([random.rand(12, pixels), np.arange(12) % 2]),
        (*(f"p{pixel}" for pixel in range(pixels)), "class"),
        {"class": ("no", "yes")},
        ("class",),
    )
    layers = "reshape 3x32x32, conv 64 3x3 relu, conv 64 3x3 relu, flatten, 1 sigmoid"
    project = new_project(DataChoice(FILE, table=table), layers)
    return project


def test_opening_playing_and_pausing_leave_the_network_to_other_threads(
    window: Any, qtbot: Any, images: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, dear = threading.get_ident(), []
    infer = Program.activations

    def watched(self: Program, X: Any, ids: Any = None) -> Any:
        cost = len(X) * Look._multiplications.func(  # type: ignore[attr-defined]
            type("Of", (), {"plan": self.plan})()
        )
        if threading.get_ident() == here and cost > AT_ONCE:
            dear.append(cost)
        return infer(self, X, ids)

    monkeypatch.setattr(Program, "activations", watched)
    window.store.replace(images)
    window.workspaces.show("watch")
    panels = [window.workspaces.panels[name] for name in ("heatmaps", "boundary", "confusion")]
    look = window.cursor_.look
    qtbot.waitUntil(
        lambda: (
            window.bridge.last is not None
            and window.bridge.last.plan == window.store.compiled.plan
            and window.toolbar.score.value.text().endswith("%")
        ),
        timeout=30_000,
    )
    qtbot.waitUntil(lambda: not any(p.stale for p in panels if p.seen), timeout=30_000)
    assert not any(panel.sentence for panel in panels if panel.seen)
    window.bridge.play()
    qtbot.waitUntil(lambda: window.bridge.last.step >= 2, timeout=30_000)
    window.bridge.pause()
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=30_000)
    qtbot.waitUntil(lambda: not any(p.stale for p in panels if p.seen), timeout=30_000)
    assert look() is not None and dear == []
    # What came by and by is what the network says.
    values = look().activations()
    program = Program(look().plan, dtype="float32", weights=look().weights)
    X = look().dataset.train.X[look().sample].astype(np.float32)
    output = look().plan.nodes[-1].inputs[0]
    np.testing.assert_allclose(values[output].T, infer(program, X, [output])[output], rtol=1e-3)
