"""The command that answers JSON on this machine, so that other programs can try a network."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import FrameType
from typing import Any, ClassVar

from netbuilder import __version__
from netbuilder.cli.terminal import ENDING, OK, say
from netbuilder.errors import Message, UserError, told
from netbuilder.exchange.json_rows import TooMany, answered, described
from netbuilder.exchange.model import Model, load

HOST = "127.0.0.1"
"""The loopback: nobody else reaches it."""
LARGEST = 8 * 1024**2
"""Bytes of a question."""
_READ_ON = 8 * LARGEST
"""So much of a longer one is still taken, so that the sender hears why it was refused."""
_LONGEST_LINE = 1000
"""Characters of an example on the terminal; a longer one is left to GET /."""
_PATIENCE = 20.0
"""Seconds that one waits for the rest of a question."""


class _Ended(BaseException):
    """A signal asks for the end; no error of a question, which the server would go on after."""


class Service(ThreadingHTTPServer):
    """One network at one port; what it is asked, it answers with JSON."""

    daemon_threads = True
    # On Windows that would let a second program take the same port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, model: Model, name: str, port: int) -> None:
        """Raises UserError for a port that cannot be had; 0 is any that is free."""
        self.model = model
        self.name = name
        # So many questions at a time as there is use for.
        self.turn = threading.Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            reason: Message | str = error.strerror or str(error)
            if error.errno == errno.EADDRINUSE:
                reason = Message("another program has it; choose another with --port")
            elif error.errno == errno.EACCES:
                reason = Message("the system keeps it for itself; choose one above 1023")
            raise UserError(
                "Port {port} cannot be had: {reason}.", port=port, reason=reason
            ) from error

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def server_bind(self) -> None:
        """Without the look-up of this machine's name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One who hung up, or fell asleep, is none of ours."""
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if not isinstance(error, (OSError, TimeoutError)):
            say(f"netbuilder: {type(error).__name__}: {error}", to=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    """One question."""

    server: Service
    timeout = _PATIENCE

    _ALLOWED: ClassVar[dict[str, str]] = {"/": "GET", "/predict": "POST"}

    def answer(self) -> None:
        """Whatever was asked, in whatever way."""
        self._left = self._length()
        try:
            status, found, *headers = self._found()
        except (OSError, TimeoutError):
            raise  # who asked is gone
        except TooMany as error:
            status, found, headers = 413, _refusal(error.message), []
        except UserError as error:
            status, found, headers = 400, _refusal(error.message), []
        except MemoryError:
            status, headers = 413, []
            found = _refusal(Message("There is not enough memory for so many rows."))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            status, headers = 500, []
            found = _refusal(Message("This cannot be answered ({reason}).", reason=reason))
        self._send(status, found, *headers)
        # What was refused before all of it came is only heard to be so if the rest is taken too.
        self._left = min(self._left, _READ_ON)
        while self._left > 0 and (taken := self.rfile.read(min(self._left, 65536))):
            self._left -= len(taken)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _found(self) -> tuple[Any, ...]:
        """Status, content and headers of the answer."""
        path = self.path.partition("?")[0]
        allowed = self._ALLOWED.get(path)
        if allowed is None:
            text = "There is no {path} here, but GET / and POST /predict."
            return 404, _refusal(Message(text, path=path))
        if self.command != allowed and (self.command, allowed) != ("HEAD", "GET"):
            words = Message(
                "{path} takes {allowed}, and not {command}.",
                path=path,
                allowed=allowed,
                command=self.command,
            )
            return 405, _refusal(words), ("Allow", allowed)
        if path == "/":
            return 200, described(self.server.model, self.server.name, self.server.address)
        if self._left < 0:
            return 411, _refusal(Message("Expected the length of the body, as curl -d tells it."))
        if self._left > LARGEST:
            text = "The body is too large: expected at most {most:,} bytes."
            return 413, _refusal(Message(text, most=LARGEST))
        body, self._left = self.rfile.read(self._left), 0
        with self.server.turn:
            return 200, answered(self.server.model, body)

    def _length(self) -> int:
        """Of the body, in bytes; −1 where it is not told."""
        length = self.headers.get("Content-Length", "")
        return int(length[:18]) if length.isascii() and length.isdigit() else -1

    def _send(self, status: int, content: dict[str, Any], *headers: tuple[str, str]) -> None:
        indent = 2 if "curl" in content else None  # for people, what the network expects
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent)
        body = f"{text}\n".encode("utf-8", "replace")
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return f"netbuilder/{__version__}"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP, in JSON too."""
        self.close_connection = True
        words = Message("That is no HTTP that is known here: {reason}.", reason=message or "")
        self._send(405 if code == 501 else code, _refusal(words))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A line for each question, for who sits at the terminal."""
        self.log_message("%s %s %s", self.command or "?", told(getattr(self, "path", "")), code)

    def log_message(self, format: str, *values: Any) -> None:
        with contextlib.suppress(OSError):  # a terminal that was closed
            say(format % values, to=sys.stderr)


def _refusal(reason: Message) -> dict[str, Any]:
    return {"error": str(reason)}


def serve(arguments: argparse.Namespace) -> int:
    """Answers until Ctrl-C or another signal ends it."""
    model = load(arguments.file)
    with Service(model, arguments.file.name, arguments.port) as service, _ending():
        say(f"{arguments.file} answers at {service.address}, on this machine alone; Ctrl-C ends it")
        line = described(model, arguments.file.name, service.address)["curl"]
        say(line if len(line) < _LONGEST_LINE else f"curl {service.address}")
        service.serve_forever()
    say("netbuilder: ended.", to=sys.stderr)
    return OK


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Ctrl-C, a system that shuts down and a terminal that is closed are a proper end."""

    def end(number: int, frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise _Ended

    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before: dict[int, Any] = {number: signal.getsignal(number) for number in numbers}
    # What was started to live on without its terminal goes on doing so.
    before = {number: was for number, was in before.items() if was != signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        with contextlib.suppress(_Ended):
            yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)
