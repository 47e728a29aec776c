"""The commands: everything the window can do without being looked at. No Qt in here."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from netbuilder.cli.parser import parser
from netbuilder.cli.terminal import FAILED, INTERRUPTED, OK, failed, say
from netbuilder.errors import UserError

__all__ = ["FAILED", "INTERRUPTED", "OK", "failed", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code: 0, 2 with one line on stderr, or a signal's."""
    for stream in (sys.stdout, sys.stderr):
        # A console that knows no λ, or no 花 in a class name, gets a question mark for it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        arguments = parser().parse_args(argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # what cannot be written is to be told here
        return code
    except UserError as error:
        return failed(error)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    except KeyboardInterrupt:
        say("netbuilder: interrupted; no file is half written.", to=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as head, has seen enough; nothing may be left for Python to flush to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failed(UserError("{reason}.", reason=error.strerror or str(error)))
    except MemoryError:
        return failed("There is not enough memory for this; use fewer examples or units.")
