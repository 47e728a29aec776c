"""The service on the loopback: questions over HTTP, bounded, refused in JSON, ended cleanly."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from netbuilder.cli import serve
from netbuilder.exchange import json_rows
from netbuilder.exchange.model import load


@pytest.fixture
def trained(ok) -> Path:
    ok("new", "moons.netb", "--data", "moons")
    ok("train", "moons.netb", "--epochs", "2", "--quiet")
    return Path("moons.netb")


@pytest.fixture
def service(trained: Path) -> Iterator[serve.Service]:
    with serve.Service(load(trained), trained.name, 0) as found:
        found.daemon_threads = False  # so that the end waits for all of them
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(service: serve.Service, method: str, path: str, body: bytes | None = None, **headers: str):
    """(status, headers, content)"""
    connection = http.client.HTTPConnection(serve.HOST, service.server_port, timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.getheader("Content-Type") == "application/json; charset=utf-8"
    return answer.status, answer.headers, json.loads(content) if content else None


def test_rows_are_answered(service, trained):
    status, _, found = ask(service, "POST", "/predict", b"[[0.5, 1], [-1, 2]]")
    assert status == 200
    labels = load(trained).predict([[0.5, 1], [-1, 2]]).tolist()
    assert [answer["label"] for answer in found["answers"]] == labels


def test_it_tells_what_it_expects_with_a_line_to_copy(service):
    status, _, told = ask(service, "GET", "/?as=json")
    assert status == 200 and told["network"] == "moons.netb"
    _, _, body, address = shlex.split(told["curl"])
    assert address == f"{service.address}/predict"
    assert ask(service, "POST", "/predict", body.encode())[2] == told["answer"]
    assert ask(service, "HEAD", "/")[::2] == (200, None)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/predict", b"[1, 2", 400, "no JSON"),
        ("POST", "/predict", b"[[1]]", 400, "Row 1 has 1 values, expected 2"),
        ("GET", "/favicon.ico", None, 404, "no /favicon.ico here"),
        ("GET", "/predict", None, 405, "takes POST"),
        ("DELETE", "/", None, 405, "takes GET"),
        ("BREW", "/", None, 405, "BREW"),
    ],
)
def test_refusals_are_json(service, method, path, body, status, words):
    found, headers, told = ask(service, method, path, body)
    assert found == status and words in told["error"]
    if status == 405 and method != "BREW":
        assert headers["Allow"] in told["error"]


def test_sizes_are_bounded(service, monkeypatch):
    monkeypatch.setattr(serve, "LARGEST", 1000)
    status, _, told = ask(service, "POST", "/predict", b" " * 300_000)
    assert status == 413 and "at most 1,000 bytes" in told["error"]
    monkeypatch.setattr(json_rows, "MOST_ROWS", 1)
    assert ask(service, "POST", "/predict", b"[[1, 2], [1, 2]]")[0] == 413


@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_length_is_needed(service, length):
    head = f"POST /predict HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"
    assert raw(service, head.encode()).startswith(b"HTTP/1.0 411")


def test_what_is_no_http_is_refused_in_json(service, capsys):
    answer = raw(service, b"GET / HTTP/nine \x1b[2J\r\n\r\n")
    assert b'"error"' in answer and b"<html" not in answer.lower()
    assert "\x1b" not in capsys.readouterr().err


def test_who_hangs_up_disturbs_nobody(service, capsys):
    with socket.create_connection((serve.HOST, service.server_port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.0\r\nContent-Length: 100\r\n\r\n[[1")
    assert ask(service, "POST", "/predict", b"[1, 2]")[0] == 200
    assert "Traceback" not in capsys.readouterr().err


def test_a_mistake_of_ours_is_told_and_survived(service, monkeypatch, capsys):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(serve, "answered", fail)
    status, _, told = ask(service, "POST", "/predict", b"[1, 2]")
    assert status == 500 and "of ours" in told["error"]
    assert "Traceback" not in capsys.readouterr().err


def raw(service: serve.Service, sent: bytes) -> bytes:
    with socket.create_connection((serve.HOST, service.server_port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_port_that_is_taken_is_refused(service, trained, refused):
    told = refused("serve", trained, "--port", service.server_port)
    assert "another program has it" in told and "--port" in told


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_there_is_not_is_refused(refused, port):
    assert "from 0 to 65535" in refused("serve", "f.netb", "--port", port)


def test_an_untrained_network_is_refused(ok, refused):
    ok("new", "n.netb", "--data", "moons")
    assert "no trained network" in refused("serve", "n.netb")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_clean_end(trained, number):
    command = [sys.executable, "-m", "netbuilder", "serve", str(trained), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            first = process.stdout.readline().decode()
            port = int(re.search(r":(\d+),", first)[1])
            process.stdout.readline()
            connection = http.client.HTTPConnection(serve.HOST, port, timeout=10)
            connection.request("POST", "/predict", b"[1, 2]")
            assert connection.getresponse().status == 200
            connection.close()
            process.send_signal(number)
            _, told = process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode == 0
    assert told.decode().splitlines() == ["POST /predict 200", "netbuilder: ended."]
