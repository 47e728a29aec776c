"""A run as the course trains: the code that trains a chain of Dense layers anew, in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netbuilder.engine import schedules
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Array
from netbuilder.engine.textbook import initialize_parameters
from netbuilder.errors import Message
from netbuilder.exchange.code import updates
from netbuilder.exchange.code.slices import sliced
from netbuilder.exchange.code.text import Call, Raw, assigned, comment
from netbuilder.exchange.lesson import Lesson
from netbuilder.exchange.trained import Trained, is_chain
from netbuilder.registry import Facet

_MOST_NUMBERS = 2**24
"""So many numbers of examples at most travel with the code."""
_EPOCHS = 1000
"""Where nothing says how many."""

UPDATES: Facet[str] = Facet(OPTIMIZERS, "NumPy code")
"""The function that makes an update."""
UPDATES.add("gd", "update_parameters")
UPDATES.add("momentum", "update_parameters_with_momentum")
UPDATES.add("nesterov", "update_parameters_with_nesterov")
UPDATES.add("rmsprop", "update_parameters_with_rmsprop")
UPDATES.add("adam", "update_parameters_with_adam")
UPDATES.add("adamw", "update_parameters_with_adam")


def course_layers(plan: Plan) -> tuple[str, ...] | None:
    """The activation of each layer of a chain of Dense layers; None for any other network.

    An activation that follows as a layer of its own counts as the Dense layer's.
    """
    if not is_chain(plan):
        return None
    found: list[str] = []
    for node in plan.nodes[1:-1]:
        function = node.layer.activation
        dense = [len(shape) for shape in node.stored_shapes.values()] == [2, 2]
        if function is None or (node.stored_shapes and not (dense and "W" in node.stored_shapes)):
            return None
        if dense:
            found.append(function)
        elif found and found[-1] == "linear":
            found[-1] = function
        else:
            return None
    return tuple(found)


def course_of(trained: Trained) -> Course | Message:
    """What trains the network as its run did, or why the code does not train."""
    plan, lesson = trained.plan, trained.lesson
    if course_layers(plan) is None:
        return Message("The course's functions train chains of Dense layers alone.")
    if lesson is None:
        return Message("The examples were not at hand.")
    settings = lesson.settings
    told = (
        ("an L1 penalty", settings.l1 > 0),
        ("clipped gradients", settings.clip_norm > 0),
        ("class weights", settings.class_weights != "none" and trained.info.task != "regression"),
        ("a warm-up", settings.warmup > 0),
        ("so many examples", lesson.train.X.size + lesson.train.Y.size > _MOST_NUMBERS),
    )
    for what, there in told:
        if there:
            return Message("The run has {what}, which this code leaves out.", what=Message(what))
    return Course(plan, lesson)


@dataclass(frozen=True, eq=False)
class Course:
    """A run that the course's functions can make again."""

    plan: Plan
    lesson: Lesson

    @property
    def _dims(self) -> list[int]:
        nodes = [self.plan.node(id) for id in self.plan.layer_numbers]
        return [self.plan.nodes[0].shape[0], *(node.shape[0] for node in nodes)]

    @property
    def _scales(self) -> list[float] | None:
        """Of the initial weights, where the run began with those of its seed."""
        dims, scales = self._dims, []
        for n_in, n_out, id in zip(dims, dims[1:], self.plan.layer_numbers, strict=False):
            name = getattr(self.plan.node(id).layer, "initializer", "")
            if name not in INITIALIZERS:
                return None
            scales.append(float(INITIALIZERS[name].scale(n_out, n_in)))
        drawn = initialize_parameters(dims, self.lesson.seed, scales)
        for name, key in self.plan.numbered_names.items():
            begun = self.lesson.initial[key]
            if not np.array_equal(drawn[name].astype(begun.dtype), begun):
                return None
        return scales

    def arrays(self) -> dict[str, Array]:
        """The examples as columns, and the initial weights where no seed gives them."""
        train = self.lesson.train
        found = {"X": train.X.T, "Y": train.Y.T}
        if self._scales is None:
            names = self.plan.numbered_names
            found |= {f"initial_{n}": self.lesson.initial[key] for n, key in names.items()}
        return found

    @property
    def _batches(self) -> int:
        """Examples of a mini-batch; 0 for a full batch."""
        size = self.lesson.settings.batch_size
        return 0 if size >= self.lesson.train.m else size

    @property
    def _l2(self) -> float:
        settings = self.lesson.settings
        return 0.0 if OPTIMIZERS[settings.optimizer].decoupled else settings.l2

    @property
    def _shrinks(self) -> bool:
        settings = self.lesson.settings
        return OPTIMIZERS[settings.optimizer].decoupled and settings.l2 > 0

    @property
    def _factor(self) -> str:
        """The function of the schedule; nothing where the learning rate stays."""
        name = self.lesson.settings.schedule
        return "" if name == "constant" else schedules.SCHEDULES[name].factor.__name__

    @property
    def _shuffles(self) -> str:
        course = self.lesson.settings.order_seed
        return "shuffled_as_in_the_course" if course else "shuffled"

    def wanted(self) -> list[str]:
        """The textbook's functions that it calls."""
        found = ["compute_cost", "L_model_backward"]
        found += [] if self._scales is None else ["initialize_parameters"]
        return [*found, UPDATES[self.lesson.settings.optimizer]]

    def parts(self) -> list[str]:
        """The settings of the run, the functions beyond the textbook's, and what trains."""
        wanted = [UPDATES[self.lesson.settings.optimizer]]
        wanted += ["l2_cost", "with_l2"] if self._l2 else []
        wanted += ["shrunk"] if self._shrinks else []
        wanted += [self._shuffles] if self._batches else []
        given = ("Array", "Parameters", "SEED", "ORDER_SEED")
        found = sliced(updates, wanted, given=given)
        if self._factor:
            found += sliced(schedules, [self._factor])
        return [self._settings(), *found, self._train()]

    def _settings(self) -> str:
        settings, costs, scales = self.lesson.settings, self.lesson.costs, self._scales
        lines = [comment("The run, as its settings are.")]
        if scales is not None:
            lines += [assigned("LAYER_DIMS", self._dims), assigned("SCALES", scales)]
        if scales is not None or (self._batches and not settings.order_seed):
            lines.append(assigned("SEED", self.lesson.seed))
        last = max(costs, default=0)
        epochs = last + (not self._batches) if costs else settings.epochs or _EPOCHS
        lines += [
            assigned("LOSS", self.plan.loss),
            assigned("EPOCHS", epochs),
            assigned("LEARNING_RATE", settings.learning_rate),
        ]
        if UPDATES[settings.optimizer] != "update_parameters":
            lines.append(assigned("BETA", settings.beta))
        if self._batches:
            lines.append(assigned("BATCH_SIZE", self._batches))
            if settings.order_seed:
                lines.append(assigned("ORDER_SEED", settings.order_seed))
        if self._factor:
            lines += [assigned("DECAY", settings.decay), assigned("PERIOD", settings.period)]
        if self._l2 or self._shrinks:
            lines.append(assigned("LAMBDA", settings.l2))
        if costs:
            lines.append(comment("Costs of the run by epoch, to be met again."))
            lines.append(assigned("COSTS", dict(costs)))
        else:
            lines.append(assigned("TOLD", max(1, epochs // 10)))
        return "\n".join(lines)

    def _train(self) -> str:
        """The loop over epochs and, where there are any, mini-batches."""
        batches, pad = self._batches, "    " if self._batches else ""
        X, Y = ("X[:, batch]", "Y[:, batch]") if batches else ("X", "Y")
        lines = [
            "def train() -> Parameters:",
            '    """Trains from the same beginning on the same examples, and prints the costs."""',
            "    with np.load(WEIGHTS) as file:",
            '        X, Y = file["X"], file["Y"]',
        ]
        if self._scales is None:
            lines += [
                '        begun = [name for name in file.files if name.startswith("initial_")]',
                "        parameters = {name[8:]: file[name] for name in begun}",
            ]
        else:
            lines.append("    parameters = initialize_parameters(LAYER_DIMS, SEED, SCALES)")
        update = UPDATES[self.lesson.settings.optimizer]
        steps = update != "update_parameters"
        if steps:
            lines.append("    moments: Moments = {}")
            lines += ["    t = 0"] if batches else []
        lines.append("    m = X.shape[1]" if batches or self._l2 or self._shrinks else "")
        lines.append("    for epoch in range(EPOCHS):")
        if batches:
            lines += [
                "        order, cost = shuffle(m, epoch), 0.0".replace("shuffle", self._shuffles),
                "        for start in range(0, m, BATCH_SIZE):",
                "            batch = order[start : start + BATCH_SIZE]",
            ]
        examples = "len(batch)" if batches else "m"
        loop = [
            f"AL, caches = L_model_forward({X}, parameters, LAYER_ACTIVATIONS)",
            f"{'part' if batches else 'cost'} = compute_cost(AL, {Y}, LOSS)",
        ]
        if self._l2:
            name = "part" if batches else "cost"
            loop.append(f"{name} += l2_cost(parameters, LAMBDA, {examples})")
        if batches:
            loop.append("cost += part * len(batch) / m")
        loop.append(f"grads = L_model_backward(AL, {Y}, caches, LAYER_ACTIVATIONS, LOSS)")
        if self._l2:
            loop.append(f"grads = with_l2(grads, parameters, LAMBDA, {examples})")
        rate = "LEARNING_RATE"
        if self._factor:
            when = "epoch + start / m" if batches else "epoch"
            loop.append(f"alpha = LEARNING_RATE * {self._factor}({when}, DECAY, PERIOD)")
            rate = "alpha"
        if self._shrinks:
            loop.append(f"parameters = shrunk(parameters, {rate} * LAMBDA / {examples})")
        arguments = ["parameters", "grads", rate]
        if steps:
            loop += ["t += 1"] if batches else []
            arguments += ["moments", "t" if batches else "epoch + 1", "BETA"]
        depth = 3 if batches else 2
        call = assigned("parameters", Call(update, *map(Raw, arguments)), depth)
        loop.append(call.lstrip())
        lines += [f"        {pad}{line}" for line in loop]
        number = "epoch + 1" if batches else "epoch"
        if self.lesson.costs:
            lines += [
                f"        if {number} in COSTS:",
                f'            print(f"epoch {{{number}}}: cost {{cost:.6f}}, in the run '
                f'{{COSTS[{number}]:.6f}}")',
            ]
        else:
            lines += [
                "        if epoch % TOLD == 0:",
                f'            print(f"epoch {{{number}}}: cost {{cost:.6f}}")',
            ]
        return "\n".join([*(line for line in lines if line), "    return parameters"])
