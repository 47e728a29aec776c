"""Fuzzing: readers get files that were right once, and must refuse them in a sentence or read them.

    python -m tests.hardening.fuzz [CASES [SEED]]

A case takes a sound sample of one kind, and cuts, flips, doubles, swaps or fills some of its bytes;
inside a zip also those of one member, whose checksum is made right again. Whatever comes of it but
a result or a UserError is printed with its seed, and the case is kept beside the corpus. Memory is
limited, and a case that takes longer than a few seconds counts as found.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QByteArray, QMimeData, QObject, QSettings

from netbuilder import cli
from netbuilder.data.files import read_table
from netbuilder.data.table import Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file import storage
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.document.templates import new_project
from netbuilder.errors import UserError
from netbuilder.gui.canvas import clipboard
from netbuilder.gui.window import remembered
from netbuilder.gui.window.recent import Recent
from netbuilder.npz import Refused
from netbuilder.training.trainer import Trainer
from tests.hardening import fuzz_networks, kinds
from tests.hardening.kinds import Sample

LONGEST = 10.0
"""Seconds for one case on a busy machine."""
MEMORY = 3 * 2**30
"""Bytes of address space beyond what is in use at the start."""


@cache
def samples() -> dict[str, Sample]:
    rng = np.random.RandomState(0)
    table = Table(
        np.column_stack([rng.rand(24, 2), np.arange(24) % 2]),
        ("a", "b", "kind"),
        {"kind": ("red", "blue")},
        ("kind",),
    )
    project = new_project(DataChoice(FILE, table=table), "3 tanh, 1 sigmoid")
    plan = compile_project(project, dataset_of(project.data).info).plan
    assert plan is not None
    trainer = Trainer(plan, dataset_of(project.data), project.training, 1)
    bursts = trainer.bursts()
    next(bursts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.netb"
        storage.save(path, project, trainer.weights())
        netb = path.read_bytes()
    arrays = io.BytesIO()
    np.savez(arrays, X=rng.rand(20, 3), Y=np.array(["yes", "no"] * 10))
    lines = ["a,b,c", *(f"{x:.3f},{y:.2f},{'no' if k % 2 else 'yes'}" for k, (x, y) in rows(rng))]
    swap = str.maketrans(",.", ".,")
    german = (f"{x:.4f};{1000 * y:,.2f};w".translate(swap) for _, (x, y) in rows(rng))
    comma = ["x;y;z", *german]
    return {
        **fuzz_networks.samples(),
        "netb": (".netb", netb, storage.load),
        "npz": (".npz", arrays.getvalue(), read_table),
        "csv": (".csv", "\n".join(lines).encode(), read_table),
        "csv, decimal commas": (".csv", "\n".join(comma).encode("cp1252"), read_table),
        "csv, utf-16": (".csv", "\n".join(lines).encode("utf-16"), read_table),
        "clipboard": (".json", clipped(project), pasted),
        "settings": (".ini", remembered_in(project), settings_of),
        "layers": (
            ".txt",
            b"reshape 1x8x8, conv 8 3x3 relu, max pool 2, flatten, 10 softmax",
            layers,
        ),
        "arguments": (
            ".txt",
            b"new n.netb --data iris --layers 4 tanh --seed 3 --scale minmax",
            command,
        ),
        "clipboard, frozen": (".json", clipped(new_project(project.data, kinds.FROZEN)), pasted),
        "layers, frozen": (".txt", kinds.FROZEN.encode(), layers),
        **kinds.samples(table),
    }


def rows(rng: np.random.RandomState) -> list[tuple[int, tuple[float, float]]]:
    return [(k, (float(x), float(y))) for k, (x, y) in enumerate(rng.randn(20, 2))]


def clipped(project: Project) -> bytes:
    """All its layers, as Copy leaves them for people to read."""
    network = project.network
    mime = clipboard.to_mime(network, {node.id for node in network.nodes})
    return mime.text().encode()


def pasted(path: Path) -> object:
    mime = QMimeData()
    mime.setData(clipboard.MIME, path.read_bytes())
    return clipboard.from_mime(mime)


def remembered_in(project: Project) -> bytes:
    """What a window leaves in the system's place for settings."""
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        for key in ("geometry", "docks/build", "docks/watch"):
            remembered.put(settings, key, QByteArray(bytes(range(200))))
        settings.setValue("recent", ["/home/a/one.netb", "/home/b/two.netb"])
        settings.setValue("folder", "/home/a")
        settings.setValue("theme", "dark")
        settings.sync()
        return Path(f"{folder}/s.ini").read_bytes()


def settings_of(path: Path) -> object:
    """All that is read of them at a start; a state comes back as it was, or not at all."""
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    remembered.begin_start(settings)
    for key in settings.allKeys():
        state = remembered.get(settings, key)
        if state is not None and state.data() != bytes(range(200)):
            raise AssertionError(f"{key} came back as {state.data()!r}")
    remembered.end_start(settings)
    found = Recent(settings, QObject()).paths
    return found, str(settings.value("theme", "")), str(settings.value("folder", "") or "")


def layers(path: Path) -> object:
    return parse_layers(path.read_bytes().decode("utf-8", errors="replace"))


