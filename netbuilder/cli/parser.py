"""The command line's grammar: commands, options and their help."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from netbuilder import __version__
from netbuilder.errors import UserError

if TYPE_CHECKING:
    from netbuilder.engine.settings import HasSettings

COMMANDS = ("new", "show", "train", "evaluate", "predict", "export", "check", "lab")


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
            _evaluate,
            "house.netb --data sold.csv --json",
            "tell how good the network is",
        ),
        (
            "predict",
            "results",
            _predict,
            "house.netb --data offers.csv --out prices.csv",
            "predict examples and write a CSV file",
        ),
        (
            "export",
            "results",
            _export,
            "house.netb house.onnx",
            "write the trained network for other programs",
        ),
        (
            "check",
            "results",
            _check,
            "house.netb --plant 1:double",
            "compare all gradients with finite differences",
        ),
        (
            "lab",
            "lab",
            _lab,
            "verify all",
            "the course's experiments, with their published figures",
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
        command.set_defaults(run=_late(module, name))
        command.fill = fill
    return main


def _new(command: argparse.ArgumentParser) -> None:
    from netbuilder.data.roles import MISSING, TASKS
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
        help=f"{', '.join(SOURCES)}, or a CSV or NPZ file",
    )
    command.add_argument(
        "--target",
        default="",
        metavar="COLUMN,…",
        help="the column to predict, or several of numbers (default: the last)",
    )
    for option, help in (
        ("ignore", "columns to leave out"),
        ("categories", "columns of numbers that are names, such as a postcode"),
        ("ordered", "columns of words with an order, such as low, medium, high"),
    ):
        command.add_argument(f"--{option}", default="", metavar="COLUMN,…", help=help)
    command.add_argument(
        "--task", default="", metavar="|".join(TASKS), help="default: what the target looks like"
    )
    command.add_argument(
        "--missing",
        default=MISSING[0],
        metavar="|".join(MISSING),
        help="what stands for a missing value; drop leaves the example out (default: median)",
    )
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
        help=f"{_either(LOSSES)} (default: the one that fits)",
    )
    command.add_argument(
        "--init",
        default="",
        metavar="NAME",
        help=f"how the weights start: {_either(INITIALIZERS)} (default: what suits the activation)",
    )
    command.add_argument(
        "--seed", type=_whole, metavar="N", help="of the initial weights (default: 1)"
    )
    command.add_argument(
        "--scale",
        metavar=_choices(DataChoice, "scale"),
        help="scaling of the features (default: standard; none for the flower)",
    )
    command.add_argument(
        "--target-scale",
        metavar=_choices(DataChoice, "target_scale"),
        help="scaling of numbers to be predicted, undone in all predictions (default: standard)",
    )
    command.add_argument(
        "--validation",
        type=_number,
        metavar="F",
        help="share kept aside to watch (default: 0.2 of 50 or more)",
    )
    command.add_argument(
        "--test", type=_number, metavar="F", help="share kept aside for the verdict (default: 0)"
    )
    _reading(command)


def _reading(command: argparse.ArgumentParser) -> None:
    """How a text file is read, where it is guessed wrongly or cannot be told."""
    from netbuilder.data.reading import DECIMALS, DELIMITERS, ENCODINGS, HEADERS

    group = command.add_argument_group("text files", "guessed from the file where nothing is said")
    for name, metavar, help in (
        ("encoding", "NAME", f"{_either(ENCODINGS)}, or another"),
        ("delimiter", "MARK", f"{_either(DELIMITERS)}, or the character itself"),
        ("header", "|".join(HEADERS), "whether the first line names the columns"),
        ("decimal", "|".join(DECIMALS), "the decimal mark; the other one groups thousands"),
        ("comment", "MARK", "what lines begin with that are left out; none for no such lines"),
    ):
        group.add_argument(f"--{name}", default="", metavar=metavar, help=help)


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
        type=_count,
        metavar="N",
        help="how many epochs more (default: as the project says, else as many as suit the data)",
    )
    command.add_argument(
        "--batch-size",
        type=_batch_size,
        metavar="N|full",
        help="examples in an update (a new project has 32; full for the flower)",
    )
    command.add_argument(
        "--learning-rate",
        type=_number,
        metavar="A",
        help="the size of a step (a new project has 0.01; 1.2 for the flower)",
    )
    command.add_argument(
        "--order-seed",
        type=_whole,
        metavar="N",
        help="mini-batches in the order of RandomState(N + epoch), the course's from 11; "
        "0 for netbuilder's own",
    )
    command.add_argument(
        "--schedule",
        metavar="NAME",
        help=f"how the learning rate falls: {_either(SCHEDULES)}",
    )
    command.add_argument(
        "--decay", type=_number, metavar="γ", help="by how much it falls in T epochs"
    )
    command.add_argument("--period", type=_count, metavar="T", help="the epochs that it counts in")
    command.add_argument(
        "--warmup", type=_number, metavar="N", help="epochs over which it first rises, 0 for none"
    )
    command.add_argument(
        "--optimizer",
        metavar="NAME",
        help=f"{_either(OPTIMIZERS)} (a new project has adam; gd for the flower)",
    )
    command.add_argument(
        "--beta",
        type=_number,
        metavar="β",
        help="what every optimiser but gd keeps of its running mean",
    )
    command.add_argument(
        "--l2",
        type=_number,
        metavar="λ",
        help="adds λ/(2m) Σ W² to the cost; adamw shrinks W instead",
    )
    command.add_argument("--l1", type=_number, metavar="λ1", help="adds λ1/m Σ |W| to the cost")
    command.add_argument(
        "--clip-norm",
        type=_number,
        metavar="N",
        help="longer gradients are shortened to this length, 0 for none",
    )
    command.add_argument(
        "--class-weights",
        metavar=_choices(TrainingSettings, "class_weights"),
        help="balanced: a rare class counts as much as a frequent one",
    )
    command.add_argument(
        "--patience",
        type=_count,
        metavar="N",
        help="stop after N epochs without a better validation cost, and write the best state",
    )
    command.add_argument(
        "--target-cost", type=_number, metavar="J", help="stop when the cost has fallen to J"
    )
    command.add_argument(
        "--evaluate-every",
        type=_count,
        metavar="N",
        help="epochs between two looks at accuracy and validation cost (a new project has 10)",
    )
    command.add_argument(
        "--threads",
        type=_count,
        metavar="N",
        help="threads of the matrix products (default: one, or one a core for large products)",
    )
    command.add_argument(
        "--dtype",
        metavar=_choices(TrainingSettings, "dtype"),
        help="the numbers to compute with",
    )
    start = command.add_mutually_exclusive_group()
    start.add_argument("--fresh", action="store_true", help="begin a new run, from the seed")
    start.add_argument(
        "--weights", type=Path, metavar="IN.npz", help="begin a new run, from these weights"
    )
    command.add_argument(
        "--log", type=Path, metavar="COSTS.csv", help="write all costs of the run there"
    )
    command.add_argument("--out", type=Path, metavar="OUT.netb", help="default: FILE.netb itself")
    command.add_argument(
        "--changed-data",
        action="store_true",
        help="learn from the data file as it is now, if it has changed since",
    )
    command.add_argument(
        "--checkpoint",
        type=_minutes,
        metavar="MIN",
        help="write it every MIN minutes too, as long as the cost is a good one",
    )
    say = command.add_mutually_exclusive_group()
    say.add_argument(
        "--json", action="store_true", help="print the result for a program to read, and no more"
    )
    say.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")


def _evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument("--data", type=Path, metavar="FILE", help="other examples, with targets")
    command.add_argument("--json", action="store_true", help="print it for a program to read")
    _reading(command)


def _predict(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="columns are found by name"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    _reading(command)


def _export(command: argparse.ArgumentParser) -> None:
    from netbuilder.exchange.formats import FORMATS

    suffixes = "|".join(found.suffix for found in FORMATS.values())
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument("out", type=Path, metavar=f"OUT{suffixes}")
    # For formats of code; taken so that it is the format which is refused, not the option.
    command.add_argument("--target", help=argparse.SUPPRESS)


def _check(command: argparse.ArgumentParser) -> None:
    from netbuilder.engine.faults import FAULTS
    from netbuilder.engine.gradient_check import STEP

    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--plant",
        action="append",
        default=[],
        metavar="LAYER:FAULT",
        help="make a mistake in a layer, told by number or name, to see it caught: "
        f"{_either(FAULTS)}; may be given several times",
    )
    command.add_argument(
        "--epsilon",
        type=_number,
        default=STEP,
        metavar="ε",
        help=f"of the differences (default: {STEP:g}; the course has 1e-7)",
    )


def _lab(command: argparse.ArgumentParser) -> None:
    from netbuilder.lab.entries import LAB

    named = f"{', '.join(LAB)}"
    doing = command.add_subparsers(dest="do", metavar="list|new|verify", required=True)
    doing.add_parser("list", prog="netbuilder lab list", help="what there is to try")
    new = doing.add_parser("new", prog="netbuilder lab new", help="write an experiment's project")
    new.add_argument("name", metavar="NAME", help=named)
    new.add_argument("out", type=Path, metavar="OUT.netb")
    verify = doing.add_parser(
        "verify", prog="netbuilder lab verify", help="run it, and compare with what is published"
    )
    verify.add_argument("name", metavar="NAME|all", help=named)


def _either(names: Iterable[str]) -> str:
    """a, b or c"""
    *others, last = names
    return f"{', '.join(others)} or {last}"


def _choices(owner: type[HasSettings], name: str) -> str:
    """a|b|c of a setting."""
    return "|".join(next(s.choices for s in owner.settings() if s.name == name))


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


def _minutes(text: str) -> float:
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of minutes above 0, got {text!r}")
    return number


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
