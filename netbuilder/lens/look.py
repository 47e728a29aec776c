"""A look: what the network does with the data at one moment, computed once and for all views."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset, Part, evenly
from netbuilder.data.example import Column, columns_of
from netbuilder.engine import metrics
from netbuilder.engine.program import Plan, Program, Values, Weights
from netbuilder.engine.statistics import LayerStatistics, layer_statistics
from netbuilder.errors import UserError
from netbuilder.lens import samples
from netbuilder.lens.cases import Case, Example, Prediction
from netbuilder.lens.later import GivenUp, Later, NotYet, in_words
from netbuilder.lens.ranking import Ranking, rankings_of
from netbuilder.lens.samples import Bounds

Array = NDArray[Any]
T = TypeVar("T")

SAMPLE = 64
"""How many examples the heatmaps of activations show."""
STATISTICS = 1000
"""How many examples the statistics of a layer are of, where that is quick."""
BUDGET = 25_000_000
"""Multiplications that one map or one prediction may cost a frame: some milliseconds."""
AT_ONCE = 2 * BUDGET
"""What costs more multiplications is computed later, where there is somebody to do that."""
LATER = 20_000_000_000
"""Multiplications that may be computed later for one thing that is seen: some seconds."""
NUMBERS = 8_000_000
"""How many activations the views may have to go over."""
_COUNTING = 500
"""What an example costs in a metric, in multiplications."""
_READING = 8
"""What a number of the data costs that is looked at once, in multiplications."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Look:
    """One snapshot's weights seen through one data set; everything is computed when asked for.

    What would take longer than a frame has time for raises NotYet, and is computed later.
    """

    plan: Plan
    dataset: Dataset
    weights: Weights
    """The snapshot's, or the initial ones: never changed, safe to keep."""
    gradients: Weights
    """dW and db of the last update; empty before the first."""
    before: Weights
    """The weights before the last update, as far as they are known."""
    live: bool
    """Training goes on, so that speed counts more than completeness."""
    _program: Callable[[], Program]
    """Of the thread that asks for it."""
    _later: Later | None
    """Who computes what takes long; None to wait for it."""
    _of_data: dict[Any, Any]
    """Results that depend on the data alone, shared by the looks at it."""
    _own: dict[Any, Any] = field(default_factory=dict)
    _asked: Array = field(default_factory=lambda: np.empty(0))

    # --- the input plane ---------------------------------------------------------------------

    def bounds(self, features: tuple[int, int] = (0, 1)) -> Bounds:
        """The rectangle that holds all examples, with a margin, in raw feature units."""
        low, high = self.of_data("extent", lambda: samples.extent(self.dataset))
        x, y = features
        return Bounds(low[x], high[x], low[y], high[y])

    def maps(self, size: int = 32, features: tuple[int, int] = (0, 1)) -> dict[str, Array]:
        """Every node's activations over the input plane: id -> (n, size, size), row 0 at the top.

        The pixels of an image count as units, one by one. Features other than these two are held at
        their mean. Do not write into the arrays.
        """
        cost = size * size * self._multiplications
        return self.once(("maps", size, features), lambda: self._compute_maps(size, features), cost)

    def output_map(self, features: tuple[int, int] = (0, 1), largest: int = 96) -> Array:
        """(n_y, size, size): the output over the input plane, row 0 at the top.

        The size is as near to ``largest`` as the network's cost allows.
        """
        size = self.affordable_size(largest)

        def compute() -> Array:
            Y_hat = self._predicted(self._plane(size, features))
            return Y_hat.T.reshape(-1, size, size)

        return self.once(("output", size, features), compute, size**2 * self._multiplications)

    def unit_map(
        self, id: str, unit: int, features: tuple[int, int] = (0, 1), largest: int = 96
    ) -> Array:
        """(size, size): what one unit says over the input plane, as ``output_map`` has it."""
        units = math.prod(self.plan.node(id).shape)
        size = min(self.affordable_size(largest), max(4, math.isqrt(NUMBERS // units)))

        def compute() -> Array:
            A = self._activations(self._plane(size, features), [id])[id]
            return A.reshape(size, size, units)[..., unit].copy()

        key = "unit", id, unit, size, features
        return self.once(key, compute, size**2 * self._multiplications)

    def curve(self, largest: int = 256) -> tuple[Array, Array]:
        """Along the only feature x (size,), raw, what the network says (size, n_y), in its units.

        For data of one feature.
        """
        size = max(16, min(largest, BUDGET // self._multiplications))

        def compute() -> tuple[Array, Array]:
            bounds = self.bounds((0, 0))
            x = np.linspace(bounds.left, bounds.right, size)
            scaling = self.dataset.scaling
            X = x[:, None] if scaling is None else scaling.apply(x[:, None])
            return x, self.dataset.in_units(self._predicted(np.asarray(X, np.float32)))

        return self.once(("curve", size), compute, size * self._multiplications)

    def affordable_size(self, largest: int) -> int:
        """The side of the finest map that this network may compute in every frame."""
        side = int((BUDGET / self._multiplications) ** 0.5)
        coarsest = max(4, min(16, int((LATER / self._multiplications) ** 0.5)))
        return max(coarsest, min(largest, side))

    @cached_property
    def _multiplications(self) -> int:
        """How many one example costs: a weight of a convolution is used all over the image."""
        total = 0
        for node in self.plan.nodes:
            parameters = sum(map(math.prod, node.parameter_shapes.values()))
            total += parameters * (math.prod(node.shape[1:]) if "W" in node.parameter_shapes else 1)
        return max(1, total)

    def _compute_maps(self, size: int, features: tuple[int, int]) -> dict[str, Array]:
        activations = self._activations(self._plane(size, features))
        return {
            id: A.reshape(len(A), -1).T.reshape(-1, size, size) for id, A in activations.items()
        }

    def _plane(self, size: int, features: tuple[int, int]) -> Array:
        """(size², n_x) scaled inputs, row by row from the top left."""

        def compute() -> Array:
            bounds = self.bounds(features)
            step = (np.arange(size) + 0.5) / size
            xs = bounds.left + step * (bounds.right - bounds.left)
            ys = bounds.top - step * (bounds.top - bounds.bottom)
            X = np.tile(
                samples.raw(self.dataset, self.dataset.train).mean(axis=0), (size * size, 1)
            )
            X[:, features[0]] = np.tile(xs, size)
            X[:, features[1]] = np.repeat(ys, size)
            scaling = self.dataset.scaling
            scaled = X if scaling is None else scaling.apply(X)
            return np.ascontiguousarray(scaled, dtype=np.float32)

        return self.of_data(("plane", size, features), compute)

    @property
    def usual_sizes(self) -> tuple[float, float]:
        """How large the numbers of X, scaled, and of Y are in the training part, but for a few."""

        def compute() -> tuple[float, float]:
            part = self.dataset.train
            rows = evenly(part.m, STATISTICS)
            x, y = (float(np.quantile(np.abs(A[rows]), 0.99)) for A in (part.X, part.Y))
            return x, y

        return self.of_data("usual sizes", compute)

    # --- examples ----------------------------------------------------------------------------

    @cached_property
    def sample(self) -> NDArray[np.intp]:
        """Rows of the training part that stand for all of it, in the order of their targets.

        They are SAMPLE, or as many as such a network allows.
        """
        numbers = sum(math.prod(node.shape) for node in self.plan.nodes)
        most = min(SAMPLE, LATER // self._multiplications, NUMBERS // max(1, numbers))
        most = max(1, most)
        return self.of_data(("sample", most), lambda: samples.sample(self.dataset.train, most))

    def activations(self) -> dict[str, Array]:
        """Every node's A over the sample, as the course writes it with the examples last.

        id -> (n, examples), or (channels, height, width, examples) of images.
        """

        def compute() -> dict[str, Array]:
            X = np.ascontiguousarray(self.dataset.train.X[self.sample], dtype=np.float32)
            return {id: np.moveaxis(A, 0, -1) for id, A in self._activations(X).items()}

        return self.once("activations", compute, len(self.sample) * self._multiplications)

    def inspected(self) -> dict[str, Values]:
        """Z, A, dZ and dA of every node over the sample, as ``Program.inspect`` has them."""

        def compute() -> dict[str, Values]:
            X, Y = (A[self.sample] for A in (self.dataset.train.X, self.dataset.train.Y))
            return self._program().inspect(X, Y)

        return self.once("inspected", compute, 3 * len(self.sample) * self._multiplications)

    def means(self) -> dict[str, Array]:
        """What each node's units say on the mean of the sample; of images, those of one example.

        id -> (n,) or (channels, height, width)
        """
        cost = len(self.sample) * self._multiplications
        return self.once(
            "means",
            lambda: {
                id: A.mean(axis=-1) if A.ndim == 2 else A[..., 0]
                for id, A in self.activations().items()
            },
            cost,
        )

    def statistics(self, id: str) -> LayerStatistics:
        """Of one layer, over as many training examples as a frame can afford, 64 to 1,000."""

        most = max(SAMPLE, min(STATISTICS, BUDGET // self._multiplications))
        most = max(1, min(most, LATER // self._multiplications))

        def compute() -> LayerStatistics:
            X = self.of_data(("spread", most), lambda: samples.spread(self.dataset.train, most))
            A = self._activations(X, [id])[id]
            node = self.plan.node(id)
            return layer_statistics(node, A, self.weights, self.gradients, self.before)

        return self.once(("statistics", id), compute, most * self._multiplications)

    def prediction(self, part: str = "train") -> Prediction:
        """The output for "train", "validation" or "test"; while training, of a sample if large."""
        whole: Part = getattr(self.dataset, part)
        count = self._predictable(whole)

        def compute() -> Prediction:
            X, Y = whole.X, whole.Y
            if count < whole.m:
                rows = evenly(whole.m, count)
                X, Y = X[rows], Y[rows]
            Y_hat = self._predicted(np.ascontiguousarray(X, dtype=np.float32))
            in_units = self.dataset.in_units
            return Prediction(Part(X, in_units(Y)), in_units(Y_hat), whole.m)

        return self.once(("prediction", part), compute, self._cost_of_prediction(part))

    def _predictable(self, part: Part) -> int:
        """Of how many examples."""
        most = LATER // self._multiplications
        if self.live:
            most = min(most, max(256, BUDGET // self._multiplications))
        return min(part.m, max(1, most))

    def _cost_of_prediction(self, part: str) -> float:
        """Counting what is right and wrong included."""
        count = self._predictable(getattr(self.dataset, part))
        return count * (self._multiplications + _COUNTING)

    def confusion(self, part: str = "train") -> Array:
        """(classes, classes) counts: rows are the true classes, columns the predicted ones."""

        def compute() -> Array:
            seen = self.prediction(part)
            return metrics.confusion_matrix(seen.Y_hat, seen.part.Y, self.dataset.info.task)

        return self.once(("confusion", part), compute, self._cost_of_prediction(part))

    def metrics(self, part: str = "train") -> dict[str, float]:
        """The measures that fit the task, as engine.metrics.evaluate names them."""

        def compute() -> dict[str, float]:
            seen = self.prediction(part)
            return metrics.evaluate(seen.Y_hat, seen.part.Y, self.dataset.info.task)

        return self.once(("metrics", part), compute, self._cost_of_prediction(part))

    def rankings(self, part: str = "train") -> tuple[Ranking, ...]:
        """How well the outputs tell each class from the rest; see lens.ranking."""
        info, cost = self.dataset.info, self._cost_of_prediction(part)
        return self.once(
            ("rankings", part),
            lambda: rankings_of(self.prediction(part), info.task),
            (1 + info.n_y) * cost,
        )

    def losses(self, part: str = "train") -> Array:
        """(m,): the loss of each of the examples that ``prediction`` is of."""
        whole: Part = getattr(self.dataset, part)
        rows = evenly(whole.m, self._predictable(whole))
        return self.once(
            ("losses", part),
            lambda: self._program().costs(whole.X[rows], whole.Y[rows]),
            self._cost_of_prediction(part),
        )

    # --- one example ---------------------------------------------------------------------------

    def case(self, example: Example) -> Case:
        """What the network makes of one example of the data."""
        part: Part = getattr(self.dataset, example.part)

        def compute() -> Case:
            X, Y = part.X[[example.row]].astype(np.float32), part.Y[[example.row]]
            A = {id: a[0] for id, a in self._program().activations(X).items()}
            losses = self._program().costs(X, Y).tolist()
            return Case(example, X[0], Y[0], A, A[self.plan.output.id], losses[0])

        return self.once(("case", example), compute, 2 * self._multiplications)

    def columns(self) -> tuple[Column, ...]:
        """What there is to know of the data's columns to give an example."""
        X = self.dataset.train.X
        return self.once(
            "columns",
            lambda: self.of_data("columns", lambda: columns_of(self.dataset)),
            0 if "columns" in self._of_data else _READING * X.size,
        )

    def answer(self, x: Array) -> Array:
        """(n_y,), in the targets' own units, of an input x (n_x,), scaled; the latest counts."""
        self._asked = x

        def compute() -> tuple[Array, Array]:
            asked = self._asked
            Y_hat = self._predicted(np.ascontiguousarray(asked[None], dtype=np.float32))
            return asked, self.dataset.in_units(Y_hat)[0]

        known = self._own.get("answer")
        if known is not None and not (isinstance(known, tuple) and np.array_equal(known[0], x)):
            del self._own["answer"]
        return self.once("answer", compute, self._multiplications)[1]

    # --- computing ---------------------------------------------------------------------------

    def _predicted(self, X: Array) -> Array:
        """(m, n_y) for inputs X (m, n_x)."""
        output = self.plan.output.id
        return self._activations(X, [output])[output]

    def _activations(self, X: Array, ids: list[str] | None = None) -> dict[str, Array]:
        """As the program has them; in parts, so that it can be given up between them."""
        program, later = self._program(), self._later
        rows = max(1, AT_ONCE // self._multiplications)
        if later is None or not later.inside or len(X) <= rows:
            return program.activations(X, ids)
        parts = []
        for start in range(0, len(X), rows):
            later.check()
            parts.append(program.activations(X[start : start + rows], ids))
        return {id: np.concatenate([part[id] for part in parts]) for id in parts[0]}

    def once(self, key: Any, compute: Callable[[], T], cost: float = 0) -> T:
        """What ``compute`` gives, kept; ``cost`` in multiplications, see the class for much."""
        later = self._later
        if key not in self._own and cost > AT_ONCE and later is not None and not later.inside:
            later.want(self, key, lambda: self._keep(key, compute), alone=not self.live)
            raise NotYet
        found = _remembered(self._own, key, compute)
        if isinstance(found, UserError):
            raise found
        return found

    def _keep(self, key: Any, compute: Callable[[], Any]) -> None:
        """On the thread that computes later: the result, or why there is none."""
        try:
            _remembered(self._own, key, compute)
        except GivenUp:
            raise
        except Exception as error:
            _log.warning("what was to be seen cannot be computed", exc_info=error)
            self._own[key] = in_words(error)

    def of_data(self, key: Any, compute: Callable[[], T]) -> T:
        """Kept as long as the data is the same."""
        return _remembered(self._of_data, key, compute)


def _remembered(results: dict[Any, Any], key: Any, compute: Callable[[], T]) -> T:
    if key not in results:
        # A network that diverged computes beyond all range: that is shown, not warned of.
        with np.errstate(all="ignore"):
            results[key] = compute()
    found: T = results[key]
    return found