def command(path: Path) -> object:
    """As typed, in the folder of the case; an exit code is a result."""
    words = path.read_bytes().decode("latin-1").split(" ")
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            code = cli.main([word.replace("\0", "") for word in words])
    finally:
        os.chdir(before)
    if "Traceback" in quiet.getvalue() or code not in (0, 2):
        raise AssertionError(f"exit code {code}: {quiet.getvalue()[-500:]}")
    return code


_TOKEN = re.compile(rb'"[^"]{0,40}"|-?\d+(?:\.\d+)?|true|false|null|\b[a-z]{3,12}\b')
_HOSTILE = (
    *(b"-1", b"0", b"1", b"0.5", b"-0.0", b"1e999", b"1e-320", b"NaN", b"-Infinity"),
    *(b"2147483648", b"99999999999999999999", b"null", b"true", b"[]", b"{}", b"[[]]"),
    *(b"frozen", b"''", b'"n1"', b'"data"', b'"kind"', rb'"\u0000"', rb'"\ud800"'),
    b'"' + 70_000 * b"x" + b'"',
)


def said_otherwise(data: bytes, dice: random.Random) -> bytes:
    """A number or a word of it, or a few, become others: what is around them stays sound."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        tokens = [*_TOKEN.finditer(data)]
        if tokens:
            start, end = dice.choice(tokens).span()
            other = dice.choice(tokens)[0] if dice.random() < 0.4 else dice.choice(_HOSTILE)
            data = data[:start] + other + data[end:]
    return data


def changed(data: bytes, dice: random.Random) -> bytes:
    """Some of its bytes otherwise."""
    if dice.random() < 0.3:
        return said_otherwise(data, dice)
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 5, 20))):
        if not found:
            break
        start = dice.randrange(len(found))
        end = min(len(found), start + dice.choice((1, 1, 2, 4, 16, 200)))
        how = dice.randrange(7)
        if how == 0:
            found[start] ^= 1 << dice.randrange(8)
        elif how == 1:
            found[start:end] = bytes(dice.randrange(256) for _ in range(end - start))
        elif how == 2:
            del found[start:end]
        elif how == 3:
            found[start:start] = found[start:end] * dice.choice((1, 3, 50))
        elif how == 4:
            found[start:end] = bytes(dice.choice((b"\0", b"\xff", b"9", b" ", b","))) * (
                end - start
            )
        elif how == 5:
            other = dice.randrange(len(found))
            found[start:end] = found[other : other + end - start]
        else:
            del found[start:]
    return bytes(found)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Changed as bytes, or within: a member of a zip, a header, a field."""
    within = None if dice.random() < 0.4 else fuzz_networks.within(data)
    if within is not None:
        return within(data, dice, changed)
    if data[:2] != b"PK" or dice.random() < 0.4:
        return changed(data, dice)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        chosen = dice.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, changed(content, dice) if name == chosen else content)
    return made.getvalue()


def fuzz(cases: int, seed: int, keep: Path | None = None) -> tuple[Counter[str], list[str]]:
    """What came of each kind, and what was found."""
    readers, told, found = samples(), Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        for case in range(cases):
            dice = random.Random(seed * 1_000_003 + case)
            kind = dice.choice(list(readers))
            suffix, data, read = readers[kind]
            path = Path(folder) / f"case{suffix}"
            path.write_bytes(mutated(data, dice))
            start = time.monotonic()
            try:
                with limited():
                    read(path)
                told[f"{kind}: read"] += 1
            except (UserError, Refused) as error:
                # Only the guard around all readers knew better than to fail.
                guarded = "of a kind that netbuilder does not know" in str(error)
                told[f"{kind}: {'guarded' if guarded else 'refused'}"] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                found.append(f"{kind}, seed {seed}, case {case}:\n{traceback.format_exc()}")
                if keep is not None:
                    (keep / f"{seed}-{case}{suffix}").write_bytes(path.read_bytes())
            if time.monotonic() - start > LONGEST:
                found.append(f"{kind}, seed {seed}, case {case}: {time.monotonic() - start:.1f} s")
    return told, found


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Ends what takes for ever; whoever makes a sentence of that is found by the clock."""

    def late(*_: object) -> None:
        raise TimeoutError(f"more than {LONGEST:g} seconds")

    if not hasattr(signal, "SIGALRM"):  # on Windows
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST + 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def limit_memory() -> None:
    """So that a file that claims too much fails here, and not the machine."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY, in_use + MEMORY))


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time()) % 100_000
    with contextlib.suppress(OSError):
        limit_memory()
    logging.disable(logging.ERROR)  # what the guard says of what it has caught
    told, found = fuzz(cases, seed, Path.cwd())
    for line, count in sorted(told.items()):
        print(f"{line:32} {count:8,}")
    for text in found[:10]:
        print(text)
    guarded = sum(count for line, count in told.items() if line.endswith("guarded"))
    read = sum(count for line, count in told.items() if line.endswith("read"))
    refused = sum(count for line, count in told.items() if line.endswith("refused"))
    print(
        f"{read:,} read, {refused:,} refused in a sentence, {guarded:,} by the guard alone, "
        f"{len(found)} failed (seed {seed})"
    )
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
