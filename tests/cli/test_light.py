"""The command line starts fast: nothing is imported that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ("PySide6", "pyqtgraph", "onnx", "safetensors", "scipy", "netbuilder.gui", "asyncio")


def modules_after(code: str, folder) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stderr.split())


def test_showing_and_training_need_only_numpy(ok, tmp_path):
    ok("new", "f.netb", "--data", "flower", "--layers", "1 sigmoid")
    code = (
        "from netbuilder.__main__ import main\n"
        "assert main(['show', 'f.netb']) == 0\n"
        "assert main(['train', 'f.netb', '--epochs', '1']) == 0\n"
    )
    modules = modules_after(code, tmp_path)
    assert "numpy" in modules
    assert not {name for name in HEAVY if name in modules}


def test_help_needs_nothing(tmp_path):
    modules = modules_after("from netbuilder.cli import main; main(['--help'])", tmp_path)
    assert not {"numpy", *HEAVY} & modules


def test_a_console_without_greek_gets_help_all_the_same():
    ran = subprocess.run(
        [sys.executable, "-m", "netbuilder", "train", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0 and ran.stderr == b""
    assert b"adds ?/(2m) ? W? to the cost" in ran.stdout


def test_a_reader_that_stops_reading_is_no_error(ok, tmp_path):
    ok("new", "f.netb", "--data", "flower", "--layers", "1 sigmoid")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "netbuilder", "show", "f.netb"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
