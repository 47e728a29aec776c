"""The command line's grammar: commands, options and their help."""

from __future__ import annotations

import argparse
import keyword
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from netbuilder import __version__
from netbuilder.cli import using
from netbuilder.cli.data_options import add_reading, add_roles
from netbuilder.cli.terminal import either
from netbuilder.cli.values import batch_size, choices, count, minutes, number, whole
from netbuilder.errors import UserError

COMMANDS = (
    "new",
    "show",
    "train",
    "evaluate",
    "predict",
    "export",
    "serve",
    "report",
    "import",
    "check",
    "lab",
    "compare",
)


class _Parser(argparse.ArgumentParser):
    """Refuses in one line, like everything else. Its options are made when it is asked to parse:
    many name what there is to choose from, which the other commands need not import."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.fill is not None:
            self.fill(self)
            self.fill = None
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise UserError(
            "{message} (see {program} --help)",
            message=message[:1].upper() + message[1:].rstrip("."),
            program=self.prog,
        )


def parser() -> argparse.ArgumentParser:
    """What it parses has ``run``, a function of the parsed arguments that gives the exit code."""
    main = _Parser(
        prog="netbuilder",
        usage="netbuilder [FILE.netb]\n       netbuilder COMMAND ...",
        description="Build neural networks by hand, watch them learn, take the weights away. "
        "Without a command the window opens, on FILE.netb if one is given.",
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"netbuilder {__version__}")
    commands = main.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module, fill, example, help in (
        (
            "new",
            "projects",
            _new,
            "house.netb --data house.csv --target price --test 0.2",
            "make a project: data and a chain of layers",
        ),
        (
            "show",
            "projects",
            _show,
            "house.netb --statistics",
            "show layers, shapes, parameters and problems",
        ),
        (
            "train",
            "training",
            _train,
            "house.netb --epochs 200 --patience 20",
            "train the network, going on with the run in the file; "
            "Ctrl-C keeps what was learnt so far, and settings that are not given are the file's",
        ),
        (
            "evaluate",
            "results",
            using.evaluate,
            "house.netb --data sold.csv --json",
            "tell how good the network is",
        ),
        (
            "predict",
            "results",
            using.predict,
            "house.netb --data offers.csv --out prices.csv",
            "predict examples and write a CSV file",
        ),
        (
            "export",
            "results",
            using.export,
            "house.netb house.onnx",
            "write the trained network for other programs",
        ),
        (
            "serve",
            "serve",
            using.serve,
            "house.netb --port 8000",
            "answer rows as JSON on this machine, to try the network from another program; "
            "not for the internet",
        ),
        (
            "report",
            "report",
            using.report,
            "house.netb house.html",
            "write a page about the run: network, data, settings, curve, metrics, what to know",
        ),
        (
            "import",
            "importing",
            using.import_,
            "model.onnx house.netb --data house.csv --target price",
            "make a project of a network that another program has written",
        ),
        (
            "check",
            "results",
            using.check,
            "house.netb --plant 1:double",
            "compare all gradients with finite differences",
        ),
        (
            "lab",
            "lab",
            using.lab,
            "verify all",
            "the course's experiments, with their published figures",
        ),
        (
            "compare",
            "homework",
            using.compare,
            "house.netb mine.npz",
            "check your own arrays: which is the first wrong one, and why",
        ),
    ):
        command = commands.add_parser(
            name,
            help=help,
            description=f"{help[:1].upper()}{help[1:]}.",
            epilog=f"example: netbuilder {name} {example}",
            prog=f"netbuilder {name}",
            allow_abbrev=False,
        )
        command.set_defaults(run=_late(module, name + "_" * keyword.iskeyword(name)))
        command.fill = fill
    return main


def _new(command: argparse.ArgumentParser) -> None:
    from netbuilder.data.sources import SOURCES
    from netbuilder.document.model.project import DataChoice
    from netbuilder.engine.initializers import INITIALIZERS
    from netbuilder.engine.losses import LOSSES

    command.add_argument("out", type=Path, metavar="OUT.netb")
    command.add_argument(
        "--force", action="store_true", help="replace OUT.netb even if it holds a trained network"
    )
    command.add_argument(
        "--data",
        required=True,
        metavar="NAME|FILE",
        help=f"{', '.join(SOURCES)}, or a file: CSV, NPZ, Excel, Parquet",
    )
    add_roles(command)
    command.add_argument(
        "--layers",
        metavar="LAYERS",
        help='units and activation of each, for example "16 relu, dropout 0.2, 3 softmax" or '
        '"reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax" '
        "(default: what suits the data)",
    )
    command.add_argument(
        "--loss",
        default="",
        metavar="NAME",
        help=f"{either(LOSSES)} (default: the one that fits)",
    )
    command.add_argument(
        "--init",
        default="",
        metavar="NAME",
        help=f"how the weights start: {either(INITIALIZERS)} (default: what suits the activation)",
    )
    command.add_argument(
        "--seed", type=whole, metavar="N", help="of the initial weights (default: 1)"
    )
    command.add_argument(
        "--scale",
        metavar=choices(DataChoice, "scale"),
        help="scaling of the features (default: standard; none for the flower)",
    )
    command.add_argument(
        "--target-scale",
        metavar=choices(DataChoice, "target_scale"),
        help="scaling of numbers to be predicted, undone in all predictions (default: standard)",
    )
    command.add_argument(
        "--validation",
        type=number,
        metavar="F",
        help="share kept aside to watch (default: 0.2 of 50 or more)",
    )
    command.add_argument(
        "--test", type=number, metavar="F", help="share kept aside for the verdict (default: 0)"
    )
    command.add_argument(
        "--test-data", metavar="FILE", help="other examples for the verdict, with the same columns"
    )
    add_reading(command)


def _show(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--statistics",
        action="store_true",
        help="dead and saturated units, sizes of weights, gradients and of the next update",
    )


def _train(command: argparse.ArgumentParser) -> None:
    from netbuilder.document.model.project import TrainingSettings
    from netbuilder.engine.optimizers import OPTIMIZERS
    from netbuilder.engine.schedules import SCHEDULES

    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--epochs",
        type=count,
        metavar="N",
        help="how many epochs more (default: as the project says, else as many as suit the data)",
    )
    command.add_argument(
        "--batch-size",
        type=batch_size,
        metavar="N|full",
        help="examples in an update (a new project has 32; full for the flower)",
    )
    command.add_argument(
        "--learning-rate",
        type=number,
        metavar="A",
        help="the size of a step (a new project has 0.01; 1.2 for the flower)",
    )
    command.add_argument(
        "--mask-seed",
        type=whole,
        metavar="N",
        help="dropout's masks from RandomState(N) at every update, as in the course with 1",
    )
    command.add_argument(
        "--order-seed",
        type=whole,
        metavar="N",
        help="mini-batches in the order of RandomState(N + epoch), the course's from 11; "
        "0 for netbuilder's own",
    )
    command.add_argument(
        "--schedule",
        metavar="NAME",
        help=f"how the learning rate falls: {either(SCHEDULES)}",
    )
    command.add_argument(
        "--decay", type=number, metavar="γ", help="by how much it falls in T epochs"
    )
    command.add_argument("--period", type=count, metavar="T", help="the epochs that it counts in")
    command.add_argument(
        "--warmup", type=number, metavar="N", help="epochs over which it first rises, 0 for none"
    )
    command.add_argument(
        "--optimizer",
        metavar="NAME",
        help=f"{either(OPTIMIZERS)} (a new project has adam; gd for the flower)",
    )
    command.add_argument(
        "--beta",
        type=number,
        metavar="β",
        help="what every optimiser but gd keeps of its running mean",
    )
    command.add_argument(
        "--l2",
        type=number,
        metavar="λ",
        help="adds λ/(2m) Σ W² to the cost; adamw shrinks W instead",
    )
    command.add_argument("--l1", type=number, metavar="λ1", help="adds λ1/m Σ |W| to the cost")
    command.add_argument(
        "--clip-norm",
        type=number,
        metavar="N",
        help="longer gradients are shortened to this length, 0 for none",
    )
    command.add_argument(
        "--class-weights",
        metavar=choices(TrainingSettings, "class_weights"),
        help="balanced: a rare class counts as much as a frequent one",
    )
    command.add_argument(
        "--patience",
        type=count,
        metavar="N",
        help="stop after N epochs without a better validation cost, and write the best state",
    )
    command.add_argument(
        "--target-cost", type=number, metavar="J", help="stop when the cost has fallen to J"
    )
    command.add_argument(
        "--evaluate-every",
        type=count,
        metavar="N",
        help="epochs between two looks at accuracy and validation cost (a new project has 10)",
    )
    command.add_argument(
        "--threads",
        type=count,
        metavar="N",
        help="threads of the matrix products (default: one, or one a core for large products)",
    )
    command.add_argument(
        "--dtype",
        metavar=choices(TrainingSettings, "dtype"),
        help="the numbers to compute with",
    )
    start = command.add_mutually_exclusive_group()
    start.add_argument("--fresh", action="store_true", help="begin a new run, from the seed")
    start.add_argument(
        "--weights",
        type=Path,
        metavar="IN",
        help="begin a new run, from the weights in a file as import takes",
    )
    command.add_argument(
        "--log", type=Path, metavar="COSTS.csv|.svg", help="write all costs of the run there"
    )
    command.add_argument(
        "--print-every",
        type=count,
        metavar="N",
        help="print the cost every N iterations, as the course does; with mini-batches epochs",
    )
    command.add_argument("--out", type=Path, metavar="OUT.netb", help="default: FILE.netb itself")
    command.add_argument(
        "--changed-data",
        action="store_true",
        help="learn from the data file as it is now, if it has changed since",
    )
    command.add_argument(
        "--checkpoint",
        type=minutes,
        metavar="MIN",
        help="write it every MIN minutes too, as long as the cost is a good one",
    )
    say = command.add_mutually_exclusive_group()
    say.add_argument(
        "--json", action="store_true", help="print the result for a program to read, and no more"
    )
    say.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")


def _late(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """The command's function, imported when it runs: help and errors need none of it."""

    def run(arguments: argparse.Namespace) -> int:
        found = getattr(import_module(f"netbuilder.cli.{module}"), name)
        return int(found(arguments))

    return run
