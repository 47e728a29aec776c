"""Where everything starts: a command runs without Qt; anything else opens the window."""

from __future__ import annotations

import difflib
import gc
import os
import sys
from pathlib import Path

from netbuilder import cli
from netbuilder.cli.parser import COMMANDS
from netbuilder.errors import UserError
from netbuilder.threads import VARIABLES


def main(argv: list[str] | None = None) -> int:
    """Runs ``netbuilder [FILE.netb]`` or a command, and gives the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and (arguments[0] in COMMANDS or arguments[0].startswith("-")):
        return cli.main(arguments)
    try:
        return _window(_file(arguments))
    except UserError as error:
        return cli.failed(error)


def _file(arguments: list[str]) -> Path | None:
    """The project to open; raises UserError for what is neither a project nor a command."""
    if not arguments:
        return None
    name = arguments[0]
    path = Path(name)
    if path.suffix.lower() != ".netb" and not path.exists():
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        raise UserError(
            "{name} is no project and no command; expected FILE.netb or one of: {known}.{hint}",
            name=name,
            known=", ".join(COMMANDS),
            hint=f" Did you mean {near[0]}?" if near else "",
        )
    if len(arguments) > 1:
        raise UserError(
            "The window opens one project at a time, but there is also {more}.", more=arguments[1]
        )
    if not path.is_file():
        raise UserError(
            "There is no file {path}; make one with `netbuilder new`, or start without a name.",
            path=name,
        )
    return path


def leave_a_core() -> None:
    """Keeps the matrix products off one core, which is the window's; call before NumPy is loaded.

    BLAS threads wait for each other: when the window takes the core of one, all of them stand
    still, and so does the window that waits for the training. What the user has set stays.
    """
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    for variable in VARIABLES:
        os.environ.setdefault(variable, threads)


def _window(path: Path | None) -> int:
    """Opens the window; raises UserError, saying what to install, where there can be none."""
    leave_a_core()
    # Nearly all that a start makes stays: to look for what does not would take a tenth of it.
    gc.disable()
    from netbuilder.gui.window.display import check_display

    check_display()
    from netbuilder.gui.window.app import run

    return int(run(path))


if __name__ == "__main__":
    sys.exit(main())
