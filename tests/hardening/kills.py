"""Kills: a process that saves over and over is killed at any moment, and its file is whole.

    python -m tests.hardening.kills [TIMES [SEED]]

The file must open after each kill, as one of the two projects that were being saved in turn, with
the weights of that one; and it must be free to be written again.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from netbuilder.document.file import storage
from netbuilder.document.file.place import Place
from netbuilder.document.model.project import Project
from netbuilder.document.templates import data_choice, new_project

LONGEST = 0.03
"""Seconds that the process is let live; a save takes some milliseconds."""


def projects() -> list[Project]:
    return [new_project(data_choice("flower"), "200 tanh, 1 sigmoid", seed=s) for s in (1, 2)]


def weights_of(seed: int) -> dict[str, np.ndarray]:
    shapes = {"n1.W": (200, 2), "n1.b": (200, 1), "n2.W": (1, 200), "n2.b": (1, 1)}
    return {name: np.full(shape, seed, np.float32) for name, shape in shapes.items()}


def save_for_ever(path: Path, both: list[Project]) -> None:
    place = Place.of(path)
    while True:
        for project in both:
            place = place.write(project, weights_of(project.seed), {})


def kill(times: int, seed: int, folder: Path) -> Counter[str]:
    """What was found in the file after each kill; raises what a file that is lost raises."""
    path, both, dice = folder / "p.netb", projects(), random.Random(seed)
    storage.save(path, both[0], weights_of(1))
    found: Counter[str] = Counter()
    for _ in range(times):
        child = os.fork()
        if child == 0:
            try:
                save_for_ever(path, both)
            finally:
                os._exit(1)
        time.sleep(dice.uniform(0.0, LONGEST))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        loaded = storage.load(path)
        project, weights = loaded.project, loaded.weights
        assert loaded.warnings == () and weights is not None
        assert project in both, "the file holds neither of the two"
        for name, array in weights_of(project.seed).items():
            assert np.array_equal(weights[name], array), "weights of another project"
        found[f"seed {project.seed}"] += 1
        found["half a file beside it"] += len(list(folder.glob(".netbuilder-*"))) > 0
        for half in folder.glob(".netbuilder-*"):
            half.unlink()
        place = Place.of(path)
        assert place.lock is not None, "the lock of a dead process holds the file"
        place.release()
    return found


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        found = kill(times, seed, Path(folder))
    told = ", ".join(f"{what} {count}" for what, count in sorted(found.items()))
    print(f"{times} kills: nothing lost ({told})")


if __name__ == "__main__":
    main()
