"""The options of the commands that use a network: evaluate, predict, export, check, lab, compare.

What there is to choose from is imported when a command is asked for, and not before.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from netbuilder.cli.data_options import add_reading, add_roles
from netbuilder.cli.terminal import either
from netbuilder.cli.values import choices, number, port


def evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="other examples, with targets; -: CSV from standard input",
    )
    command.add_argument("--json", action="store_true", help="print it for a program to read")
    add_reading(command)


def predict(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FILE",
        help="columns are found by name; - reads CSV from standard input",
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.csv",
        help="the data's columns and the predictions; - writes them to standard output",
    )
    add_reading(command)


def export(command: argparse.ArgumentParser) -> None:
    from netbuilder.exchange.formats import FORMATS

    suffixes = "|".join(dict.fromkeys(found.suffix for found in FORMATS.values()))
    frameworks = [found.variant for found in FORMATS.values() if found.source is not None]
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument("out", type=Path, metavar=f"OUT{suffixes}")
    command.add_argument(
        "--framework",
        metavar="|".join(frameworks),
        help="for .py: whose functions the code calls",
    )
    command.add_argument(
        "--matrix",
        action="store_true",
        help="ONNX: one matrix of numbers in and out, by plain operators, for small runtimes",
    )
    command.add_argument(
        "--verify",
        action="store_true",
        help="have the file's consumer, if it is installed, repeat our answers to five rows",
    )
    command.add_argument(
        "--script",
        action="store_true",
        help="print a short program that uses the file, and no more",
    )


def serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--port", type=port, default=8000, metavar="N", help="default: 8000; 0 for any that is free"
    )


def report(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument("out", type=Path, metavar="OUT.html")


def import_(command: argparse.ArgumentParser) -> None:
    from netbuilder.data.sources import SOURCES
    from netbuilder.document.model.project import DataChoice
    from netbuilder.exchange.reading.readers import SUFFIXES

    command.add_argument("file", type=Path, metavar=f"IN{'|'.join(SUFFIXES)}")
    command.add_argument("out", type=Path, metavar="OUT.netb")
    command.add_argument(
        "--data",
        metavar="NAME|FILE",
        help=f"what it is to learn from: {', '.join(SOURCES)}, or a CSV or NPZ file (default: "
        "none; it can predict, and data can be chosen later)",
    )
    command.add_argument(
        "--preview", action="store_true", help="tell what fits where, and write nothing"
    )
    command.add_argument(
        "--force", action="store_true", help="replace OUT.netb even if it holds a trained network"
    )
    command.add_argument(
        "--scale",
        metavar=choices(DataChoice, "scale"),
        help="scaling of the features (default: standard; none where IN does not tell its own)",
    )
    add_roles(command)
    add_reading(command)


def check(command: argparse.ArgumentParser) -> None:
    from netbuilder.engine.faults import FAULTS
    from netbuilder.engine.gradient_check import STEP

    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "--plant",
        action="append",
        default=[],
        metavar="LAYER:FAULT",
        help="make a mistake in a layer, told by number or name, to see it caught: "
        f"{either(FAULTS)}; may be given several times",
    )
    command.add_argument(
        "--epsilon",
        type=number,
        default=STEP,
        metavar="ε",
        help=f"of the differences (default: {STEP:g}; the course has 1e-7)",
    )


def lab(command: argparse.ArgumentParser) -> None:
    from netbuilder.lab.entries import LAB

    doing = command.add_subparsers(dest="do", metavar="list|new|verify", required=True)
    for name, help in (
        ("list", "what there is to try"),
        ("new", "write an experiment's project"),
        ("verify", "run it, and compare with what is published"),
    ):
        part = doing.add_parser(name, prog=f"netbuilder lab {name}", help=help, allow_abbrev=False)
        if name != "list":
            part.add_argument("name", metavar="NAME", help=f"{', '.join(LAB)}; verify takes all")
        if name == "new":
            part.add_argument("out", type=Path, metavar="OUT.netb")


def compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.netb")
    command.add_argument(
        "mine", type=Path, metavar="MINE.npz", help="any of W1 b1 Z1 A1 D1 cost dA1 dZ1 dW1 db1, …"
    )
    command.add_argument("--weights", type=Path, metavar="P.npz", help="not the file's, but these")
    command.add_argument(
        "--template", action="store_true", help="write MINE.npz, with shapes to be filled in"
    )
