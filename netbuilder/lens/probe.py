"""The probe: gives looks at moments of runs, and keeps between them what costs time to make."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from netbuilder.data.dataset import Dataset
from netbuilder.engine.program import Plan, Program, Weights
from netbuilder.lens.later import Later
from netbuilder.lens.look import Look
from netbuilder.runs.snapshot import Snapshot

_INITIAL = 1_000_000
"""Parameters for which initial weights may be made at once."""


class _Loaded:
    """A float32 program that is kept as long as the plan stays the same; one thread's own."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._weights: Weights | None = None

    def with_weights(self, plan: Plan, weights: Weights) -> Program:
        if self._program is None or (self._program.plan is not plan and self._program.plan != plan):
            self._program = Program(plan, dtype="float32", weights=weights)
        elif self._weights is not weights:
            self._program.load(weights)
        self._weights = weights
        return self._program


class Probe:
    """Keeps programs to look with, and the last looks."""

    def __init__(self, later: Later | None = None) -> None:
        """``later``: who computes what takes long; None to wait for it."""
        self._later = later
        self._at_once, self._by_and_by = _Loaded(), _Loaded()
        self._looks: OrderedDict[tuple[int, ...], tuple[Any, Look]] = OrderedDict()
        # What depends on the data alone survives from moment to moment.
        self._of_data: dict[Any, Any] = {}
        self._of_data_key: object = None

    def look(
        self, plan: Plan, dataset: Dataset, snapshot: Snapshot | None, weights: Weights, seed: int
    ) -> Look | None:
        """What can be seen of a network at a moment; None where the data does not fit it.

        Without a snapshot ``weights`` stand in, and where those have nothing, as where the network
        was edited since the snapshot, the initial weights of the seed.
        """
        if plan.nodes[0].shape != (dataset.info.n_x,):
            return None
        if snapshot is None and self._later is not None and plan.parameter_count > _INITIAL:
            return None  # the run is about to tell the initial weights, and to make them takes long
        # A look depends on what a snapshot holds, not on which snapshot it is.
        seen = (snapshot.weights, snapshot.gradients, snapshot.before) if snapshot else ()
        running = snapshot is not None and snapshot.state == "running"
        key = (*map(id, (*seen, plan, dataset)), running)
        if key in self._looks:
            return self._looks[key][1]
        look = self._new_look(plan, dataset, snapshot, weights, seed, running)
        # The objects are kept with the look: an id is only unique while its object lives.
        self._looks[key] = ((snapshot, plan, dataset), look)
        while len(self._looks) > 2:
            self._looks.popitem(last=False)
        return look

    def _new_look(
        self,
        plan: Plan,
        dataset: Dataset,
        snapshot: Snapshot | None,
        weights: Weights,
        seed: int,
        running: bool,
    ) -> Look:
        if snapshot is not None:
            weights = snapshot.weights
        shapes = plan.stored
        fits = {name: W for name, W in weights.items() if shapes.get(name) == W.shape}
        if len(fits) < len(shapes):
            fits = Program(plan, dtype="float32", seed=seed).weights() | fits
        gradients: Weights = {} if snapshot is None else snapshot.gradients
        before: Weights = {} if snapshot is None else snapshot.before
        return Look(
            plan,
            dataset,
            fits,
            {name: dW for name, dW in gradients.items() if shapes.get(name) == dW.shape},
            {name: W for name, W in before.items() if shapes.get(name) == W.shape},
            running,
            lambda: self._loaded_program(plan, fits),
            self._later,
            self._data_cache(dataset),
        )

    def _loaded_program(self, plan: Plan, weights: Weights) -> Program:
        inside = self._later is not None and self._later.inside
        return (self._by_and_by if inside else self._at_once).with_weights(plan, weights)

    def _data_cache(self, dataset: Dataset) -> dict[Any, Any]:
        if self._of_data_key is not dataset:
            self._of_data_key, self._of_data = dataset, {}
        return self._of_data
