"""Names that command a terminal, or are no text: shown as they are, and no more."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from netbuilder import cli

COMMAND, TITLE, TURNED = "\x1b[31m", "\x1b]0;own\x07", "\u202e"
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def table(path: Path, name: str) -> Path:
    rows = (f"{k / 7:.2f},{k % 5},{name}{'no' if k % 2 else 'yes'}\n" for k in range(40))
    path.write_text(f"{name}a,{name}b,{name}kind\n{''.join(rows)}")
    return path


def test_no_command_tells_a_terminal_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = COMMAND + TITLE + TURNED
    data, file = table(Path(f"d{COMMAND}.csv"), bad).name, f"n{TITLE}.netb"
    for words in (
        ("new", file, "--data", data),
        ("train", file, "--epochs", "2"),
        ("show", file, "--statistics"),
        ("evaluate", file),
        ("predict", file, "--data", data, "--out", f"p{COMMAND}.csv"),
        ("export", file, f"w{COMMAND}.npz"),
        ("check", file),
        ("new", "x.netb", "--data", f"missing{COMMAND}.csv"),
        ("train", f"missing{COMMAND}.netb"),
        (f"sh{COMMAND}ow", file),
    ):
        code = cli.main(words)
        said = "".join(capsys.readouterr())
        assert said and not FORBIDDEN.search(said), (words, said)
        assert code == (2 if "missing" in str(words) or COMMAND in words[0] else 0)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_are_read_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        data = table(Path(os.fsdecode(b"d\xff.csv")), "").name
    except OSError:
        pytest.skip("this file system knows no such names")
    file = os.fsdecode(b"n\xff.netb")
    for words in (
        ("new", file, "--data", data),
        ("train", file, "--epochs", "2"),
        ("train", file, "--epochs", "1", "--out", os.fsdecode(b"o\xfe.netb")),
        ("show", file),
        ("predict", file, "--data", data, "--out", os.fsdecode(b"p\xff.csv")),
        ("export", file, os.fsdecode(b"w\xff.npz")),
    ):
        assert cli.main(words) == 0, capsys.readouterr().err
    assert {b"n\xff.netb", b"o\xfe.netb", b"p\xff.csv", b"w\xff.npz"} <= {
        os.fsencode(path.name) for path in tmp_path.iterdir()
    }


def test_only_one_place_prints() -> None:
    """What is said goes through it, and with it every name."""
    folder = Path(cli.__file__).parent
    prints = {
        file.name for file in folder.glob("*.py") if re.search(r"\bprint\(", file.read_text())
    }
    assert prints == {"terminal.py"}
