"""The command line's grammar: commands, options and their help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from netbuilder import __version__
from netbuilder.errors import UserError

COMMANDS = ("new", "show", "train", "evaluate", "predict", "export", "check")

DEFAULT_EPOCHS = 1000
"""For `train` when neither the command nor the project says when to stop."""


class _Parser(argparse.ArgumentParser):
    """Refuses in one line, like everything else."""

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

    def command(name: str, module: str, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=help,
            description=f"{help[:1].upper()}{help[1:]}.",
            prog=f"netbuilder {name}",
            allow_abbrev=False,
        )
        sub.set_defaults(run=_late(module, name))
        return sub

    new = command("new", "projects", "make a project: data and a chain of layers")
    new.add_argument("out", type=Path, metavar="OUT.netb")
    new.add_argument(
        "--data",
        required=True,
        metavar="NAME|FILE",
        help="flower, circles, moons, spirals, xor, gaussians, iris, digits, or a CSV or NPZ file",
    )
    new.add_argument(
        "--target", default="", metavar="COLUMN", help="the column to predict (default: the last)"
    )
    new.add_argument(
        "--layers",
        required=True,
        metavar="LAYERS",
        help='units and activation of each, for example "16 relu, dropout 0.2, 3 softmax" or '
        '"reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax"',
    )
    new.add_argument("--loss", default="", metavar="NAME", help="default: the one that fits")
    new.add_argument("--init", default="", metavar="NAME", help="how the weights start")
    new.add_argument("--seed", type=_whole, metavar="N", help="of the initial weights (default: 1)")
    new.add_argument("--scale", metavar="none|standard|minmax", help="scaling of the features")
    new.add_argument("--validation", type=_number, metavar="F", help="share kept aside to watch")
    new.add_argument("--test", type=_number, metavar="F", help="share kept aside for the verdict")

    show = command("show", "projects", "show layers, shapes, parameters and problems")
    show.add_argument("file", type=Path, metavar="FILE.netb")
    show.add_argument(
        "--statistics",
        action="store_true",
        help="dead and saturated units, sizes of weights, gradients and of the next update",
    )

    train = command("train", "training", "train the network; Ctrl-C keeps what was learnt so far")
    train.add_argument("file", type=Path, metavar="FILE.netb")
    train.add_argument(
        "--epochs",
        type=_count,
        metavar="N",
        help=f"how long (default: as the project says, else {DEFAULT_EPOCHS:,})",
    )
    train.add_argument(
        "--batch-size", type=_batch_size, metavar="N|full", help="examples in an update"
    )
    train.add_argument("--learning-rate", type=_number, metavar="A", help="the size of a step")
    train.add_argument(
        "--schedule",
        metavar="NAME",
        help="how the learning rate falls: constant, step, exponential, inverse_time or cosine",
    )
    train.add_argument(
        "--decay", type=_number, metavar="γ", help="by how much it falls in T epochs"
    )
    train.add_argument("--period", type=_count, metavar="T", help="the epochs that it counts in")
    train.add_argument(
        "--warmup", type=_number, metavar="N", help="epochs over which it first rises, 0 for none"
    )
    train.add_argument(
        "--optimizer", metavar="NAME", help="gd, momentum, nesterov, rmsprop, adam or adamw"
    )
    train.add_argument(
        "--beta",
        type=_number,
        metavar="β",
        help="what every optimiser but gd keeps of its running mean",
    )
    train.add_argument(
        "--l2",
        type=_number,
        metavar="λ",
        help="adds λ/(2m) Σ W² to the cost; adamw shrinks W instead",
    )
    train.add_argument("--l1", type=_number, metavar="λ1", help="adds λ1/m Σ |W| to the cost")
    train.add_argument(
        "--clip-norm",
        type=_number,
        metavar="N",
        help="longer gradients are shortened to this length, 0 for none",
    )
    train.add_argument(
        "--class-weights",
        metavar="none|balanced",
        help="balanced: a rare class counts as much as a frequent one",
    )
    train.add_argument("--dtype", metavar="float32|float64", help="the numbers to compute with")
    train.add_argument("--weights", type=Path, metavar="IN.npz", help="start from these weights")
    train.add_argument("--log", type=Path, metavar="COSTS.csv", help="write all costs there")
    train.add_argument("--out", type=Path, metavar="OUT.netb", help="default: FILE.netb itself")

    evaluate = command("evaluate", "results", "tell how good the network is")
    evaluate.add_argument("file", type=Path, metavar="FILE.netb")
    evaluate.add_argument("--data", type=Path, metavar="FILE", help="other examples, with targets")
    evaluate.add_argument("--json", action="store_true", help="print it for a program to read")

    predict = command("predict", "results", "predict examples and write a CSV file")
    predict.add_argument("file", type=Path, metavar="FILE.netb")
    predict.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="columns are found by name"
    )
    predict.add_argument("--out", type=Path, required=True, metavar="FILE.csv")

    export = command("export", "results", "write the trained network for other programs")
    export.add_argument("file", type=Path, metavar="FILE.netb")
    export.add_argument("out", type=Path, metavar="OUT.npz|.safetensors|.onnx")
    # For formats of code; taken so that it is the format which is refused, not the option.
    export.add_argument("--target", help=argparse.SUPPRESS)

    check = command("check", "results", "compare all gradients with finite differences")
    check.add_argument("file", type=Path, metavar="FILE.netb")
    check.add_argument(
        "--plant",
        metavar="LAYER:FAULT",
        help="make a mistake in a layer, told by number or name, to see it caught: "
        "mean, double, slope, bias or sign",
    )
    return main


def _late(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """The command's function, imported when it runs: help and errors need none of it."""

    def run(arguments: argparse.Namespace) -> int:
        found = getattr(import_module(f"netbuilder.cli.{module}"), name)
        return int(found(arguments))

    return run


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10**9):
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1,000,000,000, got {text!r}")
    return int(text)


def _batch_size(text: str) -> int:
    """0 stands for the full batch."""
    return 0 if text == "full" else _count(text)
